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

// read reads a case file from the directory: with -update what is embedded may be
// old.
func read(t *testing.T, p programs.Program) Script {
	t.Helper()
	b, err := os.ReadFile(fileOf(p))
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseScript(fileOf(p), string(b))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// play runs a script in a session, and changes what was generated in it when
// asked to.
func play(t *testing.T, sc *Script, s *Session, caches, rewrite bool) {
	t.Helper()
	for i := range sc.Steps {
		st := &sc.Steps[i]
		got, err := s.Run(st.Command)
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", sc.Name, st.Line, st.Command, err)
		}
		want := st.Want
		if !caches {
			want = WithoutCache(want)
		}
		if slices.Equal(got, want) {
			continue
		}
		if rewrite && !st.ByHand {
			st.Want = got
			continue
		}
		t.Errorf("%s:%d: %s: pinned (-) and given now (+) differ:\n%s", sc.Name, st.Line, st.Command, cmp.Diff(want, got))
	}
}

func TestProgramsAnswerAsPinned(t *testing.T) {
	for _, p := range programs.All() {
		t.Run(p.Name(), func(t *testing.T) {
			sc := read(t, p)
			if *update {
				play(t, &sc, NewSession(p, Emulated(binary.LittleEndian, "R3")), true, true)
				if err := os.WriteFile(fileOf(p), []byte(sc.Text()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, revision := range []string{"R2", "R3", "R4"} {
				for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
					t.Run(revision+"-"+order.String(), func(t *testing.T) {
						play(t, &sc, NewSession(p, Emulated(order, revision)), revision != "R2", false)
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
			sc := read(t, p)
			s := NewSession(p, InKernel)
			defer s.Close()
			play(t, &sc, s, false, false)
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
		for _, st := range read(t, p).Steps {
			if f := strings.Fields(st.Command); f[0] == "begin" {
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
