// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

var update = flag.Bool("update", false, "rewrite what was generated")

// step is a command of a case file and what follows it.
type step struct {
	before  []string // comments and empty lines
	line    int      // of the command, from 1
	command string
	want    []string // without the mark
	byHand  bool
}

// script is a case file.
type script struct {
	steps []step
	after []string
}

func readScript(t *testing.T, name string) script {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var s script
	var before []string
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		text, hand := strings.CutPrefix(line, "= ")
		gen := false
		if !hand {
			text, gen = strings.CutPrefix(line, "~ ")
		}
		switch {
		case hand || gen:
			if len(s.steps) == 0 || len(before) > 0 {
				t.Fatalf("%s:%d: a result without a command before it", name, i+1)
			}
			last := &s.steps[len(s.steps)-1]
			if len(last.want) > 0 && last.byHand != hand {
				t.Fatalf("%s:%d: results by hand and generated ones of one command", name, i+1)
			}
			last.want, last.byHand = append(last.want, text), hand
		case line == "" || strings.HasPrefix(line, "#"):
			before = append(before, line)
		default:
			s.steps = append(s.steps, step{before: before, line: i + 1, command: line})
			before = nil
		}
	}
	s.after = before
	return s
}

func (s script) text() string {
	var b strings.Builder
	for _, st := range s.steps {
		for _, l := range st.before {
			b.WriteString(l + "\n")
		}
		b.WriteString(st.command + "\n")
		mark := "~ "
		if st.byHand {
			mark = "= "
		}
		for _, l := range st.want {
			b.WriteString(mark + l + "\n")
		}
	}
	for _, l := range s.after {
		b.WriteString(l + "\n")
	}
	return b.String()
}

// fileOf is the case file of a program.
func fileOf(p programs.Program) string { return p.Name() + ".txt" }

// play runs a script in a session, and changes what was generated in it when
// asked to.
func play(t *testing.T, name string, sc *script, s *session, rewrite bool) {
	t.Helper()
	for i := range sc.steps {
		st := &sc.steps[i]
		got, err := s.run(st.command)
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", name, st.line, st.command, err)
		}
		want := st.want
		if !s.caches {
			want = slices.DeleteFunc(slices.Clone(want), func(l string) bool { return strings.HasPrefix(l, "cache ") })
		}
		if slices.Equal(got, want) {
			continue
		}
		if rewrite && !st.byHand {
			st.want = got
			continue
		}
		t.Errorf("%s:%d: %s: pinned (-) and given now (+) differ:\n%s", name, st.line, st.command, cmp.Diff(want, got))
	}
}

func TestProgramsAnswerAsPinned(t *testing.T) {
	for _, p := range programs.All() {
		t.Run(p.Name(), func(t *testing.T) {
			sc := readScript(t, fileOf(p))
			if *update {
				s := emulated(p, binary.LittleEndian, "R3")
				play(t, fileOf(p), &sc, s, true)
				if err := os.WriteFile(fileOf(p), []byte(sc.text()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, revision := range []string{"R2", "R3", "R4"} {
				for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
					t.Run(revision+"-"+order.String(), func(t *testing.T) {
						play(t, fileOf(p), &sc, emulated(p, order, revision), false)
					})
				}
			}
		})
	}
}

func TestProgramsAnswerAsPinnedInTheKernel(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	for _, p := range programs.All() {
		t.Run(p.Name(), func(t *testing.T) {
			release, err := jit.OneCPU() // here, because a test of its own has a thread of its own
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			sc := readScript(t, fileOf(p))
			s := inKernel(p)
			defer func() { s.close() }()
			play(t, fileOf(p), &sc, s, false)
		})
	}
}

// ruleOperations are the operation flags of each path in the kernel (rule 35).
var ruleOperations = []string{
	"0", "WRITE", "WRITE|DONTCACHE", "ZERO", "WRITE|UNSHARE", "WRITE|FAULT", "DIRECT", "WRITE|DIRECT",
	"WRITE|DIRECT|OVERWRITE_ONLY", "WRITE|DIRECT|ATOMIC", "WRITE|DIRECT|OVERWRITE_ONLY|ATOMIC", "WRITEBACK",
	"REPORT", "REPORT|SWAPFILE", "FAULT|DAX", "WRITE|FAULT|DAX",
}

func TestEveryOperationOfTheKernelIsPinned(t *testing.T) {
	for _, p := range programs.All() {
		if p == programs.Append {
			continue // has no iomap_begin
		}
		seen := map[string]bool{}
		for _, st := range readScript(t, fileOf(p)).steps {
			if f := strings.Fields(st.command); f[0] == "begin" {
				seen[f[4]] = true
			}
		}
		for _, op := range ruleOperations {
			if !seen[op] {
				t.Errorf("%s: no begin with %s", fileOf(p), op)
			}
		}
	}
}
