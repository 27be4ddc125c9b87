// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"
	"flag"
	"os"
	"slices"
	"strconv"
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

// asked is a callback in a case file, numbers in one spelling, and what it gives.
type asked struct {
	verb, inode, pos, count, op string // of ioend without count and op
	want                        string // the first line
}

func allAsked(t *testing.T, p programs.Program) []asked {
	t.Helper()
	var all []asked
	for _, st := range read(t, p).Steps {
		f := strings.Fields(st.Command)
		for i, w := range f[1:] {
			if n, err := parse(w); err == nil {
				f[1+i] = strconv.FormatUint(n, 10)
			}
		}
		switch f[0] {
		case "begin", "end":
			all = append(all, asked{verb: f[0], inode: f[1], pos: f[2], count: f[3], op: f[len(f)-1], want: st.Want[0]})
		case "ioend":
			all = append(all, asked{verb: f[0], inode: f[1], pos: f[2], want: st.Want[0]})
		}
	}
	return all
}

func TestEveryOperationOfTheKernelIsPinned(t *testing.T) {
	for _, p := range programs.All() {
		verb := "begin"
		if p == programs.Append {
			verb = "end" // has no iomap_begin
		}
		seen := map[string]bool{}
		for _, a := range allAsked(t, p) {
			if a.verb == verb {
				seen[a.op] = true
			}
		}
		for _, op := range ruleOperations {
			if !seen[op] {
				t.Errorf("%s: no %s with %s", fileOf(p), verb, op)
			}
		}
	}
}

func TestEveryEdgeIsPinned(t *testing.T) {
	decimal := func(n uint64) string { return strconv.FormatUint(n, 10) }
	for _, p := range programs.All() {
		pos, count, inodes, verdicts := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		mappings := map[[2]uint64]bool{} // that were answered, first and last byte
		all := allAsked(t, p)
		for _, a := range all {
			verdict, answer, _ := strings.Cut(a.want, " ")
			pos[a.pos], count[a.count], inodes[a.inode], verdicts[verdict] = true, true, true, true
			if from, length, ok := strings.Cut(answer, "+"); ok && a.verb == "begin" {
				length, _, _ = strings.Cut(length, " ")
				offset, err := parse(from)
				if err != nil {
					t.Fatal(err)
				}
				n, err := parse(length)
				if err != nil {
					t.Fatal(err)
				}
				mappings[[2]uint64{offset, offset + n - 1}] = true
			}
		}
		want := func(what string, ok bool) {
			if !ok {
				t.Errorf("%s: nothing is asked %s", fileOf(p), what)
			}
		}
		want("about the first byte of a file", pos["0"])
		want("about the last byte that a file can have", pos[decimal(1<<63-1)])
		want("about what lies past every file", pos[decimal(1<<63)] || pos[decimal(1<<64-4096)])
		want("about the greatest position", pos[decimal(1<<64-1)])
		want("about no bytes", count["0"])
		want("about all bytes at once", count[decimal(1<<64-1)])
		want("about several inodes", len(inodes) > 1)
		want("that is left to the server", verdicts["fallback"])
		if p == programs.Observe {
			continue // answers nothing
		}
		want("that is answered", verdicts["handled"])
		if p == programs.Append {
			continue // has no mappings
		}
		whole := 0
		for m := range mappings {
			if pos[decimal(m[0])] && pos[decimal(m[1])] && pos[decimal(m[1]+1)] {
				whole++
			}
		}
		want("about first byte, last byte and the byte after of two mappings", whole >= 2)
	}
}
