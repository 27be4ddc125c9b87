// SPDX-License-Identifier: MIT

package randomcalls

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// linearAnswer is a right answer about linearFile.
func linearAnswer() *abi.IomapBeginOut {
	out := &abi.IomapBeginOut{Read: abi.IomapIO{Length: 64 << 10, Addr: 1 << 20, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 3}}
	out.PureOverwrite()
	return out
}

var linearFile = programs.LinearFile{Inode: 1, Addr: 1 << 20, Length: 64 << 10, Device: 3}

func TestModelRefusesEveryWrongAnswer(t *testing.T) {
	l := linearLayout(4096, linearFile)
	in := abi.IomapBeginIn{Pos: 4096, Count: 8192}
	if err := Judge(programs.Linear, l, 4096, in, *linearAnswer(), abi.FIB_HANDLED); err != nil {
		t.Fatalf("the right answer is refused: %v", err)
	}
	for name, change := range map[string]func(*abi.IomapBeginOut){
		"another address":       func(o *abi.IomapBeginOut) { o.Read.Addr += 4096 },
		"another device":        func(o *abi.IomapBeginOut) { o.Read.Dev++ },
		"another type":          func(o *abi.IomapBeginOut) { o.Read.Type = abi.FUSE_IOMAP_TYPE_UNWRITTEN },
		"flags":                 func(o *abi.IomapBeginOut) { o.Read.Flags = abi.FUSE_IOMAP_F_SHARED },
		"ends too early":        func(o *abi.IomapBeginOut) { o.Read.Length = 8192 },
		"ends too late":         func(o *abi.IomapBeginOut) { o.Read.Length += 4096 },
		"begins after":          func(o *abi.IomapBeginOut) { o.Read.Offset, o.Read.Length, o.Read.Addr = 8192, 56<<10, o.Read.Addr+8192 },
		"no blocks":             func(o *abi.IomapBeginOut) { o.Read.Length -= 1 },
		"empty":                 func(o *abi.IomapBeginOut) { o.Read.Length = 0 },
		"a hole":                func(o *abi.IomapBeginOut) { o.Read = abi.IomapIO{Length: 64 << 10, Addr: abi.FUSE_IOMAP_NULL_ADDR} },
		"write mapping missing": func(o *abi.IomapBeginOut) { o.Write = abi.IomapIO{} },
	} {
		out := *linearAnswer()
		change(&out)
		if name != "write mapping missing" {
			out.PureOverwrite()
		}
		if Judge(programs.Linear, l, 4096, in, out, abi.FIB_HANDLED) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if Judge(programs.Linear, l, 4096, in, abi.IomapBeginOut{}, abi.FIB_FALLBACK) == nil {
		t.Error("a fallback where an answer is due is accepted")
	}
	if Judge(programs.Linear, nil, 4096, in, *linearAnswer(), abi.FIB_HANDLED) == nil {
		t.Error("an answer about an unknown file is accepted")
	}
}

func TestShrinkFindsTheSimplestCase(t *testing.T) {
	// Fails with any three numbers of which one is above 50.
	fails := func(tp *Tape) bool {
		n := []uint64{tp.N(100), tp.N(100), tp.N(100)}
		return slices.Max(n) > 50
	}
	if got := Shrink([]uint64{77, 3, 99, 12, 8}, 3000, fails); len(got) != 1 || got[0] != 51 {
		t.Errorf("shrink gives %v", got)
	}
}

func TestLayoutsByBlockAndByFormulaAgree(t *testing.T) {
	p := programs.StripeParams{ChunkSize: 12288, Devices: []uint32{4, 2, 9}}
	small := programs.StripeFile{Length: smallFile * 4096, Base: 1 << 20}
	large := small
	large.Length += 4096
	a, b := stripeLayout(4096, p, small), stripeLayout(4096, p, large)
	if _, ok := b.(*formula); !ok {
		t.Fatal("the longer file has no formula")
	}
	for pos := uint64(0); pos < small.Length; pos += 4096 {
		if a.At(pos) != b.At(pos) {
			t.Fatalf("byte %d: %+v and %+v", pos, a.At(pos), b.At(pos))
		}
	}
	r := Regular{Count: 60, Stride: 12288, Length: 4096}
	c := extentsLayout(4096, r.File(1))
	for pos := uint64(0); pos < 61*12288; pos += 512 {
		if c.At(pos) != r.At(pos) {
			t.Fatalf("byte %d: %+v and %+v", pos, c.At(pos), r.At(pos))
		}
	}
}

func TestCasesReachEveryKindOfAnswer(t *testing.T) {
	for _, m := range Mappers {
		handled, fallback, changes := 0, 0, 0
		for number := range uint64(20) {
			tp := Record(Seed, number)
			w := m.Make(tp)
			for range 200 {
				c := m.Next(w, tp)
				switch {
				case c.Store != nil:
					changes++
				case c.Layout != nil && Answers(w.Program, c.Begin.Opflags, c.Layout.At(c.Begin.Pos)):
					handled++
				default:
					fallback++
				}
			}
		}
		if handled < 400 || fallback < 400 || changes < 20 && !strings.Contains("pattern", m.Program.Name()) {
			t.Errorf("%s: %d answers, %d fallbacks, %d changes of files: too few of one kind", m.Program.Name(), handled, fallback, changes)
		}
	}
}
