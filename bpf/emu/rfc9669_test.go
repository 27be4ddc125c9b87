// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// form names one instruction RFC 9669 defines: the opcode and the fields that
// select a meaning besides it.
type form struct {
	op  uint8
	src uint8 // of calls and lddw
	off int16 // of division, modulo and moves
	imm int32 // of byte swaps and atomic operations
}

// definedForms lists every instruction of the RFC from its tables, not from
// the decoder: sections 4.1 (arithmetic), 4.2 (byte swaps), 4.3 (jumps), 5.1
// to 5.5 (loads and stores).
func definedForms() []form {
	var all []form
	for _, class := range []uint8{0x04, 0x07} { // ALU, ALU64
		for _, source := range []uint8{0, 8} { // K, X
			for _, code := range []uint8{0, 1, 2, 4, 5, 6, 7, 0xa, 0xc} { // ADD SUB MUL OR AND LSH RSH XOR ARSH
				all = append(all, form{op: code<<4 | source | class})
			}
			for _, code := range []uint8{3, 9} { // DIV, MOD; SDIV, SMOD
				all = append(all, form{op: code<<4 | source | class}, form{op: code<<4 | source | class, off: 1})
			}
			all = append(all, form{op: 0xb0 | source | class}) // MOV
		}
		all = append(all, form{op: 0x80 | class}) // NEG
		for _, width := range []int16{8, 16, 32} {
			if width != 32 || class == 0x07 {
				all = append(all, form{op: 0xb8 | class, off: width}) // MOVSX
			}
		}
		for _, width := range []int32{16, 32, 64} {
			all = append(all, form{op: 0xd0 | class, imm: width}) // END to little-endian, or bswap
			if class == 0x04 {
				all = append(all, form{op: 0xd8 | class, imm: width}) // to big-endian
			}
		}
	}
	for _, class := range []uint8{0x05, 0x06} { // JMP, JMP32
		all = append(all, form{op: class}) // JA
		for _, code := range []uint8{1, 2, 3, 4, 5, 6, 7, 0xa, 0xb, 0xc, 0xd} {
			all = append(all, form{op: code<<4 | class}, form{op: code<<4 | 8 | class})
		}
	}
	for src := range uint8(3) {
		all = append(all, form{op: 0x85, src: src}) // CALL
	}
	all = append(all, form{op: 0x95})                      // EXIT
	for _, size := range []uint8{0x10, 0x08, 0x00, 0x18} { // B H W DW
		all = append(all, form{op: 0x61 | size}, form{op: 0x62 | size}, form{op: 0x63 | size}) // LDX ST STX, MEM
		if size != 0x18 {
			all = append(all, form{op: 0x81 | size})                        // LDX, MEMSX
			all = append(all, form{op: 0x20 | size}, form{op: 0x40 | size}) // LD, ABS and IND, deprecated
		}
	}
	for _, size := range []uint8{0x00, 0x18} {
		for _, code := range []int32{0x00, 0x40, 0x50, 0xa0, 0x01, 0x41, 0x51, 0xa1, 0xe1, 0xf1} {
			all = append(all, form{op: 0xc3 | size, imm: code}) // ATOMIC
		}
	}
	for src := range uint8(7) {
		all = append(all, form{op: 0x18, src: src}) // lddw
	}
	return all
}

// opcodeCase runs one instruction: r0 and r2 hold dst and before src, then the
// instruction with destination r0, or for memory with the address of eight
// bytes that hold mem. The result is r0, or those eight bytes.
type opcodeCase struct {
	form
	dst, src uint64
	imm      int32
	want     uint64
	why      string
}

const (
	minInt64 = 1 << 63
	ones     = math.MaxUint64
)

// minus is a negative number in a register.
func minus(v uint64) uint64 { return -v }

// aluCases: dst op= src or imm; section 4.1.
var aluCases = []opcodeCase{
	{form: form{op: 0x07}, dst: 0xffffffff_00000005, imm: -1, want: 0xffffffff_00000004, why: "the immediate is extended with its sign"},
	{form: form{op: 0x0f}, dst: ones, src: 2, want: 1, why: "wraps at 64 bits"},
	{form: form{op: 0x04}, dst: 0x1_ffffffff, imm: 2, want: 1, why: "wraps at 32 bits, upper half zero"},
	{form: form{op: 0x0c}, dst: 0x1_00000001, src: 0x2_00000002, want: 3, why: "upper halves are ignored"},
	{form: form{op: 0x17}, dst: 1, imm: 2, want: ones, why: "1-2"},
	{form: form{op: 0x1f}, dst: 0x1_00000000, src: 1, want: 0xffffffff, why: "borrows over bit 32"},
	{form: form{op: 0x14}, dst: 0x5_00000001, imm: 2, want: 0xffffffff, why: "1-2 in 32 bits"},
	{form: form{op: 0x1c}, dst: 0, src: 1, want: 0xffffffff, why: "0-1 in 32 bits"},
	{form: form{op: 0x27}, dst: 0x1_00000001, imm: -1, want: 0xfffffffe_ffffffff, why: "times -1 negates"},
	{form: form{op: 0x2f}, dst: 0x1_00000003, src: 5, want: 0x5_0000000f, why: "each half times 5"},
	{form: form{op: 0x24}, dst: 0x1_00000003, imm: -2, want: 0xfffffffa, why: "3*-2 in 32 bits"},
	{form: form{op: 0x2c}, dst: 0x10000, src: 0x10001, want: 0x10000, why: "2^32+2^16, of which 32 bits are kept"},

	{form: form{op: 0x37}, dst: minus(6), imm: 2, want: 0x7fffffff_fffffffd, why: "unsigned: half of 2^64-6"},
	{form: form{op: 0x37}, dst: ones, imm: -1, want: 1, why: "the immediate is extended with its sign, then unsigned"},
	{form: form{op: 0x3f}, dst: 7, src: 0, want: 0, why: "division by zero gives 0"},
	{form: form{op: 0x3f}, dst: 1 << 63, src: 3, want: 0x2aaaaaaa_aaaaaaaa, why: "a third of 2^63"},
	{form: form{op: 0x34}, dst: 0x1_00000007, imm: 2, want: 3, why: "7/2"},
	{form: form{op: 0x3c}, dst: 0xffffffff_fffffffa, src: 2, want: 0x7ffffffd, why: "half of 2^32-6"},
	{form: form{op: 0x3c}, dst: 7, src: 1 << 32, want: 0, why: "the lower half of the divisor is zero"},
	{form: form{op: 0x37, off: 1}, dst: minus(7), imm: 2, want: minus(3), why: "signed division truncates"},
	{form: form{op: 0x3f, off: 1}, dst: minInt64, src: ones, want: minInt64, why: "the overflow wraps"},
	{form: form{op: 0x3f, off: 1}, dst: minus(7), src: 0, want: 0, why: "division by zero gives 0"},
	{form: form{op: 0x34, off: 1}, dst: 0xfffffff9, imm: 2, want: 0xfffffffd, why: "-7/2=-3 in 32 bits, upper half zero"},
	{form: form{op: 0x3c, off: 1}, dst: 0x80000000, src: 0xffffffff, want: 0x80000000, why: "the overflow wraps"},
	{form: form{op: 0x3c, off: 1}, dst: 0xfffffff9, src: 1 << 32, want: 0, why: "division by zero gives 0"},
	{form: form{op: 0x97}, dst: minus(6), imm: 4, want: 2, why: "2^64-6 is 2 modulo 4"},
	{form: form{op: 0x9f}, dst: 0xffffffff_00000007, src: 0, want: 0xffffffff_00000007, why: "modulo zero leaves dst"},
	{form: form{op: 0x94}, dst: 0x1_00000007, imm: 4, want: 3, why: "7 modulo 4"},
	{form: form{op: 0x9c}, dst: 0xffffffff_00000007, src: 1 << 32, want: 7, why: "modulo zero leaves the lower half, upper half zero"},
	{form: form{op: 0x97, off: 1}, dst: minus(7), imm: 2, want: minus(1), why: "has the sign of the dividend"},
	{form: form{op: 0x9f, off: 1}, dst: minInt64, src: ones, want: 0, why: "nothing remains"},
	{form: form{op: 0x9f, off: 1}, dst: minus(7), src: 0, want: minus(7), why: "modulo zero leaves dst"},
	{form: form{op: 0x94, off: 1}, dst: 0xfffffff9, imm: 4, want: 0xfffffffd, why: "-7 modulo 4 is -3 in 32 bits"},
	{form: form{op: 0x9c, off: 1}, dst: 0x80000000, src: 0xffffffff, want: 0, why: "nothing remains"},
	{form: form{op: 0x9c, off: 1}, dst: 0xffffffff_80000005, src: 0, want: 0x80000005, why: "modulo zero leaves the lower half, upper half zero"},

	{form: form{op: 0x47}, dst: 1, imm: -2, want: ones, why: "sign extended"},
	{form: form{op: 0x4f}, dst: 0xf0_00000000, src: 0x0f, want: 0xf0_0000000f, why: "union of bits"},
	{form: form{op: 0x44}, dst: 0xff_00000001, imm: -2, want: 0xffffffff, why: "upper half zero"},
	{form: form{op: 0x4c}, dst: 0xff_00000010, src: 0xff_00000001, want: 0x11, why: "upper half zero"},
	{form: form{op: 0x57}, dst: 0xffffffff_ffffffff, imm: -16, want: 0xffffffff_fffffff0, why: "sign extended"},
	{form: form{op: 0x5f}, dst: 0xff_000000ff, src: 0x0f_0000000f, want: 0x0f_0000000f, why: "common bits"},
	{form: form{op: 0x54}, dst: ones, imm: -16, want: 0xfffffff0, why: "upper half zero"},
	{form: form{op: 0x5c}, dst: ones, src: 0xff_000000ff, want: 0xff, why: "upper half zero"},
	{form: form{op: 0xa7}, dst: 0xff, imm: -1, want: 0xffffffff_ffffff00, why: "sign extended"},
	{form: form{op: 0xaf}, dst: 0xff_00000001, src: 0xf0_00000011, want: 0x0f_00000010, why: "bits that differ"},
	{form: form{op: 0xa4}, dst: 0xff_000000ff, imm: -1, want: 0xffffff00, why: "upper half zero"},
	{form: form{op: 0xac}, dst: 0xff_00000003, src: 1, want: 2, why: "upper half zero"},
	{form: form{op: 0x67}, dst: 1, imm: 63, want: 1 << 63, why: "to the top bit"},
	{form: form{op: 0x6f}, dst: 3, src: 64 + 4, want: 0x30, why: "only six bits of the count matter"},
	{form: form{op: 0x64}, dst: 0xff_00000003, imm: 31, want: 0x80000000, why: "the rest falls off bit 31"},
	{form: form{op: 0x6c}, dst: 3, src: 32 + 4, want: 0x30, why: "only five bits of the count matter"},
	{form: form{op: 0x77}, dst: 1 << 63, imm: 63, want: 1, why: "zeroes come in"},
	{form: form{op: 0x7f}, dst: 0x30, src: 64 + 4, want: 3, why: "only six bits of the count matter"},
	{form: form{op: 0x74}, dst: 0xff_80000000, imm: 31, want: 1, why: "the upper half does not come in"},
	{form: form{op: 0x7c}, dst: 0xff_00000030, src: 32 + 4, want: 3, why: "only five bits of the count matter"},
	{form: form{op: 0xc7}, dst: 1 << 63, imm: 63, want: ones, why: "the sign comes in"},
	{form: form{op: 0xcf}, dst: minus(0x30), src: 64 + 4, want: minus(3), why: "only six bits of the count matter"},
	{form: form{op: 0xc4}, dst: 0x80000000, imm: 31, want: 0xffffffff, why: "bit 31 is the sign, upper half zero"},
	{form: form{op: 0xcc}, dst: 0xff_40000000, src: 32 + 30, want: 1, why: "bit 31 is clear, only five bits of the count matter"},
	{form: form{op: 0x87}, dst: 5, want: minus(5), why: "negation"},
	{form: form{op: 0x84}, dst: 0xff_00000005, want: 0xfffffffb, why: "2^32-5, upper half zero"},

	{form: form{op: 0xb7}, dst: 9, imm: -2, want: minus(2), why: "sign extended"},
	{form: form{op: 0xbf}, dst: 9, src: 0x12345678_9abcdef0, want: 0x12345678_9abcdef0, why: "all bits"},
	{form: form{op: 0xb4}, dst: ones, imm: -2, want: 0xfffffffe, why: "upper half zero"},
	{form: form{op: 0xbc}, dst: 9, src: 0x12345678_9abcdef0, want: 0x9abcdef0, why: "upper half zero"},
	{form: form{op: 0xbf, off: 8}, src: 0x1180, want: 0xffffffff_ffffff80, why: "bit 7 is the sign"},
	{form: form{op: 0xbf, off: 16}, src: 0x118000, want: 0xffffffff_ffff8000, why: "bit 15 is the sign"},
	{form: form{op: 0xbf, off: 32}, src: 0x11_80000000, want: 0xffffffff_80000000, why: "bit 31 is the sign"},
	{form: form{op: 0xbc, off: 8}, src: 0x1180, want: 0xffffff80, why: "upper half zero"},
	{form: form{op: 0xbc, off: 16}, src: 0x118000, want: 0xffff8000, why: "upper half zero"},
}

// swapCases: section 4.2, on a little-endian machine. On a big-endian one the
// two orders change roles.
var swapCases = []opcodeCase{
	{form: form{op: 0xd4, imm: 16}, dst: 0x1122334455667788, want: 0x7788, why: "to little-endian truncates"},
	{form: form{op: 0xd4, imm: 32}, dst: 0x1122334455667788, want: 0x55667788, why: "to little-endian truncates"},
	{form: form{op: 0xd4, imm: 64}, dst: 0x1122334455667788, want: 0x1122334455667788, why: "is there already"},
	{form: form{op: 0xdc, imm: 16}, dst: 0x1122334455667788, want: 0x8877, why: "two bytes change places"},
	{form: form{op: 0xdc, imm: 32}, dst: 0x1122334455667788, want: 0x88776655, why: "four bytes are reversed"},
	{form: form{op: 0xdc, imm: 64}, dst: 0x1122334455667788, want: 0x8877665544332211, why: "all are reversed"},
	{form: form{op: 0xd7, imm: 16}, dst: 0x1122334455667788, want: 0x8877, why: "bswap does it on every machine"},
	{form: form{op: 0xd7, imm: 32}, dst: 0x1122334455667788, want: 0x88776655, why: "bswap does it on every machine"},
	{form: form{op: 0xd7, imm: 64}, dst: 0x1122334455667788, want: 0x8877665544332211, why: "bswap does it on every machine"},
}

// jumpCases: want is 1 if the jump is taken; section 4.3.
var jumpCases = []opcodeCase{
	{form: form{op: 0x05}, want: 1, why: "always"},
	{form: form{op: 0x06}, want: 1, why: "always, 32-bit distance"},
	{form: form{op: 0x15}, dst: minus(1), imm: -1, want: 1, why: "sign extended immediate"},
	{form: form{op: 0x15}, dst: 0xffffffff, imm: -1, want: 0, why: "all 64 bits count"},
	{form: form{op: 0x1d}, dst: 5, src: 5, want: 1, why: "equal"},
	{form: form{op: 0x1d}, dst: 5, src: 1<<32 + 5, want: 0, why: "all 64 bits count"},
	{form: form{op: 0x16}, dst: 0x1_ffffffff, imm: -1, want: 1, why: "lower halves are equal"},
	{form: form{op: 0x16}, dst: 5, imm: 6, want: 0, why: "not equal"},
	{form: form{op: 0x1e}, dst: 5, src: 1<<32 + 5, want: 1, why: "lower halves are equal"},
	{form: form{op: 0x1e}, dst: 5, src: 6, want: 0, why: "not equal"},
	{form: form{op: 0x25}, dst: ones, imm: -2, want: 1, why: "unsigned, extended immediate"},
	{form: form{op: 0x25}, dst: 5, imm: 5, want: 0, why: "equal is not greater"},
	{form: form{op: 0x2d}, dst: minus(1), src: 1, want: 1, why: "unsigned"},
	{form: form{op: 0x2d}, dst: 1, src: minus(1), want: 0, why: "unsigned"},
	{form: form{op: 0x26}, dst: 0x1_00000006, imm: 5, want: 1, why: "6>5"},
	{form: form{op: 0x26}, dst: 0x1_00000005, imm: 5, want: 0, why: "upper half is ignored"},
	{form: form{op: 0x2e}, dst: 0xffffffff, src: 1, want: 1, why: "unsigned"},
	{form: form{op: 0x2e}, dst: 0x1_00000001, src: 1, want: 0, why: "upper half is ignored"},
	{form: form{op: 0x35}, dst: 5, imm: 5, want: 1, why: "equal"},
	{form: form{op: 0x35}, dst: 4, imm: 5, want: 0, why: "less"},
	{form: form{op: 0x3d}, dst: minus(1), src: 5, want: 1, why: "unsigned"},
	{form: form{op: 0x3d}, dst: 5, src: minus(1), want: 0, why: "unsigned"},
	{form: form{op: 0x36}, dst: 0x1_00000005, imm: 5, want: 1, why: "equal in 32 bits"},
	{form: form{op: 0x36}, dst: 0x1_00000004, imm: 5, want: 0, why: "upper half is ignored"},
	{form: form{op: 0x3e}, dst: 5, src: 0x1_00000005, want: 1, why: "equal in 32 bits"},
	{form: form{op: 0x3e}, dst: 0x1_00000004, src: 5, want: 0, why: "upper half is ignored"},
	{form: form{op: 0x45}, dst: 1 << 40, imm: math.MinInt32, want: 1, why: "the extended immediate has bit 40"},
	{form: form{op: 0x45}, dst: 5, imm: 2, want: 0, why: "no common bit"},
	{form: form{op: 0x4d}, dst: 1 << 40, src: 3 << 40, want: 1, why: "bit 40"},
	{form: form{op: 0x4d}, dst: 1 << 40, src: 1 << 41, want: 0, why: "no common bit"},
	{form: form{op: 0x46}, dst: 6, imm: 2, want: 1, why: "bit 1"},
	{form: form{op: 0x46}, dst: 1 << 40, imm: math.MinInt32, want: 0, why: "bit 40 does not count"},
	{form: form{op: 0x4e}, dst: 6, src: 2, want: 1, why: "bit 1"},
	{form: form{op: 0x4e}, dst: 1 << 40, src: 1 << 40, want: 0, why: "bit 40 does not count"},
	{form: form{op: 0x55}, dst: 0xffffffff, imm: -1, want: 1, why: "all 64 bits count"},
	{form: form{op: 0x55}, dst: 5, imm: 5, want: 0, why: "equal"},
	{form: form{op: 0x5d}, dst: 5, src: 1<<32 + 5, want: 1, why: "all 64 bits count"},
	{form: form{op: 0x5d}, dst: 5, src: 5, want: 0, why: "equal"},
	{form: form{op: 0x56}, dst: 5, imm: 6, want: 1, why: "not equal"},
	{form: form{op: 0x56}, dst: 0x1_ffffffff, imm: -1, want: 0, why: "lower halves are equal"},
	{form: form{op: 0x5e}, dst: 5, src: 6, want: 1, why: "not equal"},
	{form: form{op: 0x5e}, dst: 5, src: 1<<32 + 5, want: 0, why: "lower halves are equal"},
	{form: form{op: 0x65}, dst: 0, imm: -1, want: 1, why: "0>-1"},
	{form: form{op: 0x65}, dst: minus(1), imm: 0, want: 0, why: "-1 is less"},
	{form: form{op: 0x6d}, dst: 1, src: minus(1), want: 1, why: "1>-1"},
	{form: form{op: 0x6d}, dst: 1, src: 1, want: 0, why: "equal is not greater"},
	{form: form{op: 0x66}, dst: 0, imm: -1, want: 1, why: "0>-1"},
	{form: form{op: 0x66}, dst: 0x80000000, imm: 0, want: 0, why: "bit 31 is the sign"},
	{form: form{op: 0x6e}, dst: 0, src: 0xffffffff, want: 1, why: "bit 31 is the sign"},
	{form: form{op: 0x6e}, dst: 0xffffffff, src: 0, want: 0, why: "bit 31 is the sign"},
	{form: form{op: 0x75}, dst: minus(1), imm: -1, want: 1, why: "equal"},
	{form: form{op: 0x75}, dst: minus(2), imm: -1, want: 0, why: "-2 is less"},
	{form: form{op: 0x7d}, dst: 1, src: minus(1), want: 1, why: "1>=-1"},
	{form: form{op: 0x7d}, dst: minInt64, src: 0, want: 0, why: "the smallest number"},
	{form: form{op: 0x76}, dst: 0xffffffff, imm: -1, want: 1, why: "equal in 32 bits"},
	{form: form{op: 0x76}, dst: 0xfffffffe, imm: -1, want: 0, why: "-2 is less"},
	{form: form{op: 0x7e}, dst: 0x1_00000000, src: 0, want: 1, why: "upper half is ignored"},
	{form: form{op: 0x7e}, dst: 0x80000000, src: 0, want: 0, why: "bit 31 is the sign"},
	{form: form{op: 0xa5}, dst: 4, imm: 5, want: 1, why: "less"},
	{form: form{op: 0xa5}, dst: minus(1), imm: 5, want: 0, why: "unsigned"},
	{form: form{op: 0xad}, dst: 1, src: minus(1), want: 1, why: "unsigned"},
	{form: form{op: 0xad}, dst: 1, src: 1, want: 0, why: "equal is not less"},
	{form: form{op: 0xa6}, dst: 0x1_00000004, imm: 5, want: 1, why: "upper half is ignored"},
	{form: form{op: 0xa6}, dst: 5, imm: 5, want: 0, why: "equal is not less"},
	{form: form{op: 0xae}, dst: 1, src: 0xffffffff, want: 1, why: "unsigned"},
	{form: form{op: 0xae}, dst: 1, src: 0x1_00000001, want: 0, why: "upper half is ignored"},
	{form: form{op: 0xb5}, dst: 5, imm: 5, want: 1, why: "equal"},
	{form: form{op: 0xb5}, dst: 6, imm: 5, want: 0, why: "greater"},
	{form: form{op: 0xbd}, dst: 5, src: minus(1), want: 1, why: "unsigned"},
	{form: form{op: 0xbd}, dst: minus(1), src: 5, want: 0, why: "unsigned"},
	{form: form{op: 0xb6}, dst: 0x1_00000005, imm: 5, want: 1, why: "upper half is ignored"},
	{form: form{op: 0xb6}, dst: 6, imm: 5, want: 0, why: "greater"},
	{form: form{op: 0xbe}, dst: 0x1_00000005, src: 5, want: 1, why: "upper half is ignored"},
	{form: form{op: 0xbe}, dst: 6, src: 0x1_00000005, want: 0, why: "upper half is ignored"},
	{form: form{op: 0xc5}, dst: minus(1), imm: 0, want: 1, why: "-1<0"},
	{form: form{op: 0xc5}, dst: 0, imm: -1, want: 0, why: "0 is greater"},
	{form: form{op: 0xcd}, dst: minInt64, src: 0, want: 1, why: "the smallest number"},
	{form: form{op: 0xcd}, dst: 1, src: 1, want: 0, why: "equal is not less"},
	{form: form{op: 0xc6}, dst: 0x80000000, imm: 0, want: 1, why: "bit 31 is the sign"},
	{form: form{op: 0xc6}, dst: 0, imm: -1, want: 0, why: "0 is greater"},
	{form: form{op: 0xce}, dst: 0xffffffff, src: 0, want: 1, why: "bit 31 is the sign"},
	{form: form{op: 0xce}, dst: 0, src: 0xffffffff, want: 0, why: "bit 31 is the sign"},
	{form: form{op: 0xd5}, dst: minus(1), imm: -1, want: 1, why: "equal"},
	{form: form{op: 0xd5}, dst: 0, imm: -1, want: 0, why: "0 is greater"},
	{form: form{op: 0xdd}, dst: minInt64, src: 0, want: 1, why: "the smallest number"},
	{form: form{op: 0xdd}, dst: 1, src: minus(1), want: 0, why: "1 is greater"},
	{form: form{op: 0xd6}, dst: 0x80000000, imm: 0, want: 1, why: "bit 31 is the sign"},
	{form: form{op: 0xd6}, dst: 1, imm: 0, want: 0, why: "1 is greater"},
	{form: form{op: 0xde}, dst: 0x1_00000000, src: 0, want: 1, why: "upper half is ignored"},
	{form: form{op: 0xde}, dst: 0, src: 0xffffffff, want: 0, why: "0 is greater"},
}

// memory is what the eight bytes hold before loads, stores and atomic
// operations, in order of address.
var memory = [8]byte{0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88}

// loadCases: r0 = the bytes; sections 5.1 and 5.2. Numbers are those of a
// little-endian machine, want of a big-endian one is in the second table.
var loadCases = []opcodeCase{
	{form: form{op: 0x71}, want: 0x81, why: "the first byte"},
	{form: form{op: 0x69}, want: 0x8281, why: "the first two"},
	{form: form{op: 0x61}, want: 0x84838281, why: "the first four"},
	{form: form{op: 0x79}, want: 0x88878685_84838281, why: "all"},
	{form: form{op: 0x91}, want: 0xffffffff_ffffff81, why: "with sign"},
	{form: form{op: 0x89}, want: 0xffffffff_ffff8281, why: "with sign"},
	{form: form{op: 0x81}, want: 0xffffffff_84838281, why: "with sign"},
}

var loadWantBig = map[uint8]uint64{
	0x71: 0x81, 0x69: 0x8182, 0x61: 0x81828384, 0x79: 0x81828384_85868788,
	0x91: 0xffffffff_ffffff81, 0x89: 0xffffffff_ffff8182, 0x81: 0xffffffff_81828384,
}

// storeCases: the bytes after a store, in order of address as a big-endian
// number; little-endian machine first.
var storeCases = []struct {
	opcodeCase
	big uint64
}{
	{opcodeCase{form: form{op: 0x72}, imm: 0x1234, want: 0x34828384_85868788, why: "the lowest byte"}, 0x34828384_85868788},
	{opcodeCase{form: form{op: 0x6a}, imm: 0x1234, want: 0x34128384_85868788, why: "two bytes"}, 0x12348384_85868788},
	{opcodeCase{form: form{op: 0x62}, imm: 0x12345678, want: 0x78563412_85868788, why: "four bytes"}, 0x12345678_85868788},
	{opcodeCase{form: form{op: 0x7a}, imm: -2, want: 0xfeffffff_ffffffff, why: "extended with its sign"}, 0xffffffff_fffffffe},
	{opcodeCase{form: form{op: 0x73}, src: 0x1122334455667788, want: 0x88828384_85868788, why: "the lowest byte"}, 0x88828384_85868788},
	{opcodeCase{form: form{op: 0x6b}, src: 0x1122334455667788, want: 0x88778384_85868788, why: "two bytes"}, 0x77888384_85868788},
	{opcodeCase{form: form{op: 0x63}, src: 0x1122334455667788, want: 0x88776655_85868788, why: "four bytes"}, 0x55667788_85868788},
	{opcodeCase{form: form{op: 0x7b}, src: 0x1122334455667788, want: 0x88776655_44332211, why: "all"}, 0x11223344_55667788},
}

// atomicCase is an operation on a number in memory, section 5.3.
type atomicCase struct {
	form
	mem, src, r0 uint64 // before
	wantMem      uint64
	wantSrc      uint64
	wantR0       uint64
}

var atomicCases = []atomicCase{
	{form: form{op: 0xdb, imm: 0x00}, mem: ones, src: 3, wantMem: 2, wantSrc: 3},
	{form: form{op: 0xdb, imm: 0x40}, mem: 0xf0, src: 0x0f, wantMem: 0xff, wantSrc: 0x0f},
	{form: form{op: 0xdb, imm: 0x50}, mem: 0xfc, src: 0x3f, wantMem: 0x3c, wantSrc: 0x3f},
	{form: form{op: 0xdb, imm: 0xa0}, mem: 0xfc, src: 0x3f, wantMem: 0xc3, wantSrc: 0x3f},
	{form: form{op: 0xdb, imm: 0x01}, mem: ones, src: 3, wantMem: 2, wantSrc: ones},
	{form: form{op: 0xdb, imm: 0x41}, mem: 0xf0, src: 0x0f, wantMem: 0xff, wantSrc: 0xf0},
	{form: form{op: 0xdb, imm: 0x51}, mem: 0xfc, src: 0x3f, wantMem: 0x3c, wantSrc: 0xfc},
	{form: form{op: 0xdb, imm: 0xa1}, mem: 0xfc, src: 0x3f, wantMem: 0xc3, wantSrc: 0xfc},
	{form: form{op: 0xdb, imm: 0xe1}, mem: 7, src: 9, wantMem: 9, wantSrc: 7},
	{form: form{op: 0xdb, imm: 0xf1}, mem: 7, src: 9, r0: 7, wantMem: 9, wantSrc: 9, wantR0: 7},
	{form: form{op: 0xdb, imm: 0xf1}, mem: 7, src: 9, r0: 8, wantMem: 7, wantSrc: 9, wantR0: 7},
	// 32 bits: the number is the lower half of mem; what is fetched is zero-extended, src keeps its upper half.
	{form: form{op: 0xc3, imm: 0x00}, mem: 0xffffffff, src: 0x1_00000003, wantMem: 2, wantSrc: 0x1_00000003},
	{form: form{op: 0xc3, imm: 0x40}, mem: 0xf0, src: 0x0f, wantMem: 0xff, wantSrc: 0x0f},
	{form: form{op: 0xc3, imm: 0x50}, mem: 0xfc, src: 0x3f, wantMem: 0x3c, wantSrc: 0x3f},
	{form: form{op: 0xc3, imm: 0xa0}, mem: 0xfc, src: 0x3f, wantMem: 0xc3, wantSrc: 0x3f},
	{form: form{op: 0xc3, imm: 0x01}, mem: 0xffffffff, src: 0x1_00000003, wantMem: 2, wantSrc: 0xffffffff},
	{form: form{op: 0xc3, imm: 0x41}, mem: 0xf0, src: 0x1_0000000f, wantMem: 0xff, wantSrc: 0xf0},
	{form: form{op: 0xc3, imm: 0x51}, mem: 0xfc, src: 0x1_0000003f, wantMem: 0x3c, wantSrc: 0xfc},
	{form: form{op: 0xc3, imm: 0xa1}, mem: 0xfc, src: 0x1_0000003f, wantMem: 0xc3, wantSrc: 0xfc},
	{form: form{op: 0xc3, imm: 0xe1}, mem: 7, src: 0x1_00000009, wantMem: 9, wantSrc: 7},
	{form: form{op: 0xc3, imm: 0xf1}, mem: 7, src: 9, r0: 0x1_00000007, wantMem: 9, wantSrc: 9, wantR0: 7},
	{form: form{op: 0xc3, imm: 0xf1}, mem: 7, src: 9, r0: 8, wantMem: 7, wantSrc: 9, wantR0: 7},
}

// opcodeProgram is a program around an instruction and the r0 it must leave.
type opcodeProgram struct {
	form
	name    string
	program []raw
	want    uint64
}

// in is the instruction of a case.
func (c opcodeCase) in(dst, src uint8) raw {
	imm := c.imm
	if c.form.imm != 0 {
		imm = c.form.imm
	}
	return raw{op: c.op, dst: dst, src: src, off: c.off, imm: imm}
}

// opcodePrograms builds the programs of every case for a machine.
func opcodePrograms(bo binary.ByteOrder) []opcodeProgram {
	var all []opcodeProgram
	big := bo == binary.BigEndian
	add := func(f form, why string, want uint64, parts ...[]raw) {
		name := fmt.Sprintf("%02x", f.op)
		for _, x := range []int{int(f.src), int(f.off), int(f.imm)} {
			if x != 0 {
				name += fmt.Sprintf("/%x", x)
			}
		}
		all = append(all, opcodeProgram{form: f, name: name + " " + why, program: join(parts...), want: want})
	}
	for _, c := range aluCases {
		src := uint8(0)
		if c.op&8 != 0 {
			src = 2
		}
		add(c.form, c.why, c.want, lddw(0, c.dst), lddw(2, c.src), []raw{c.in(0, src), exit})
	}
	for _, c := range swapCases {
		f := c
		if big && c.op&7 == 4 {
			f.op ^= 8
		}
		add(f.form, c.why, c.want, lddw(0, c.dst), []raw{f.in(0, 0), exit})
	}
	for _, c := range jumpCases {
		dst, src := uint8(1), uint8(0)
		if c.op&8 != 0 {
			src = 2
		}
		in := raw{op: c.op, dst: dst, src: src, off: 1, imm: c.imm}
		if c.op == 0x05 || c.op == 0x06 {
			// What is jumped over must be reachable some other way.
			in = raw{op: c.op, off: 1}
			if c.op == 0x06 {
				in = raw{op: c.op, imm: 1}
			}
			add(c.form, c.why, c.want, []raw{{op: 0xb7, imm: 1}, {op: 0x15, dst: 0, off: 1, imm: 2}, in, {op: 0xb7, imm: 0}, exit})
			continue
		}
		add(c.form, c.why, c.want, lddw(1, c.dst), lddw(2, c.src),
			[]raw{{op: 0xb7, imm: 1}, in, {op: 0xb7, imm: 0}, exit})
	}
	number := bo.Uint64(memory[:])
	for _, c := range loadCases {
		want := c.want
		if big {
			want = loadWantBig[c.op]
		}
		add(c.form, c.why, want, lddw(1, number), []raw{{op: 0x7b, dst: 10, src: 1, off: -8}, {op: c.op, src: 10, off: -8}, exit})
	}
	for _, c := range storeCases {
		want := c.want
		src := uint8(0)
		if c.op&7 == 3 {
			src = 2
		}
		if big {
			want = c.big
		}
		// Read the bytes in order of address: to big-endian.
		add(c.form, c.why, want, lddw(1, number), lddw(2, c.src), []raw{
			{op: 0x7b, dst: 10, src: 1, off: -8}, {op: c.op, dst: 10, src: src, off: -8, imm: c.imm},
			{op: 0x79, src: 10, off: -8}, {op: 0xdc, imm: 64}, exit,
		})
	}
	for _, c := range atomicCases {
		size := uint8(0x18)
		if c.op == 0xc3 {
			size = 0
		}
		for k, want := range []uint64{c.wantMem, c.wantSrc, c.wantR0} {
			result := []raw{{op: 0x61 | size, src: 10, off: -8}, exit}
			switch k {
			case 1:
				result = []raw{{op: 0xbf, src: 2}, exit}
			case 2:
				result = []raw{exit}
			}
			add(c.form, []string{"memory", "source", "r0"}[k], want, lddw(1, c.mem), lddw(2, c.src), lddw(0, c.r0), []raw{
				{op: 0x63 | size, dst: 10, src: 1, off: -8}, {op: c.op, dst: 10, src: 2, off: -8, imm: c.imm},
			}, result)
		}
	}
	add(form{op: 0x95}, "returns r0", 0x1234, []raw{{op: 0xb7, imm: 0x1234}, exit})
	add(form{op: 0x85, src: 1}, "calls a function and comes back", 42,
		[]raw{{op: 0xb7, dst: 1, imm: 40}, {op: 0x85, src: 1, imm: 1}, exit, {op: 0xbf, src: 1}, {op: 0x07, imm: 2}, exit})
	add(form{op: 0x18}, "is a number of 64 bits", 0x11223344_55667788, lddw(0, 0x11223344_55667788), []raw{exit})
	return all
}

func TestEveryOpcodeOfRFC9669(t *testing.T) {
	for _, bo := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		t.Run(bo.String(), func(t *testing.T) {
			seen := map[form]bool{}
			for _, c := range opcodePrograms(bo) {
				seen[c.form] = true
				t.Run(c.name, func(t *testing.T) {
					r, err := machine(t, bo, decoded(t, bo, c.program), Options{}).Call()
					if err != nil {
						t.Fatal(err)
					}
					if r.R0 != c.want {
						t.Errorf("r0 = %#x, want %#x: %s", r.R0, c.want, c.name)
					}
				})
			}
			for f, run := range opcodesWithReferences {
				seen[f] = true
				t.Run(fmt.Sprintf("%02x src %d", f.op, f.src), func(t *testing.T) { run(t, bo) })
			}
			for _, f := range definedForms() {
				if !seen[f] && f.op&7 != 0 {
					t.Errorf("opcode %#02x with source %d, offset %d, immediate %#x is defined and has no case", f.op, f.src, f.off, f.imm)
				}
				if !seen[f] && f.op&7 == 0 {
					testDeprecated(t, bo, f)
				}
			}
		})
	}
}

// testDeprecated: section 5.5, packet access, is refused by name.
func testDeprecated(t *testing.T, bo binary.ByteOrder, f form) {
	t.Helper()
	_, err := newProgram(bo, decoded(t, bo, []raw{{op: f.op}, exit}), Options{})
	if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "section 5.5") {
		t.Errorf("opcode %#02x is loaded with %v; want it refused as deprecated packet access", f.op, err)
	}
}

// opcodesWithReferences are the instructions that refer to something outside
// the program: helpers, kfuncs, maps, variables and functions; sections 4.3.1
// and 5.4.
var opcodesWithReferences = map[form]func(t *testing.T, bo binary.ByteOrder){
	{op: 0x85}: func(t *testing.T, bo binary.ByteOrder) {
		o := Options{Clock: func() uint64 { return 77 }}
		wantR0(t, machine(t, bo, asm.Instructions{asm.FnKtimeGetNs.Call(), asm.Return()}, o), 77)
	},
	{op: 0x85, src: 2}: func(t *testing.T, bo binary.ByteOrder) {
		o := Options{Kfuncs: map[string]Func{"double": func(c *Call) (uint64, error) { return 2 * c.Args[0], nil }}}
		call := asm.Instruction{OpCode: asm.OpCode(0x85), Src: asm.PseudoKfuncCall, Constant: -1}.WithReference("double")
		wantR0(t, machine(t, bo, asm.Instructions{asm.Mov.Imm(asm.R1, 21), call, asm.Return()}, o), 42)
	},
	{op: 0x18, src: 1}: func(t *testing.T, bo binary.ByteOrder) { testMapLoad(t, bo, 1) },
	{op: 0x18, src: 2}: func(t *testing.T, bo binary.ByteOrder) { testValueLoad(t, bo, 2) },
	{op: 0x18, src: 3}: func(t *testing.T, bo binary.ByteOrder) {
		o := Options{Ksyms: map[string]uint64{"jiffies": 0xffff8000_00001234}}
		load := asm.Instruction{OpCode: asm.OpCode(0x18), Dst: 0, Src: 3}.WithReference("jiffies")
		wantR0(t, machine(t, bo, asm.Instructions{load, asm.Return()}, o), 0xffff8000_00001234)
	},
	{op: 0x18, src: 4}: func(t *testing.T, bo binary.ByteOrder) {
		// bpf_loop(3, callback, NULL, 0) with a callback that stops at once.
		insns := asm.Instructions{
			asm.Mov.Imm(asm.R1, 3),
			asm.Instruction{OpCode: asm.OpCode(0x18), Dst: asm.R2, Src: asm.PseudoFunc, Constant: -1}.WithReference("callback"),
			asm.Mov.Imm(asm.R3, 0), asm.Mov.Imm(asm.R4, 0), asm.FnLoop.Call(), asm.Return(),
			asm.Mov.Imm(asm.R0, 1).WithSymbol("callback"), asm.Return(),
		}
		wantR0(t, machine(t, bo, insns, Options{}), 1)
		// The same by distance: the callback is 5 slots after the second of lddw, where the kernel counts from.
		wantR0(t, machine(t, bo, decoded(t, bo, []raw{{op: 0xb7, dst: 1, imm: 3}, {op: 0x18, dst: 2, src: 4, imm: 5}, {}, {op: 0xb7, dst: 3}, {op: 0xb7, dst: 4},
			{op: 0x85, imm: 181}, exit, {op: 0xb7, imm: 1}, exit}), Options{}), 1)
	},
	{op: 0x18, src: 5}: func(t *testing.T, bo binary.ByteOrder) { testMapLoad(t, bo, 5) },
	{op: 0x18, src: 6}: func(t *testing.T, bo binary.ByteOrder) { testValueLoad(t, bo, 6) },
}

func wantR0(t *testing.T, p *Program, want uint64) {
	t.Helper()
	r, err := p.Call()
	if err != nil {
		t.Fatal(err)
	}
	if r.R0 != want {
		t.Errorf("r0 = %#x, want %#x", r.R0, want)
	}
}

// withArray loads a program beside an array of one element with 16 bytes.
func withArray(t *testing.T, bo binary.ByteOrder, insns asm.Instructions) *Program {
	t.Helper()
	spec := collection(insns)
	spec.ByteOrder = bo
	spec.Maps = map[string]*ebpf.MapSpec{"array": {
		Type: ebpf.Array, KeySize: 4, ValueSize: 16, MaxEntries: 1,
		Contents: []ebpf.MapKV{{Key: uint32(0), Value: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
	}}
	m, err := New(spec, Options{MapIndex: []string{"array"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Program("prog")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func reference(in asm.Instruction, src asm.Register) asm.Instruction {
	if src < 5 {
		return in.WithReference("array")
	}
	return in
}

func testMapLoad(t *testing.T, bo binary.ByteOrder, src asm.Register) {
	p := withArray(t, bo, asm.Instructions{
		asm.StoreImm(asm.RFP, -4, 0, asm.Word),
		reference(asm.Instruction{OpCode: asm.OpCode(0x18), Dst: asm.R1, Src: src}, src),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4), asm.FnMapLookupElem.Call(),
		asm.LoadMem(asm.R0, asm.R0, 7, asm.Byte), asm.Return(),
	})
	wantR0(t, p, 7)
}

func testValueLoad(t *testing.T, bo binary.ByteOrder, src asm.Register) {
	p := withArray(t, bo, asm.Instructions{
		reference(asm.Instruction{OpCode: asm.OpCode(0x18), Dst: asm.R1, Src: src, Constant: 9 << 32}, src),
		asm.LoadMem(asm.R0, asm.R1, 2, asm.Byte), asm.Return(),
	})
	wantR0(t, p, 11)
}
