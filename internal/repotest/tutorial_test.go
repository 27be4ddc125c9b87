// SPDX-License-Identifier: MIT

package repotest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A document in docs/tutorials is typed as it stands, from top to bottom, into an
// empty directory:
//
//   - A block of the language console is run by a shell, command after command,
//     and prints what the document says, in the notation of console_test.go.
//   - A block whose first line names a file after the language, as "go x_test.go",
//     becomes that file.
//   - A block of sh is not run: it gets abigen, which the test has built. ../abigen,
//     where it puts the clone, is this repository.
//
// The comment "needs: …" names commands and files without which it cannot be typed.
const tutorialDir = "docs/tutorials/"

func isTutorial(doc string) bool { return strings.HasPrefix(doc, tutorialDir) }

var needs = regexp.MustCompile(`(?m)^<!-- needs: (.*) -->$`)

// missing names what a tutorial needs and is not here.
func missing(text string) error {
	m := needs.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	for _, n := range strings.Fields(m[1]) {
		if strings.HasPrefix(n, "/") {
			if _, err := os.Stat(n); err != nil {
				return fmt.Errorf("the running kernel has no %s", n)
			}
		} else if _, err := exec.LookPath(n); err != nil {
			return fmt.Errorf("no %s in PATH: .ci/run installs it", n)
		}
	}
	return nil
}

// typist types what a tutorial says.
type typist struct {
	t   *testing.T
	dir string
	env []string
	top string
}

func newTypist(t *testing.T) *typist {
	t.Helper()
	bin, err := buildAbigen()
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+filepath.Dir(bin)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOFLAGS=-trimpath", "GOWORK=", "GOPROXY=off", "CGO_ENABLED=0", "LC_ALL=C")
	return &typist{t: t, dir: t.TempDir(), env: env, top: top}
}

// run runs a command and gives what it prints.
func (y *typist) run(command string) (output []string, status int) {
	y.t.Helper()
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(command, "../abigen", y.top))
	cmd.Dir, cmd.Env = y.dir, y.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		y.t.Fatal(err)
	}
	text := strings.TrimRight(string(out), "\n")
	if text == "" {
		return nil, cmd.ProcessState.ExitCode()
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines, cmd.ProcessState.ExitCode()
}

// write makes a file of a block.
func (y *typist) write(name string, lines []string) {
	y.t.Helper()
	file := filepath.Join(y.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		y.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		y.t.Fatal(err)
	}
}

func TestTutorialsDoWhatTheySay(t *testing.T) {
	typed := 0
	for _, doc := range documents(t) {
		if !isTutorial(doc) {
			continue
		}
		typed++
		t.Run(strings.TrimPrefix(doc, tutorialDir), func(t *testing.T) {
			text := read(t, doc)
			if err := missing(text); err != nil {
				t.Skip(err)
			}
			y := newTypist(t)
			blocks, _ := fences(text)
			for _, b := range blocks {
				language, file, _ := strings.Cut(b.language, " ")
				switch {
				case file != "":
					y.write(file, b.lines)
				case language == "console":
					typeSessions(t, y, doc, sessions(b))
				}
			}
		})
	}
	if typed == 0 {
		t.Errorf("no tutorial in %s", tutorialDir)
	}
}

// typeSessions types the commands of a block.
func typeSessions(t *testing.T, y *typist, doc string, ss []session) {
	t.Helper()
	status := 0
	for i, s := range ss {
		if s.command == "echo $?" {
			if want := fmt.Sprint(status); strings.Join(s.output, "\n") != want {
				t.Errorf("%s:%d: exit status %s, the document says %s", doc, s.line, want, s.output)
			}
			continue
		}
		var got []string
		got, status = y.run(s.command)
		if !matches(s.output, got) {
			t.Errorf("%s:%d: %s prints\n%s\nnot\n%s", doc, s.line, s.command, strings.Join(got, "\n"), strings.Join(s.output, "\n"))
		}
		if told := i+1 < len(ss) && ss[i+1].command == "echo $?"; status != 0 && !told {
			t.Fatalf("%s:%d: %s: exit status %d\n%s", doc, s.line, s.command, status, strings.Join(got, "\n"))
		}
	}
}
