// SPDX-License-Identifier: MIT

package abi_test

import (
	"errors"
	"fmt"

	"github.com/fuseiomap/abigen/abi"
)

// A server tests what its program would answer, before there is a kernel.
func ExampleValidate() {
	in := abi.IomapBeginIn{Opflags: abi.FUSE_IOMAP_OP_WRITE, Pos: 5000, Count: 100}
	var out abi.IomapBeginOut
	out.Read = abi.IomapIO{Offset: 4096, Length: 1000, Addr: 1 << 20, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 1}
	out.PureOverwrite()

	report := abi.Validate(in, out, abi.FS{
		BlockSize:      4096,
		MaxFileSize:    1<<63 - 1,
		Devices:        map[uint32]abi.Device{1: {Readable: true}},
		UncacheableOps: abi.FUSE_IOMAP_OP_REPORT,
	})
	for _, p := range report.Violations {
		fmt.Printf("rule %d, %s = %d: %s\n", p.Rule, p.Field, p.Value, p.Errno.Name())
	}
	fmt.Println(errors.Is(report.Err(), abi.EUCLEAN))
	// Output:
	// rule 7, read.length = 1000: EUCLEAN
	// rule 7, write.length = 1000: EUCLEAN
	// rule 21, read.dev = 1: EACCES
	// true
}

// What is not known is not checked, and the report says so.
func ExampleReport_String() {
	var out abi.IomapBeginOut
	out.Read = abi.IomapIO{Length: 8192, Addr: 100, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 1}
	out.PureOverwrite()
	out.Write.Addr = 0

	fmt.Print(abi.Validate(abi.IomapBeginIn{}, out, abi.FS{BlockSize: 4096, MaxFileSize: 1 << 40}))
	// Output:
	// rule 12: write.addr is 0x0: PURE_OVERWRITE has no address: the kernel returns EUCLEAN (117): set it to FUSE_IOMAP_NULL_ADDR, which is not 0
	// warning: rule 14: read.addr is 0x64: not a multiple of 512 bytes, so the kernel uses 0x0: the kernel accepts it: align extents to sectors on the device
	// rule 18: not checked: the operations that cannot be cached are unknown: set FS.UncacheableOps
	// rule 20: not checked: the registered devices are unknown: set FS.Devices
	// rule 21: not checked: the registered devices are unknown: set FS.Devices
	// 1 violations, 1 warnings, 3 not checked
}

func ExampleIomapBeginOut_PureOverwrite() {
	var out abi.IomapBeginOut
	out.Read = abi.IomapIO{Offset: 4096, Length: 8192, Addr: 1 << 20, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 1}
	out.PureOverwrite()
	fmt.Println(out.Write.Type, out.Write.Offset, out.Write.Length, out.Write.Dev, out.Write.Addr == abi.FUSE_IOMAP_NULL_ADDR)
	// Output: PURE_OVERWRITE 4096 8192 0 true
}

func ExampleIomapBeginOut_EffectiveMapping() {
	out := abi.IomapBeginOut{
		Read:  abi.IomapIO{Type: abi.FUSE_IOMAP_TYPE_HOLE},
		Write: abi.IomapIO{Type: abi.FUSE_IOMAP_TYPE_DELALLOC},
	}
	used, source := out.EffectiveMapping(abi.FUSE_IOMAP_OP_WRITE)
	fmt.Println(used.Type, source.Type)
	used, source = out.EffectiveMapping(abi.FUSE_IOMAP_OP_REPORT)
	fmt.Println(used.Type, source)
	// Output:
	// DELALLOC HOLE
	// HOLE <nil>
}

func ExampleIomapBPFOps_SetName() {
	var ops abi.IomapBPFOps
	fmt.Println(ops.SetName("striped"), ops.NameString())
	fmt.Println(ops.SetName("interleaved-memory"))
	// Output:
	// <nil> striped
	// rule 36: name is "interleaved-memory": character '-' at byte 11 is not allowed: the kernel returns EINVAL (22): use A-Z, a-z, 0-9, _ and dot
}

func ExampleRuleByNumber() {
	rule, _ := abi.RuleByNumber(13)
	fmt.Println(rule.Title)
	fmt.Println(rule.Text)
	fmt.Println(rule.Errno)
	// Output:
	// device range does not overflow
	// Where a mapping has an address, address plus length fits into 64 bits, unsigned.
	// EUCLEAN (117)
}
