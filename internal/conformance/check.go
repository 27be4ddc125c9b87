// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

// Result is what came of comparing one header.
type Result struct {
	Header string
	// ABI is what we read; nil where we refused the header, and Err says why.
	ABI *model.ABI
	Err error
	// ClangError is why clang does not compile the header; empty where it does.
	ClangError string
	// Prelude tells that clang compiles the header only behind others.
	Prelude bool
	Counts  Counts
	// Wrong lists every claim that clang contradicts, and every macro that it
	// takes for a constant and we do not.
	Wrong []string
}

// Refused reports whether clang compiles a header that we do not.
func (r *Result) Refused() bool { return r.Err != nil && r.ClangError == "" }

// prelude is what many headers expect to have been included before them.
const prelude = "stddef.h stdint.h string.h sys/types.h linux/types.h sys/socket.h sys/time.h signal.h linux/if.h"

// define is for BPF alone, of which some headers think that it is no Linux.
const define = "__linux__"

// Check compares headers of a tree with clang. dir is a directory for
// temporary files.
func Check(c *Clang, t *Tree, headers []string, dir string) ([]*Result, error) {
	out := make([]*Result, len(headers))
	var todo []int
	for i, h := range headers {
		out[i] = &Result{Header: h}
		out[i].read(t, "")
		todo = append(todo, i)
	}
	for _, pre := range []string{"", prelude} {
		var qs []question
		bits := make([][]bitClaim, len(todo))
		subjects := make([][]string, len(todo))
		for n, i := range todo {
			r := out[i]
			if pre != "" {
				r.read(t, pre)
			}
			q := question{front: front(t, r.Header, pre)}
			if r.ABI != nil {
				var cs []claim
				cs, bits[n], r.Counts = claims(r.ABI)
				for _, k := range cs {
					q.lines = append(q.lines, k.line)
					subjects[n] = append(subjects[n], k.subject)
				}
			}
			qs = append(qs, q)
		}
		answers, err := c.ask(t.Target.Name, t.Dirs, dir, qs)
		if err != nil {
			return nil, err
		}
		var again []int
		var folds []question
		var read []*Result
		for n, i := range todo {
			r := out[i]
			r.ClangError = answers[n].refused
			r.Prelude = pre != ""
			if r.ClangError != "" {
				again = append(again, i)
				continue
			}
			if err := c.settle(t, dir, &qs[n], &answers[n]); err != nil {
				return nil, err
			}
			for k, text := range answers[n].wrong {
				if text != "" {
					r.Wrong = append(r.Wrong, subjects[n][k]+": clang: "+text)
				}
			}
			wrong, err := c.bits(t.Target.Name, t.Target.BigEndian, t.Dirs, dir, qs[n].front, bits[n])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Header, err)
			}
			r.Wrong = append(r.Wrong, wrong...)
			if r.ABI != nil {
				folds = append(folds, question{front: qs[n].front})
				read = append(read, r)
			}
		}
		if err := c.foldable(t.Target.Name, t.Dirs, folds, read, dir); err != nil {
			return nil, err
		}
		if todo = again; len(todo) == 0 {
			break
		}
	}
	return out, nil
}

// settle asks again about lines that clang does not accept, this time with
// the types that we have built in declared behind the header: macros may use
// them where no include declares them.
func (c *Clang) settle(t *Tree, dir string, q *question, a *answer) error {
	var lines []string
	for k, text := range a.wrong {
		if text != "" {
			lines = append(lines, q.lines[k])
		}
	}
	if len(lines) == 0 {
		return nil
	}
	second, err := c.ask(t.Target.Name, t.Dirs, dir, []question{{q.front + "\n#include <sys/types.h>", lines}})
	if err != nil || second[0].refused != "" {
		return err
	}
	n := 0
	for k := range a.wrong {
		if a.wrong[k] != "" {
			a.wrong[k] = second[0].wrong[n]
			n++
		}
	}
	return nil
}

// read reads the header with our reader, behind the files named in pre.
func (r *Result) read(t *Tree, pre string) {
	o := cheader.Options{Target: t.Target, IncludeDirs: t.Dirs}
	if pre != "" && t.Target.BPF {
		o.Defines = []string{define}
	}
	for _, p := range strings.Fields(pre) {
		for _, d := range t.Dirs {
			if path := filepath.Join(d, p); exists(path) {
				o.Includes = append(o.Includes, path)
				break
			}
		}
	}
	r.ABI, r.Err = cheader.ParseFile(filepath.Join(t.Root, filepath.FromSlash(r.Header)), o)
}

// front is the lines that include a header, behind the files named in pre.
func front(t *Tree, header, pre string) string {
	var b strings.Builder
	if pre != "" && t.Target.BPF {
		b.WriteString("#define " + define + " 1\n")
	}
	for _, p := range strings.Fields(pre) {
		fmt.Fprintf(&b, "#include <%s>\n", p)
	}
	fmt.Fprintf(&b, "#include %q", filepath.Join(t.Root, filepath.FromSlash(header)))
	return b.String()
}

// foldable finds macros that clang takes for constants among those that we
// left out, and enters them in the results. qs has the lines in front of each.
func (c *Clang) foldable(target string, dirs []string, qs []question, rs []*Result, dir string) error {
	names, err := c.balanced(target, dirs, qs, rs, dir)
	if err != nil {
		return err
	}
	some := false
	for i := range rs {
		qs[i].lines = nil
		for _, name := range names[i] {
			some = true
			qs[i].lines = append(qs[i].lines, fold(name))
		}
	}
	if !some {
		return nil
	}
	answers, err := c.ask(target, dirs, dir, qs, shiftsAreErrors...)
	if err != nil {
		return err
	}
	for i, r := range rs {
		for k, text := range answers[i].wrong {
			if text != "" {
				continue
			}
			// What a macro stands for may swallow the lines behind it, so one
			// about which nothing is said is asked about alone.
			alone, err := c.ask(target, dirs, dir, []question{{qs[i].front, []string{fold(names[i][k])}}}, shiftsAreErrors...)
			if err != nil {
				return err
			}
			if alone[0].wrong[0] == "" {
				r.Wrong = append(r.Wrong, fmt.Sprintf("macro %s: clang takes it for a constant, we do not", names[i][k]))
			}
		}
	}
	return nil
}

// balanced returns the object-like macros that we left out of each model and
// that stand for something with matching brackets: others are no expression,
// and would spoil the lines behind them.
func (c *Clang) balanced(target string, dirs []string, qs []question, rs []*Result, dir string) ([][]string, error) {
	names := make([][]string, len(rs))
	var files []string
	expansion := map[string]*string{}
	for i, r := range rs {
		var b strings.Builder
		b.WriteString(qs[i].front + "\n")
		for _, s := range r.ABI.Skipped {
			if strings.HasPrefix(s.Reason, cheader.ObjectLike) {
				names[i] = append(names[i], s.Name)
				fmt.Fprintf(&b, "abigen_%d_%d %s abigen_end\n", i, len(names[i])-1, s.Name)
			}
		}
		if len(names[i]) == 0 {
			continue
		}
		files = append(files, filepath.Join(dir, fmt.Sprintf("e%d.c", i)))
		if err := os.WriteFile(files[len(files)-1], []byte(b.String()), 0o600); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return names, nil
	}
	text, _, err := c.run(target, dirs, []string{"-E", "-P"}, files...)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if key, rest, ok := strings.Cut(line, " "); ok && strings.HasPrefix(key, "abigen_") {
			expansion[key] = &rest
		}
	}
	for i := range names {
		var keep []string
		for k, name := range names[i] {
			e := expansion[fmt.Sprintf("abigen_%d_%d", i, k)]
			if e == nil {
				return nil, fmt.Errorf("%s: clang does not say what the macro %s stands for", rs[i].Header, name)
			}
			if bracketsMatch(*e) {
				keep = append(keep, name)
			}
		}
		names[i] = keep
	}
	return names, nil
}

// bracketsMatch reports whether the brackets outside of quotes match, and no
// semicolon ends anything.
func bracketsMatch(text string) bool {
	var open []byte
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		ch := text[i]
		switch {
		case quote != 0 && ch == '\\':
			i++
		case quote != 0 && ch == quote:
			quote = 0
		case quote != 0:
		case ch == '"' || ch == '\'':
			quote = ch
		case ch == '(':
			open = append(open, ')')
		case ch == '[':
			open = append(open, ']')
		case ch == '{':
			open = append(open, '}')
		case ch == ')' || ch == ']' || ch == '}':
			if len(open) == 0 || open[len(open)-1] != ch {
				return false
			}
			open = open[:len(open)-1]
		case ch == ';' && len(open) == 0:
			return false
		}
	}
	return len(open) == 0 && quote == 0
}

// fold is a line that is correct where a macro is an integer constant
// expression, and not where it is a list of them. Only in an initializer does
// clang look at how far it shifts.
func fold(name string) string {
	return "enum { abigen_fold_" + name + " = __builtin_choose_expr(" + name + ", 1, 1) }; long long abigen_shift_" + name + " = (" + name + ");"
}
