// SPDX-License-Identifier: MIT

package emu

import (
	"testing"
	"time"
)

// perInstruction reports what a benchmark took by the clock, and what this
// process took of the processor, which is the figure to go by where other
// processes run.
func perInstruction(b *testing.B, steps uint64, began time.Duration) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/instruction")
	if used := cpuTime(b) - began; used > 0 {
		b.ReportMetric(float64(used.Nanoseconds())/float64(steps), "cpu-ns/instruction")
	}
}

// benchCall measures calls of a program of a test object.
func benchCall(b *testing.B, object, name string, o Options, args ...Arg) {
	m, err := LoadFile("testdata/"+object+"-el.o", o)
	if err != nil {
		b.Fatal(err)
	}
	p, err := m.Program(name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := p.Call(args...); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var steps uint64
	began := cpuTime(b)
	for b.Loop() {
		r, err := p.Call(args...)
		if err != nil {
			b.Fatal(err)
		}
		steps += r.Steps
	}
	perInstruction(b, steps, began)
}

// BenchmarkHash is compiled arithmetic: 64 rounds of a hash.
func BenchmarkHash(b *testing.B) {
	benchCall(b, "globals", "write_all", Options{}, Scalar(5), Scalar(31))
}

// BenchmarkMemory mixes widths in a structure, on the stack and in the caller's
// memory.
func BenchmarkMemory(b *testing.B) {
	benchCall(b, "globals", "mix", Options{}, Mem("pair", make([]byte, 24), true), Scalar(9))
}

// BenchmarkMaps is four look-ups and updates of what they find.
func BenchmarkMaps(b *testing.B) { benchCall(b, "maps", "count", Options{}, Scalar(1), Scalar(2)) }

// BenchmarkLRU is an update that evicts or replaces.
func BenchmarkLRU(b *testing.B) { benchCall(b, "maps", "recent", Options{}, Scalar(1), Scalar(2)) }

// BenchmarkCallbacks walks two maps and loops.
func BenchmarkCallbacks(b *testing.B) { benchCall(b, "maps", "total", Options{}, Scalar(1<<40)) }

func TestCallsDoNotAllocate(t *testing.T) {
	for _, c := range []struct {
		object, name string
		args         Args
	}{
		{"globals", "write_all", Args{Scalar(5), Scalar(31)}},
		{"globals", "mix", Args{Mem("pair", make([]byte, 24), true), Scalar(9)}},
		{"maps", "count", Args{Scalar(1), Scalar(2)}},
		{"maps", "recent", Args{Scalar(1), Scalar(2)}},
		{"maps", "total", Args{Scalar(1 << 40)}},
	} {
		m, err := LoadFile("testdata/"+c.object+"-el.o", Options{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Program(c.name)
		if err != nil {
			t.Fatal(err)
		}
		run := func() {
			if _, err := p.Call(c.args...); err != nil {
				t.Fatal(err)
			}
		}
		for range 400 { // until slots and regions are used again
			run()
		}
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s allocates %v times a call", c.name, n)
		}
	}
}
