// SPDX-License-Identifier: MIT

package programs

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/bpf/programs"
)

//go:embed *.txt
var pinned embed.FS

// Step is a command of a case file and what follows it.
type Step struct {
	Line    int // from 1
	Command string
	Want    []string // without the mark
	ByHand  bool

	before []string // comments and empty lines
}

// Verb is the first word of the command.
func (st Step) Verb() string {
	verb, _, _ := strings.Cut(st.Command, " ")
	return verb
}

// Script is a case file.
type Script struct {
	Name  string
	Steps []Step

	after []string
}

// fileOf is the case file of a program.
func fileOf(p programs.Program) string { return p.Name() + ".txt" }

// Read gives the cases of a program.
func Read(p programs.Program) (Script, error) {
	b, err := pinned.ReadFile(fileOf(p))
	if err != nil {
		return Script{}, err
	}
	return parseScript(fileOf(p), string(b))
}

func parseScript(name, all string) (Script, error) {
	s := Script{Name: name}
	var before []string
	for i, line := range strings.Split(strings.TrimSuffix(all, "\n"), "\n") {
		text, hand := strings.CutPrefix(line, "= ")
		gen := false
		if !hand {
			text, gen = strings.CutPrefix(line, "~ ")
		}
		switch {
		case hand || gen:
			if len(s.Steps) == 0 || len(before) > 0 {
				return Script{}, fmt.Errorf("%s:%d: a result without a command before it", name, i+1)
			}
			last := &s.Steps[len(s.Steps)-1]
			if len(last.Want) > 0 && last.ByHand != hand {
				return Script{}, fmt.Errorf("%s:%d: results by hand and generated ones of one command", name, i+1)
			}
			last.Want, last.ByHand = append(last.Want, text), hand
		case line == "" || strings.HasPrefix(line, "#"):
			before = append(before, line)
		default:
			s.Steps = append(s.Steps, Step{before: before, Line: i + 1, Command: line})
			before = nil
		}
	}
	s.after = before
	return s, nil
}

// Text is the file again.
func (s Script) Text() string {
	var b strings.Builder
	for _, st := range s.Steps {
		for _, l := range st.before {
			b.WriteString(l + "\n")
		}
		b.WriteString(st.Command + "\n")
		mark := "~ "
		if st.ByHand {
			mark = "= "
		}
		for _, l := range st.Want {
			b.WriteString(mark + l + "\n")
		}
	}
	for _, l := range s.after {
		b.WriteString(l + "\n")
	}
	return b.String()
}

// WithoutCache is what is wanted where the kernel has no mapping cache that a
// program could fill.
func WithoutCache(want []string) []string {
	return slices.DeleteFunc(slices.Clone(want), func(l string) bool { return strings.HasPrefix(l, "cache ") })
}
