// SPDX-License-Identifier: MIT

package repotest

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A fenced block with the language console shows a session at the top of the
// repository:
//
//	$ abigen explain field.moved
//	what it prints, and what it writes to standard error
//	…
//
// A line with nothing but … stands for any number of lines, … within a line for
// any text, and several blanks for any number from two on: the width of columns
// depends on all their lines. A command that fails must be followed by
// "$ echo $?" and its exit status.
//
// Commands of abigen are run and compared here. Of the others, .ci/run runs
// each in a fresh clone.

// session is one command of a block and what the document says it prints.
type session struct {
	command string
	output  []string
	line    int
}

func sessions(f fence) []session {
	var ss []session
	for i, l := range f.lines {
		if command, ok := strings.CutPrefix(l, "$ "); ok {
			ss = append(ss, session{command: command, line: f.line + i})
		} else if len(ss) > 0 {
			last := &ss[len(ss)-1]
			last.output = append(last.output, l)
		}
	}
	return ss
}

// arguments returns the arguments of a command that runs abigen.
func arguments(command string) ([]string, bool) {
	for _, prefix := range []string{"abigen", "go run ./cmd/abigen"} {
		if rest, ok := strings.CutPrefix(command, prefix); ok && (rest == "" || rest[0] == ' ') {
			var args []string
			for _, a := range strings.Fields(rest) {
				args = append(args, strings.Trim(a, "'"))
			}
			return args, true
		}
	}
	return nil, false
}

// matches reports whether text has the wanted lines, where … stands for any.
func matches(want, text []string) bool {
	if len(want) == 0 {
		return len(text) == 0
	}
	if want[0] == "…" {
		return matches(want[1:], text) || len(text) > 0 && matches(want, text[1:])
	}
	return len(text) > 0 && matchesLine(want[0], text[0]) && matches(want[1:], text[1:])
}

var blanks = regexp.MustCompile(`  +`)

func matchesLine(want, text string) bool {
	parts := strings.Split(blanks.ReplaceAllString(want, "  "), "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(blanks.ReplaceAllString(text, "  "))
}

var buildAbigen = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(toolDir, "abigen")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", bin, "./cmd/abigen")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return bin, nil
})

// run runs abigen at the top of the repository.
func run(t *testing.T, args []string) (output []string, status int) {
	t.Helper()
	bin, err := buildAbigen()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text := strings.TrimSuffix(string(out), "\n")
	if text == "" {
		return nil, cmd.ProcessState.ExitCode()
	}
	return strings.Split(text, "\n"), cmd.ProcessState.ExitCode()
}

func TestConsoleBlocksShowWhatAbigenPrints(t *testing.T) {
	for _, doc := range documents(t) {
		if isTutorial(doc) {
			continue // typed as a whole
		}
		blocks, _ := fences(read(t, doc))
		for _, b := range blocks {
			if b.language != "console" {
				continue
			}
			ss := sessions(b)
			for i, s := range ss {
				args, ok := arguments(s.command)
				if !ok || len(s.output) == 0 && strings.HasPrefix(s.command, "go run") {
					continue
				}
				got, status := run(t, args)
				// Documents are set without trailing blanks.
				for i := range got {
					got[i] = strings.TrimRight(got[i], " ")
				}
				if !matches(s.output, got) {
					t.Errorf("%s:%d: %s prints\n%s\nnot\n%s", doc, s.line, s.command,
						strings.Join(got, "\n"), strings.Join(s.output, "\n"))
				}
				shown := 0
				if i+1 < len(ss) && ss[i+1].command == "echo $?" {
					if _, err := fmt.Sscan(strings.Join(ss[i+1].output, "\n"), &shown); err != nil {
						t.Errorf("%s:%d: no exit status after echo $?", doc, ss[i+1].line)
					}
				}
				if status != shown {
					t.Errorf("%s:%d: %s: exit status %d, the document says %d", doc, s.line, s.command, status, shown)
				}
			}
		}
	}
}

func TestOtherCommandsOfDocumentsAreRunByCI(t *testing.T) {
	var ci []string
	for l := range strings.SplitSeq(read(t, ".ci/run"), "\n") {
		ci = append(ci, strings.TrimSpace(l))
	}
	for _, doc := range documents(t) {
		if isTutorial(doc) {
			continue
		}
		blocks, _ := fences(read(t, doc))
		for _, b := range blocks {
			if b.language != "console" {
				continue
			}
			for _, s := range sessions(b) {
				_, isAbigen := arguments(s.command)
				switch {
				case isAbigen && !strings.HasPrefix(s.command, "go run"):
				case s.command == "echo $?", strings.HasPrefix(s.command, "git clone "), strings.HasPrefix(s.command, "cd "):
				case !slices.Contains(ci, s.command):
					t.Errorf("%s:%d: %s: no line of .ci/run runs it", doc, s.line, s.command)
				}
			}
		}
	}
}

func TestEllipsisStandsForAnyNumberOfLines(t *testing.T) {
	for _, c := range []struct {
		want, text string
		ok         bool
	}{
		{"a|b", "a|b", true},
		{"a|b", "a|b|c", false},
		{"a|…", "a", true},
		{"a|…|c", "a|b|b|c", true},
		{"a|…|c", "a|b|c|d", false},
		{"…|b", "a|c", false},
		{"n … m", "n 32 m", true},
		{"n … m", "n 32 ms", false},
		{"a  b", "a      b", true},
		{"a b", "a  b", false},
		{"a.c", "abc", false},
	} {
		if got := matches(strings.Split(c.want, "|"), strings.Split(c.text, "|")); got != c.ok {
			t.Errorf("matches(%q, %q) = %v, want %v", c.want, c.text, got, c.ok)
		}
	}
}
