// SPDX-License-Identifier: MIT

package programs_test

import (
	"testing"

	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// BenchmarkPut enters a set of extents into an interpreter. What calls cost, there
// and in the kernel, is in "make bench".
func BenchmarkPut(b *testing.B) {
	extents := make([]programs.Extent, 100000)
	for i := range extents {
		at := uint64(i)
		extents[i] = programs.Extent{Offset: (at + at/2) * 4096, Length: 4096, Addr: at * 8192, Device: 1}
	}
	for b.Loop() {
		p := programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: 5, Extents: extents}}}
		if _, err := programs.Emulate(p, nil, emu.IomapOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
