// SPDX-License-Identifier: MIT

package abi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// full is a file system about which everything is known.
var full = FS{
	BlockSize: 4096, MaxFileSize: 1<<63 - 1, UncacheableOps: FUSE_IOMAP_OP_REPORT,
	Devices: map[uint32]Device{1: {true, true}, 2: {Readable: true}, 3: {Writable: true}, 4: {}, 1024: {true, true}},
}

// right returns a request at position 8192 and an answer to it without fault.
func right() (IomapBeginIn, IomapBeginOut) {
	var out IomapBeginOut
	out.Read = IomapIO{Offset: 8192, Length: 4096, Addr: 1 << 20, Type: FUSE_IOMAP_TYPE_MAPPED, Dev: 1}
	out.PureOverwrite()
	return IomapBeginIn{Pos: 8192, Count: 100}, out
}

// apart is right with a write mapping of its own.
func apart() (IomapBeginIn, IomapBeginOut) {
	in, out := right()
	out.Write = out.Read
	out.Write.Addr, out.Write.Dev = 2<<20, 1024
	in.Opflags = FUSE_IOMAP_OP_WRITE
	return in, out
}

func nowhere(t IomapType) func(*IomapIO) {
	return func(m *IomapIO) { m.Type, m.Dev, m.Addr = t, 0, FUSE_IOMAP_NULL_ADDR }
}

// Both sides of every boundary: what is changed in an answer without fault,
// and which rules that breaks, as "rule member", in order.
func TestEachRuleAtItsBoundary(t *testing.T) {
	type change = func(in *IomapBeginIn, out *IomapBeginOut, fs *FS)
	read := func(f func(m *IomapIO)) change {
		return func(_ *IomapBeginIn, out *IomapBeginOut, _ *FS) { f(&out.Read) }
	}
	write := func(f func(m *IomapIO)) change {
		return func(_ *IomapBeginIn, out *IomapBeginOut, _ *FS) { f(&out.Write) }
	}
	tests := []struct {
		name   string
		from   func() (IomapBeginIn, IomapBeginOut)
		change change
		want   string
	}{
		{"nothing wrong", right, read(func(*IomapIO) {}), ""},
		{"nothing wrong, two mappings", apart, read(func(*IomapIO) {}), ""},

		{"4: read", right, read(func(m *IomapIO) { m.Type = 5 }), "4 read.type"},
		{"4: write", right, write(func(m *IomapIO) { m.Type = 252 }), "4 write.type"},
		{"4: above a byte", right, write(func(m *IomapIO) { m.Type = 256 + 2 }), "4 write.type"},

		{"5: all of 0xff", right, read(func(m *IomapIO) { m.Flags = 0xff }), ""},
		{"5: size changed", right, read(func(m *IomapIO) { m.Flags = FUSE_IOMAP_F_SIZE_CHANGED }), "5 read.flags"},
		{"5: stale", apart, write(func(m *IomapIO) { m.Flags = FUSE_IOMAP_F_STALE | FUSE_IOMAP_F_NEW }), "5 write.flags"},
		{"5: highest bit", apart, write(func(m *IomapIO) { m.Flags = 0x8000 }), "5 write.flags"},

		{"6 and 17: read", right, read(func(m *IomapIO) { m.Length = 0 }), "6 read.length, 17 read.length"},
		{"6 and 17: write", right, write(func(m *IomapIO) { m.Length = 0 }), "6 write.length, 17 write.length"},

		{"7: offset", right, read(func(m *IomapIO) { m.Offset -= 512 }), "7 read.offset"},
		{"7: length", right, write(func(m *IomapIO) { m.Length += 512 }), "7 write.length"},
		{"7: both", apart, write(func(m *IomapIO) { m.Offset--; m.Length++ }), "7 write.offset, 7 write.length"},
		{"7: larger extent", right, read(func(m *IomapIO) { m.Offset = 0; m.Length = 1 << 30 }), ""},
		{"7: block of one byte", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) { fs.BlockSize = 1; out.Read.Length++ }, ""},
		{"7: block size that is no power of two", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.BlockSize = 3000
			for _, m := range []*IomapIO{&out.Read, &out.Write} {
				m.Offset, m.Length = 6000, 3000
			}
		}, ""},

		{"8: largest sum", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.BlockSize = 1
			out.Read.Length = 1<<64 - 1 - out.Read.Offset
			out.Read.Addr = 0
		}, ""},
		{"8: sum of 2^64", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.BlockSize = 1
			out.Read.Length = 1<<64 - 1 - out.Read.Offset + 1
			out.Read.Addr = 0
		}, "8 read.length, 17 read.length"},

		{"9: last block", right, func(_ *IomapBeginIn, _ *IomapBeginOut, fs *FS) { fs.MaxFileSize = 8193 }, ""},
		{"9: at the limit", right, func(_ *IomapBeginIn, _ *IomapBeginOut, fs *FS) { fs.MaxFileSize = 8192 }, "9 read.offset, 9 write.offset"},
		{"9: past the limit", right, func(_ *IomapBeginIn, _ *IomapBeginOut, fs *FS) { fs.MaxFileSize = 1 }, "9 read.offset, 9 write.offset"},

		{"10: unwritten", right, read(func(m *IomapIO) { m.Type = FUSE_IOMAP_TYPE_UNWRITTEN }), ""},
		{"10: no device", right, read(func(m *IomapIO) { m.Dev = 0 }), "10 read.dev, 20 read.dev"},
		{"10: no address", apart, write(func(m *IomapIO) { m.Type, m.Addr = FUSE_IOMAP_TYPE_UNWRITTEN, FUSE_IOMAP_NULL_ADDR }), "10 write.addr"},
		{"10: address 0", right, read(func(m *IomapIO) { m.Addr = 0 }), ""},

		{"11: hole", right, read(nowhere(FUSE_IOMAP_TYPE_HOLE)), ""},
		{"11: delalloc", apart, write(nowhere(FUSE_IOMAP_TYPE_DELALLOC)), ""},
		{"11: inline", right, read(nowhere(FUSE_IOMAP_TYPE_INLINE)), ""},
		{"11: hole with a device", right, read(func(m *IomapIO) { nowhere(FUSE_IOMAP_TYPE_HOLE)(m); m.Dev = 1 }), "11 read.dev"},
		{"11: delalloc at address 0", right, read(func(m *IomapIO) { nowhere(FUSE_IOMAP_TYPE_DELALLOC)(m); m.Addr = 0 }), "11 read.addr"},
		{"11: inline with both", apart, write(func(m *IomapIO) { m.Type = FUSE_IOMAP_TYPE_INLINE }), "11 write.dev, 11 write.addr"},

		{"12: on the read side", right, read(func(m *IomapIO) { m.Type = FUSE_IOMAP_TYPE_PURE_OVERWRITE }), "12 read.type"},
		{"12: flags", right, write(func(m *IomapIO) { m.Flags = FUSE_IOMAP_F_NEW }), "12 write.flags"},
		{"12: device", right, write(func(m *IomapIO) { m.Dev = 1 }), "12 write.dev"},
		{"12: address", right, write(func(m *IomapIO) { m.Addr = 0 }), "12 write.addr"},

		{"13: largest sum", right, read(func(m *IomapIO) { m.Addr = 1<<64 - 1 - 4096 }), ""},
		{"13: sum of 2^64", right, read(func(m *IomapIO) { m.Addr = 1<<64 - 4096 }), "13 read.addr"},
		{"13: of any type with an address", right, write(func(m *IomapIO) { m.Addr = 1<<64 - 2 }), "12 write.addr, 13 write.addr"},

		{"15: read", right, read(nowhere(FUSE_IOMAP_TYPE_NOCACHE)), "15 read.type"},
		{"15: write", right, write(nowhere(FUSE_IOMAP_TYPE_NOCACHE)), "15 write.type"},

		{"16: at the position", right, func(in *IomapBeginIn, _ *IomapBeginOut, _ *FS) { in.Pos = 8192 }, ""},
		{"16: before it", right, func(in *IomapBeginIn, _ *IomapBeginOut, _ *FS) { in.Pos = 8191 }, "16 read.offset, 16 write.offset"},
		{"17: last byte", right, func(in *IomapBeginIn, _ *IomapBeginOut, _ *FS) { in.Pos = 12287 }, ""},
		{"17: behind it", right, func(in *IomapBeginIn, _ *IomapBeginOut, _ *FS) { in.Pos = 12288 }, "17 read.length, 17 write.length"},
		{"17: the range may go on", right, func(in *IomapBeginIn, _ *IomapBeginOut, _ *FS) { in.Count = 1 << 40 }, ""},

		{"18: cacheable", right, read(nowhere(FUSE_IOMAP_TYPE_RETRY_CACHE)), ""},
		{"18: not cacheable", right, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags = FUSE_IOMAP_OP_REPORT
			nowhere(FUSE_IOMAP_TYPE_RETRY_CACHE)(&out.Read)
		}, "18 read.type"},
		{"18: the write side is not tested", right, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags = FUSE_IOMAP_OP_REPORT
			nowhere(FUSE_IOMAP_TYPE_RETRY_CACHE)(&out.Write)
		}, ""},

		{"19: read mapping counts under a pure overwrite", right, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags = FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_ATOMIC
			out.Read.Flags = FUSE_IOMAP_F_ATOMIC_BIO
		}, ""},
		{"19: flag missing", right, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags = FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_ATOMIC
			out.Read.Flags = ^FUSE_IOMAP_F_ATOMIC_BIO & 0xff
		}, "19 read.flags"},
		{"19: write mapping counts otherwise", apart, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags |= FUSE_IOMAP_OP_ATOMIC
			nowhere(FUSE_IOMAP_TYPE_HOLE)(&out.Write)
			out.Read.Flags = FUSE_IOMAP_F_ATOMIC_BIO
		}, "19 write.type, 19 write.flags"},
		{"19: unwritten", apart, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags |= FUSE_IOMAP_OP_ATOMIC
			out.Write.Type, out.Write.Flags = FUSE_IOMAP_TYPE_UNWRITTEN, FUSE_IOMAP_F_ATOMIC_BIO
		}, ""},

		{"20: highest cookie", right, read(func(m *IomapIO) { m.Dev = 1024 }), ""},
		{"20: above it", right, read(func(m *IomapIO) { m.Dev = 1025 }), "20 read.dev"},
		{"20: above it, though in the map", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.Devices = map[uint32]Device{1025: {true, true}}
			out.Read.Dev = 1025
		}, "20 read.dev"},
		{"20: not registered", apart, write(func(m *IomapIO) { m.Dev = 5 }), "20 write.dev"},
		{"20: none registered", right, func(_ *IomapBeginIn, _ *IomapBeginOut, fs *FS) { fs.Devices = map[uint32]Device{} }, "20 read.dev"},

		{"21: reading a device open for writing", right, read(func(m *IomapIO) { m.Dev = 3 }), "21 read.dev"},
		{"21: reading a read-only device", right, read(func(m *IomapIO) { m.Dev = 2 }), ""},
		{"21: pure overwrite of a read-only device", right, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags, out.Read.Dev = FUSE_IOMAP_OP_WRITE, 2
		}, "21 read.dev"},
		{"21: pure overwrite of an unreadable device", right, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) {
			in.Opflags, out.Read.Dev = FUSE_IOMAP_OP_ZERO, 3
		}, "21 read.dev"},
		{"21: copy from a read-only device", apart, read(func(m *IomapIO) { m.Dev = 2 }), ""},
		{"21: copy from a closed device", apart, read(func(m *IomapIO) { m.Dev = 4 }), "21 read.dev"},
		{"21: copy to a read-only device", apart, write(func(m *IomapIO) { m.Dev = 2 }), "21 write.dev"},
		{"21: write mapping unused", apart, func(in *IomapBeginIn, out *IomapBeginOut, _ *FS) { in.Opflags, out.Write.Dev = 0, 2 }, ""},

		{"23: one block", right, read(nowhere(FUSE_IOMAP_TYPE_INLINE)), ""},
		{"23: two blocks", right, read(func(m *IomapIO) { nowhere(FUSE_IOMAP_TYPE_INLINE)(m); m.Length = 8192 }), "23 read.length"},
		{"23: one byte more", apart, write(func(m *IomapIO) { nowhere(FUSE_IOMAP_TYPE_INLINE)(m); m.Length = 4097 }), "7 write.length, 23 write.length"},

		{"25: filled in", right, read(nowhere(FUSE_IOMAP_TYPE_RETRY_CACHE)), ""},
		{"25: flags, device, address", right, read(func(m *IomapIO) { m.Type, m.Flags = FUSE_IOMAP_TYPE_RETRY_CACHE, 1 }), "25 read.flags, 25 read.dev, 25 read.addr"},
		{"25: address that overflows is rule 25 alone", right, write(func(m *IomapIO) { m.Type, m.Addr = FUSE_IOMAP_TYPE_RETRY_CACHE, 1<<64-2 }), "25 write.addr"},
		{"25: rules 5 to 9", right, read(func(m *IomapIO) {
			*m = IomapIO{Offset: 1 << 63, Flags: 0x100, Type: FUSE_IOMAP_TYPE_RETRY_CACHE, Addr: FUSE_IOMAP_NULL_ADDR}
		}), "5 read.flags, 6 read.length, 9 read.offset, 25 read.flags, 16 read.offset"},
		{"25: February looks at 16 and 17", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.Variant = VariantF
			out.Read = IomapIO{Type: FUSE_IOMAP_TYPE_RETRY_CACHE, Flags: 0x8000, Dev: 9, Addr: 1, Length: 8192}
		}, "17 read.length"},
		{"25: February is content", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.Variant = VariantF
			out.Read = IomapIO{Type: FUSE_IOMAP_TYPE_RETRY_CACHE, Flags: 0x8000, Dev: 9, Addr: 1, Length: 8193}
		}, ""},
		{"25: February checks the other side as usual", right, func(_ *IomapBeginIn, out *IomapBeginOut, fs *FS) {
			fs.Variant = VariantF
			out.Read = IomapIO{Type: FUSE_IOMAP_TYPE_RETRY_CACHE, Length: 8193}
			out.Write.Flags = 0x100
		}, "5 write.flags, 12 write.flags"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, out := test.from()
			fs := full
			test.change(&in, &out, &fs)
			var got []string
			for _, p := range Validate(in, out, fs).Violations {
				got = append(got, fmt.Sprintf("%d %s", p.Rule, p.Field))
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			agree(t, in, out, fs)
		})
	}
}

func TestEveryTypeAndEveryFlag(t *testing.T) {
	in, out := right()
	for n := range 1 << 16 {
		out.Write.Type, out.Write.Flags = IomapType(n), 0
		agree(t, in, out, full)
		out.Write.Type, out.Write.Flags = FUSE_IOMAP_TYPE_PURE_OVERWRITE, IomapFlags(n)
		agree(t, in, out, full)
	}
}

func TestTheFirstViolationDecides(t *testing.T) {
	in, out := apart()
	in.Opflags |= FUSE_IOMAP_OP_ATOMIC
	nowhere(FUSE_IOMAP_TYPE_INLINE)(&out.Write)
	out.Write.Length = 8192
	out.Read.Dev = 4
	steps := []struct {
		want  Errno
		rule  int
		clear func()
	}{
		{EIO, 19, func() { in.Opflags = FUSE_IOMAP_OP_WRITE }},
		{EACCES, 21, func() { out.Read.Dev = 1 }},
		{ENOMEM, 23, func() { out.Write.Length = 4096 }},
	}
	for _, s := range steps {
		err := Validate(in, out, full).Err()
		var p *Problem
		if !errors.Is(err, s.want) || !errors.As(err, &p) || p.Rule != s.rule {
			t.Errorf("got %v, want rule %d with %v", err, s.rule, s.want)
		}
		s.clear()
	}
	if err := Validate(in, out, full).Err(); err != nil {
		t.Error(err)
	}
	// A fault of the write mapping comes before one of both together.
	in.Opflags |= FUSE_IOMAP_OP_ATOMIC
	out.Write.Flags = 0x100
	if err := Validate(in, out, full).Err(); !errors.Is(err, EUCLEAN) {
		t.Error(err)
	}
}

func TestMisalignedAddressIsAWarning(t *testing.T) {
	in, out := right()
	out.Read.Addr += 511
	r := Validate(in, out, full)
	if r.Err() != nil || len(r.Warnings) != 1 {
		t.Fatalf("%v", r)
	}
	w := r.Warnings[0]
	if w.Rule != 14 || w.Field != "read.addr" || w.Value != 1<<20+511 || w.Errno != 0 || w.Unwrap() != nil {
		t.Errorf("%+v", w)
	}
	const want = "rule 14: read.addr is 0x1001ff: not a multiple of 512 bytes, so the kernel uses 0x100000: the kernel accepts it: align extents to sectors on the device"
	if w.Error() != want {
		t.Errorf("got  %s\nwant %s", w, want)
	}
	out.Read.Addr = 512
	if r := Validate(in, out, full); len(r.Warnings) != 0 {
		t.Errorf("%v", r)
	}
	out.Read.Addr = FUSE_IOMAP_NULL_ADDR
	if r := Validate(in, out, full); len(r.Warnings) != 0 {
		t.Errorf("no address cannot be misaligned: %v", r)
	}
}

func TestTheStricterVariantIsTheDefault(t *testing.T) {
	in, out := right()
	out.Read = IomapIO{Type: FUSE_IOMAP_TYPE_RETRY_CACHE, Length: 8193}
	for _, test := range []struct {
		variant Variant
		want    int
	}{{FS{}.Variant, 2}, {VariantL, 2}, {VariantF, 0}} {
		fs := full
		fs.Variant = test.variant
		if got := len(Validate(in, out, fs).Violations); got != test.want {
			t.Errorf("variant %d: %d violations, want %d", test.variant, got, test.want)
		}
	}
}

func TestWhatIsUnknownIsNotChecked(t *testing.T) {
	in, out := right()
	for _, test := range []struct {
		name   string
		forget func(*FS)
		rules  []int
		member string
	}{
		{"nothing", func(*FS) {}, nil, ""},
		{"block size", func(fs *FS) { fs.BlockSize = 0 }, []int{7, 23}, "BlockSize"},
		{"maximum file size", func(fs *FS) { fs.MaxFileSize = 0 }, []int{9}, "MaxFileSize"},
		{"devices", func(fs *FS) { fs.Devices = nil }, []int{20, 21}, "Devices"},
		{"no devices is something", func(fs *FS) { fs.Devices = map[uint32]Device{} }, nil, ""},
		{"cacheable operations", func(fs *FS) { fs.UncacheableOps = 0 }, []int{18}, "UncacheableOps"},
		{"everything", func(fs *FS) { *fs = FS{} }, []int{7, 9, 18, 20, 21, 23}, ""},
	} {
		fs := full
		test.forget(&fs)
		r := Validate(in, out, fs)
		var rules []int
		for _, u := range r.Unchecked {
			rules = append(rules, u.Rule)
			if !strings.HasSuffix(u.Reason, "set FS."+test.member) && test.member != "" {
				t.Errorf("%s: %v", test.name, u)
			}
			if rule, _ := RuleByNumber(u.Rule); test.member != "" && rule.Needs != test.member {
				t.Errorf("%s: rule %d says it needs %q", test.name, u.Rule, rule.Needs)
			}
		}
		if !slices.Equal(rules, test.rules) {
			t.Errorf("%s: not checked: %v, want %v", test.name, rules, test.rules)
		}
	}
	// A cookie that no device can have is wrong whatever is registered.
	out.Read.Dev = 1025
	if r := Validate(in, out, FS{}); !slices.Equal(found(r), []string{"20 read.dev 117"}) {
		t.Errorf("%v", r)
	}
}

func TestAProblemSaysEverything(t *testing.T) {
	in, out := right()
	in.Opflags = FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_DIRECT
	out.Read.Type, out.Read.Length, out.Read.Flags = FUSE_IOMAP_TYPE_INLINE, 513, 0x300
	r := Validate(in, out, FS{BlockSize: 512, MaxFileSize: 1 << 40, UncacheableOps: 1})
	const want = `rule 5: read.flags is SIZE_CHANGED|STALE: an answer must not have SIZE_CHANGED|STALE: the kernel returns EUCLEAN (117): clear the bits outside 0xff; SIZE_CHANGED and STALE are only passed to iomap_end
rule 7: read.length is 513: not a multiple of the block size of 512: the kernel returns EUCLEAN (117): round up to the end of the block
rule 11: read.dev is 1: INLINE has no device: the kernel returns EUCLEAN (117): set it to FUSE_IOMAP_DEV_NULL
rule 11: read.addr is 0x100000: INLINE has no address: the kernel returns EUCLEAN (117): set it to FUSE_IOMAP_NULL_ADDR, which is not 0
rule 23: read.length is 513: inline data is at most one block of 512 bytes: the kernel returns ENOMEM (12): map exactly one block
rule 20: not checked: the registered devices are unknown: set FS.Devices
rule 21: not checked: the registered devices are unknown: set FS.Devices
5 violations, 0 warnings, 2 not checked
`
	if got := r.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if p := r.Violations[1]; p.GoField != "Read.Length" || p.Value != 513 || p.Errno != EUCLEAN {
		t.Errorf("%+v", p)
	}
}

// Every message names its member and value, gives a reason and advice, and
// carries the errno of its rule.
func TestEveryProblemIsComplete(t *testing.T) {
	r := random{newRand()}
	seen := map[string]bool{}
	for range 20_000 {
		in, out, fs := r.answer()
		report := Validate(in, out, fs)
		for _, p := range slices.Concat(report.Violations, report.Warnings) {
			rule, ok := RuleByNumber(p.Rule)
			if !ok || rule.Errno != p.Errno {
				t.Fatalf("rule %d with %v: %+v", p.Rule, p.Errno, rule)
			}
			side, member, _ := strings.Cut(p.Field, ".")
			if p.GoField != strings.ToUpper(side[:1])+side[1:]+"."+strings.ToUpper(member[:1])+member[1:] {
				t.Fatalf("%s is %s in Go", p.Field, p.GoField)
			}
			m := &out.Read
			if side == "write" {
				m = &out.Write
			}
			value := map[string]uint64{
				"offset": m.Offset, "length": m.Length, "addr": m.Addr, "type": uint64(m.Type), "flags": uint64(m.Flags), "dev": uint64(m.Dev),
			}[member]
			if p.Value != value || !strings.HasPrefix(p.Message, p.Field+" is ") || p.Fix == "" || strings.Count(p.Message, ": ") != 1 {
				t.Fatalf("value %d in %+v", value, p)
			}
			seen[fmt.Sprint(p.Rule, p.Field)] = true
		}
	}
	if want := len(oracle) + 2; len(seen) != want { // and the warning on either side
		t.Errorf("saw %d kinds of problem, want %d", len(seen), want)
	}
}

func TestEffectiveMapping(t *testing.T) {
	for bit := range 32 {
		op := IomapOpFlags(1) << bit
		isWrite := slices.Contains([]int{0, 1, 7, 31}, bit)
		if op.IsWrite() != isWrite {
			t.Errorf("%v: IsWrite() = %v", op, op.IsWrite())
		}
		_, out := apart()
		used, source := out.EffectiveMapping(op)
		if isWrite && (used != &out.Write || source != &out.Read) || !isWrite && (used != &out.Read || source != nil) {
			t.Errorf("%v: uses %p, source %p", op, used, source)
		}
		out.PureOverwrite()
		if used, source := out.EffectiveMapping(op); used != &out.Read || source != nil {
			t.Errorf("%v: a pure overwrite uses %p, source %p", op, used, source)
		}
	}
}

func TestPureOverwriteFillsTheWriteMappingAlone(t *testing.T) {
	for b := range 256 {
		var out IomapBeginOut
		raw := make([]byte, SizeofIomapBeginOut)
		for i := range raw {
			raw[i] = byte(b)
		}
		if err := out.UnmarshalBinary(raw); err != nil {
			t.Fatal(err)
		}
		read := out.Read
		out.PureOverwrite()
		want := IomapIO{Offset: read.Offset, Length: read.Length, Addr: 1<<64 - 1, Type: 255, Flags: 0, Dev: 0}
		if out.Read != read || out.Write != want {
			t.Fatalf("%#x: %+v", b, out)
		}
	}
}

func TestARightAnswerCostsNoAllocation(t *testing.T) {
	in, out := apart()
	if n := testing.AllocsPerRun(100, func() {
		if r := Validate(in, out, full); r.Err() != nil || len(r.Unchecked)+len(r.Warnings) != 0 {
			t.Fatal(r)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkValidate(b *testing.B) {
	in, out := apart()
	b.ReportAllocs()
	for b.Loop() {
		Validate(in, out, full)
	}
}
