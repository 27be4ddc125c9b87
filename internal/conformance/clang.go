// SPDX-License-Identifier: MIT

package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// triples are clang's names of the targets.
var triples = map[string]string{
	"bpfel": "bpfel", "bpfeb": "bpfeb", "amd64": "x86_64-linux-gnu", "386": "i386-linux-gnu", "arm64": "aarch64-linux-gnu",
	"arm": "arm-linux-gnueabihf", "riscv64": "riscv64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu",
	"loong64": "loongarch64-linux-gnu", "mips": "mips-linux-gnu", "mips64le": "mips64el-linux-gnuabi64",
}

// ErrNoClang is wrapped by the error of [FindClang] where there is no compiler
// to compare with.
var ErrNoClang = errors.New("the comparison with a C compiler needs clang")

// Clang is the compiler that our answers are compared with. It may be used by
// several goroutines.
type Clang struct {
	// Path is the executable's.
	Path string
	// Include is the directory of the compiler's own headers, stddef.h and the
	// like.
	Include string

	mu    sync.Mutex
	flags map[string][]string
}

// FindClang finds clang-19, or what the environment variable ABIGEN_CLANG
// names.
func FindClang() (*Clang, error) {
	name := os.Getenv("ABIGEN_CLANG")
	if name == "" {
		name = "clang-19"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not installed: %w: install it, or name another in ABIGEN_CLANG", name, ErrNoClang)
	}
	out, err := exec.Command(path, "-print-resource-dir").Output()
	if err != nil {
		return nil, fmt.Errorf("%s -print-resource-dir: %w", path, err)
	}
	return &Clang{Path: path, Include: filepath.Join(string(bytes.TrimSpace(out)), "include"), flags: map[string][]string{}}, nil
}

// frontend returns the arguments of the compiler proper for a target. Run
// without its driver, one process takes any number of files, which saves most
// of the time of small ones; the driver is asked once what it would have said.
func (c *Clang) frontend(target string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.flags[target]; f != nil {
		return f, nil
	}
	triple := triples[target]
	if triple == "" {
		return nil, fmt.Errorf("target %q: clang's name for it is not known", target)
	}
	out, err := exec.Command(c.Path, "-###", "-target", triple, "-nostdinc", "-fsyntax-only", "-O0", "-w", "-ferror-limit=0",
		"-fno-caret-diagnostics", "-x", "c", os.DevNull).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s -###: %w: %s", c.Path, err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	words := unquote(lines[len(lines)-1])
	at := slices.Index(words, "-cc1")
	if at < 0 || len(words)-at < 5 {
		return nil, fmt.Errorf("%s -###: no -cc1 in %q", c.Path, lines[len(lines)-1])
	}
	var flags []string
	for i := at; i < len(words)-3; i++ { // -x c /dev/null
		switch w := words[i]; {
		case w == "-main-file-name":
			i++
		case w == "-fsyntax-only", w == "-disable-free", strings.HasPrefix(w, "-fdebug-compilation-dir"),
			strings.HasPrefix(w, "-fcoverage-compilation-dir"):
		default:
			flags = append(flags, w)
		}
	}
	c.flags[target] = flags
	return flags, nil
}

// unquote splits a line of words in double quotes.
func unquote(line string) []string {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		q, err := strconv.QuotedPrefix(line)
		if err != nil {
			w, rest, _ := strings.Cut(line, " ")
			words, line = append(words, w), rest
			continue
		}
		w, _ := strconv.Unquote(q)
		words, line = append(words, w), line[len(q):]
	}
	return words
}

// run runs the compiler proper on files and returns what it printed on its
// two outputs. Errors in the files are no error of run.
func (c *Clang) run(target string, dirs []string, action []string, files ...string) (stdout, stderr []byte, err error) {
	flags, err := c.frontend(target)
	if err != nil {
		return nil, nil, err
	}
	args := append(slices.Clone(flags), action...)
	if slices.Contains(action, shiftsAreErrors[0]) {
		// -w would silence them as well.
		args = slices.DeleteFunc(args, func(a string) bool { return a == "-w" })
	}
	for _, d := range dirs {
		args = append(args, "-isystem", d)
	}
	args = append(append(args, "-x", "c"), files...)
	cmd := exec.Command(c.Path, args...)
	var out, msgs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &msgs
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			return nil, nil, fmt.Errorf("%s for %s: %w: %s", c.Path, target, err, lastLines(msgs.String(), 5))
		}
	}
	return out.Bytes(), msgs.Bytes(), nil
}

// shiftsAreErrors makes clang refuse a shift by more bits than there are, which
// C does not define: clang then shifts by as many as it can, and others yield 0.
var shiftsAreErrors = []string{"-Werror=shift-count-overflow", "-Werror=shift-count-negative"}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// complaint is an error of the compiler.
type complaint struct {
	// line is the line of the file that was compiled, 0 where the error is in a
	// file that it includes.
	line int
	// text says what is wrong; with the place where that is an included file.
	text string
}

// complaints sorts the compiler's messages by the file that was compiled.
func complaints(msgs []byte, files []string) map[string][]complaint {
	known := map[string]bool{}
	for _, f := range files {
		known[f] = true
	}
	out := map[string][]complaint{}
	current := ""
	for line := range strings.Lines(string(msgs)) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "In file included from "); ok {
			if file, _, ok := strings.Cut(rest, ":"); ok && known[file] {
				current = file
			}
			continue
		}
		place, text, ok := strings.Cut(line, ": error: ")
		if !ok {
			place, text, ok = strings.Cut(line, ": fatal error: ")
		}
		if !ok {
			if at, note, ok := strings.Cut(line, ": note: expression evaluates to "); ok {
				file, _, _ := strings.Cut(at, ":")
				if cs := out[file]; len(cs) > 0 {
					cs[len(cs)-1].text += ": " + note
				}
			}
			continue
		}
		file, rest, _ := strings.Cut(place, ":")
		n, _, _ := strings.Cut(rest, ":")
		if known[file] {
			current = file
			k, _ := strconv.Atoi(n)
			out[file] = append(out[file], complaint{k, text})
		} else {
			out[current] = append(out[current], complaint{0, place + ": " + text})
		}
	}
	return out
}

// question is a file to compile: lines in front, then one a claim.
type question struct {
	front string
	lines []string
}

// answer is what the compiler said about a question.
type answer struct {
	// refused is the first complaint about the lines in front.
	refused string
	// wrong has the complaint about each line, "" for none.
	wrong []string
}

// ask compiles questions, all in one process.
func (c *Clang) ask(target string, dirs []string, dir string, qs []question, flags ...string) ([]answer, error) {
	files := make([]string, len(qs))
	for i := range qs {
		files[i] = filepath.Join(dir, fmt.Sprintf("q%d.c", i))
		text := qs[i].front + "\n" + strings.Join(qs[i].lines, "\n") + "\n"
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	_, msgs, err := c.run(target, dirs, append([]string{"-fsyntax-only"}, flags...), files...)
	if err != nil {
		return nil, err
	}
	said := complaints(msgs, files)
	out := make([]answer, len(qs))
	for i := range qs {
		head := strings.Count(qs[i].front, "\n") + 1
		out[i].wrong = make([]string, len(qs[i].lines))
		for _, m := range said[files[i]] {
			k := m.line - head - 1
			switch {
			case m.line <= head:
				if out[i].refused == "" {
					out[i].refused = m.text
				}
			case k < len(out[i].wrong) && out[i].wrong[k] == "":
				out[i].wrong[k] = m.text
			}
		}
		if out[i].refused == "" && len(said[""]) > 0 {
			return nil, fmt.Errorf("clang: %s", said[""][0].text)
		}
	}
	return out, nil
}
