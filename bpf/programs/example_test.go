// SPDX-License-Identifier: MIT

package programs_test

import (
	"fmt"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// What a striped file system would answer, without a kernel.
func ExampleStripeParams() {
	p := programs.StripeParams{
		ChunkSize: 64 << 10,
		Devices:   []uint32{1, 2, 3},
		Files:     []programs.StripeFile{{Inode: 42, Base: 1 << 30, Length: 10 << 20}},
	}
	x, err := programs.Emulate(p, nil, emu.IomapOptions{Revision: "R4"})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, ret, err := x.Begin(42, abi.IomapBeginIn{Pos: 200 << 10, Count: 4096})
	fmt.Println(ret, err)
	fmt.Printf("%d bytes from %d are at %#x of device %d\n", out.Read.Length, out.Read.Offset, out.Read.Addr, out.Read.Dev)
	// Output:
	// HANDLED <nil>
	// 65536 bytes from 196608 are at 0x40010000 of device 1
}

// The error names the entry.
func ExampleParams_Validate() {
	p := programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: 7, Extents: []programs.Extent{
		{Offset: 0, Length: 8192, Addr: 1 << 20, Device: 1},
		{Offset: 4096, Length: 4096, Addr: 2 << 20, Device: 1},
	}}}}
	fmt.Println(p.Validate())
	// Output: programs: extents: Files[0].Extents[1].Offset (inode 7): 4096 is inside Extents[0], which ends at 8192: extents must not overlap
}
