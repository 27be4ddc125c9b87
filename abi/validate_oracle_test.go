// SPDX-License-Identifier: MIT

package abi

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// An oracle is the rules once more, as a table of predicates in the order of
// the kernel, over numbers of any size. It shares no code with the validator.

// world is what a predicate about one mapping sees.
type world struct {
	in   IomapBeginIn
	m, o IomapIO // the mapping concerned and the other one
	fs   FS
}

type oracleRule struct {
	rule   int
	member string
	errno  Errno
	broken func(w world) bool
}

var (
	two64    = new(big.Int).Lsh(big.NewInt(1), 64)
	nullAddr = uint64(1<<64 - 1)
)

func num(n uint64) *big.Int { return new(big.Int).SetUint64(n) }

// carries reports whether a sum needs a 65th bit.
func carries(a, b uint64) bool { return new(big.Int).Add(num(a), num(b)).Cmp(two64) >= 0 }

// wrapped is a sum modulo 2^64.
func wrapped(a, b uint64) *big.Int {
	sum := new(big.Int).Add(num(a), num(b))
	return sum.Mod(sum, two64)
}

func oneOf(t IomapType, set ...IomapType) bool { return slices.Contains(set, t) }

// exempt is what rule 25 lets a mapping off: rules 5 to 9, rules 10 to 13.
func exempt(w world) (file, device bool) {
	if w.m.Type != 254 {
		return false, false
	}
	return w.fs.Variant == VariantF, true
}

func fileRule(f func(world) bool) func(world) bool {
	return func(w world) bool { file, _ := exempt(w); return !file && f(w) }
}

func deviceRule(f func(world) bool) func(world) bool {
	return func(w world) bool { _, device := exempt(w); return !device && f(w) }
}

func laterRetry(f func(world) bool) func(world) bool {
	return func(w world) bool { return w.m.Type == 254 && w.fs.Variant != VariantF && f(w) }
}

func typed(f func(world) bool, types ...IomapType) func(world) bool {
	return func(w world) bool { return oneOf(w.m.Type, types...) && f(w) }
}

var (
	hasDev    = func(w world) bool { return w.m.Dev != 0 }
	lacksDev  = func(w world) bool { return w.m.Dev == 0 }
	hasAddr   = func(w world) bool { return w.m.Addr != nullAddr }
	lacksAddr = func(w world) bool { return w.m.Addr == nullAddr }
	hasFlags  = func(w world) bool { return w.m.Flags > 0 }
	always    = func(world) bool { return true }
)

// alone are rules 4 to 13 and 25 for a mapping, write for the write mapping.
func alone(write bool) []oracleRule {
	rules := []oracleRule{
		{4, "type", 117, func(w world) bool { return w.m.Type >= 5 && w.m.Type <= 252 || w.m.Type >= 256 }},
		{5, "flags", 117, fileRule(func(w world) bool { return w.m.Flags >= 256 })},
		{6, "length", 117, fileRule(func(w world) bool { return w.m.Length == 0 })},
		{7, "offset", 117, fileRule(func(w world) bool { return w.fs.BlockSize > 0 && w.m.Offset%uint64(w.fs.BlockSize) > 0 })},
		{7, "length", 117, fileRule(func(w world) bool { return w.fs.BlockSize > 0 && w.m.Length%uint64(w.fs.BlockSize) > 0 })},
		{8, "length", 117, fileRule(func(w world) bool { return carries(w.m.Offset, w.m.Length) })},
		{9, "offset", 117, fileRule(func(w world) bool { return w.fs.MaxFileSize > 0 && num(w.m.Offset).Cmp(num(w.fs.MaxFileSize)) >= 0 })},
		{25, "flags", 117, laterRetry(hasFlags)},
		{25, "dev", 117, laterRetry(hasDev)},
		{25, "addr", 117, laterRetry(hasAddr)},
		{10, "dev", 117, typed(lacksDev, 2, 3)},
		{10, "addr", 117, typed(lacksAddr, 2, 3)},
		{11, "dev", 117, typed(hasDev, 0, 1, 4)},
		{11, "addr", 117, typed(hasAddr, 0, 1, 4)},
		{13, "addr", 117, deviceRule(func(w world) bool { return hasAddr(w) && carries(w.m.Addr, w.m.Length) })},
	}
	pure := []oracleRule{{12, "type", 117, typed(always, 255)}}
	if write {
		pure = []oracleRule{{12, "flags", 117, typed(hasFlags, 255)}, {12, "dev", 117, typed(hasDev, 255)}, {12, "addr", 117, typed(hasAddr, 255)}}
	}
	return slices.Insert(rules, len(rules)-1, pure...)
}

const writing = 1<<0 | 1<<1 | 1<<7 | 1<<31

// access says what rule 21 asks for on one side: reading, or reading and
// writing.
func access(w world, write bool) (reads, writes bool) {
	isWrite := w.in.Opflags&writing != 0
	if write {
		writes = isWrite && w.m.Type != 255
		return writes, writes
	}
	return true, isWrite && w.o.Type == 255
}

func together(write bool) map[int]oracleRule {
	return map[int]oracleRule{
		15: {15, "type", 117, typed(always, 253)},
		16: {16, "offset", 117, func(w world) bool { return w.m.Offset > w.in.Pos }},
		17: {17, "length", 117, func(w world) bool { return wrapped(w.m.Offset, w.m.Length).Cmp(num(w.in.Pos)) <= 0 }},
		20: {20, "dev", 117, typed(func(w world) bool {
			if w.m.Dev == 0 || w.m.Dev > 1024 {
				return true
			}
			_, registered := w.fs.Devices[w.m.Dev]
			return w.fs.Devices != nil && !registered
		}, 2, 3)},
		21: {21, "dev", 13, typed(func(w world) bool {
			d, registered := w.fs.Devices[w.m.Dev]
			reads, writes := access(w, write)
			return registered && (reads && !d.Readable || writes && !d.Writable)
		}, 2, 3)},
		23: {23, "length", 12, typed(func(w world) bool { return w.fs.BlockSize > 0 && w.m.Length > uint64(w.fs.BlockSize) }, 4)},
	}
}

// atomic is rule 19 for a side: whether the side is the one that counts.
func atomic(write bool, f func(world) bool) func(world) bool {
	return func(w world) bool {
		if w.in.Opflags&(1<<9) == 0 {
			return false
		}
		if write {
			return w.m.Type != 255 && f(w)
		}
		return w.o.Type == 255 && f(w)
	}
}

// entry is one rule for one side.
type entry struct {
	side string
	oracleRule
	// text names the rule, the member and the errno, as found does.
	text string
}

// oracle lists every way to break a rule, in the order of the kernel.
var oracle = func() (all []entry) {
	add := func(side string, rs ...oracleRule) {
		for _, r := range rs {
			all = append(all, entry{side, r, fmt.Sprintf("%d %s.%s %d", r.rule, side, r.member, r.errno)})
		}
	}
	add("read", alone(false)...)
	add("write", alone(true)...)
	r, w := together(false), together(true)
	for _, n := range []int{15, 16, 17} {
		add("read", r[n])
		add("write", w[n])
	}
	add("read", oracleRule{18, "type", 117, typed(func(w world) bool { return w.in.Opflags&w.fs.UncacheableOps != 0 }, 254)})
	for _, side := range []string{"read", "write"} {
		add(side,
			oracleRule{19, "type", 5, atomic(side == "write", func(w world) bool { return !oneOf(w.m.Type, 2, 3) })},
			oracleRule{19, "flags", 5, atomic(side == "write", func(w world) bool { return w.m.Flags&64 == 0 })})
	}
	for _, n := range []int{20, 21, 23} {
		add("read", r[n])
		add("write", w[n])
	}
	return all
}()

func (e entry) String() string { return e.text }

// expected lists what the oracle says about an answer.
func expected(in IomapBeginIn, out IomapBeginOut, fs FS) (violations []string) {
	for _, e := range oracle {
		w := world{in, out.Read, out.Write, fs}
		if e.side == "write" {
			w.m, w.o = w.o, w.m
		}
		if e.broken(w) {
			violations = append(violations, e.text)
		}
	}
	return violations
}

// found lists what the validator says, in the same words.
func found(r Report) (violations []string) {
	for _, p := range r.Violations {
		violations = append(violations, fmt.Sprintf("%d %s %d", p.Rule, p.Field, p.Errno))
	}
	return violations
}

// agree fails the test where validator and oracle differ.
func agree(t *testing.T, in IomapBeginIn, out IomapBeginOut, fs FS) []string {
	t.Helper()
	want, r := expected(in, out, fs), Validate(in, out, fs)
	if got := found(r); !slices.Equal(got, want) {
		t.Fatalf("in %+v\nout %+v\nfs %+v\ngot  %q\nwant %q", in, out, fs, got, want)
	}
	var warnings []string
	for i, m := range []IomapIO{out.Read, out.Write} {
		if oneOf(m.Type, 2, 3) && m.Addr != nullAddr && m.Addr%512 > 0 {
			warnings = append(warnings, []string{"14 read.addr 0", "14 write.addr 0"}[i])
		}
	}
	if got := found(Report{Violations: r.Warnings}); !slices.Equal(got, warnings) {
		t.Fatalf("out %+v\nwarnings %q\nwant     %q", out, got, warnings)
	}
	if err := r.Err(); (err == nil) != (len(want) == 0) {
		t.Fatalf("Err() = %v with violations %q", err, want)
	}
	return want
}

// random draws answers from values at which rules change their mind.
type random struct{ *rand.Rand }

func pick[T any](r random, xs ...T) T { return xs[r.IntN(len(xs))] }

func (r random) mapping(pos uint64) IomapIO {
	m := IomapIO{
		Type:   pick[IomapType](r, 0, 1, 2, 2, 3, 4, 4, 253, 254, 254, 255, 255, 5, 252, 256, 65535),
		Flags:  pick[IomapFlags](r, 0, 0, 1, 64, 0xff, 0x100, 0x200, 0x8040),
		Dev:    pick[uint32](r, 0, 0, 1, 2, 3, 4, 5, 1024, 1025, 1<<32-1),
		Addr:   pick(r, nullAddr, nullAddr, 0, 512, 4096, 4097, nullAddr-1, nullAddr-4095, 1<<63),
		Offset: pick(r, 0, pos-pos%4096, pos, pos+1, pos-1, 512, 4096, 8192, 1<<63, nullAddr-4095, nullAddr),
		Length: pick(r, 0, 1, 512, 4095, 4096, 4097, 8192, pos, 1<<63, nullAddr-4095, nullAddr),
	}
	return m
}

// answer draws either anything, or something nearly right.
func (r random) answer() (in IomapBeginIn, out IomapBeginOut, fs FS) {
	in.Pos = pick[uint64](r, 0, 0, 4096, 5000, 1<<40, 1<<63-4096, nullAddr-1, nullAddr)
	for range r.IntN(3) {
		in.Opflags |= 1 << r.IntN(32)
	}
	if r.IntN(3) == 0 {
		in.Opflags |= FUSE_IOMAP_OP_WRITE | pick(r, 0, FUSE_IOMAP_OP_ATOMIC)
	}
	fs = FS{
		BlockSize:      pick[uint32](r, 0, 512, 4096, 4096),
		MaxFileSize:    pick[uint64](r, 0, 8192, 1<<63-1, nullAddr),
		UncacheableOps: pick(r, 0, FUSE_IOMAP_OP_REPORT, FUSE_IOMAP_OP_WRITE|FUSE_IOMAP_OP_DAX),
		Variant:        pick(r, VariantL, VariantF),
		Devices:        pick(r, nil, map[uint32]Device{}, map[uint32]Device{1: {true, true}, 2: {true, false}, 3: {false, true}, 4: {}, 1024: {true, true}}),
	}
	if r.IntN(2) == 0 {
		out.Read, out.Write = r.mapping(in.Pos), r.mapping(in.Pos)
		return in, out, fs
	}
	// Right but for up to two members.
	good := IomapIO{Offset: in.Pos - in.Pos%4096, Length: 4096, Addr: nullAddr, Type: pick[IomapType](r, 0, 1, 4, 254)}
	space := IomapIO{Offset: good.Offset, Length: 4096, Addr: 1 << 20, Type: pick[IomapType](r, 2, 3), Flags: pick[IomapFlags](r, 0, 64), Dev: pick[uint32](r, 1, 1, 2, 3, 1024)}
	out.Read = pick(r, good, space, space)
	if out.Write = pick(r, good, space); r.IntN(2) == 0 {
		out.PureOverwrite()
	}
	for range r.IntN(3) {
		m, wrong := &out.Read, r.mapping(in.Pos)
		if r.IntN(2) == 0 {
			m = &out.Write
		}
		switch r.IntN(6) {
		case 0:
			m.Offset = wrong.Offset
		case 1:
			m.Length = wrong.Length
		case 2:
			m.Addr = wrong.Addr
		case 3:
			m.Type = wrong.Type
		case 4:
			m.Flags = wrong.Flags
		case 5:
			m.Dev = wrong.Dev
		}
	}
	return in, out, fs
}

func TestValidatorAgreesWithTheOracle(t *testing.T) {
	const seed, cases = 20260223, 60_000
	t.Logf("seed %d", seed)
	r := random{rand.New(rand.NewPCG(seed, 0))}
	broken, only, clean := map[string]int{}, map[string]int{}, 0
	for range cases {
		in, out, fs := r.answer()
		violations := agree(t, in, out, fs)
		for _, v := range violations {
			broken[v]++
		}
		switch len(violations) {
		case 0:
			clean++
		case 1:
			only[violations[0]]++
		}
	}
	if clean < cases/50 {
		t.Errorf("only %d of %d answers were right", clean, cases)
	}
	// What breaks these rules breaks another one too: a mapping without length
	// or with a sum that overflows does not contain the position, and a cookie
	// of 0 is never registered.
	implied := map[string]bool{}
	for _, side := range []string{"read", "write"} {
		implied["6 "+side+".length 117"] = true
		implied["8 "+side+".length 117"] = true
		implied["10 "+side+".dev 117"] = true
	}
	for _, e := range oracle {
		if broken[e.text] < 30 {
			t.Errorf("%v: broken %d times", e, broken[e.text])
		}
		if alone := only[e.text] > 0; alone == implied[e.text] {
			t.Errorf("%v: broken alone: %v", e, alone)
		}
	}
}
