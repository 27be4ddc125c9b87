// SPDX-License-Identifier: MIT

package cheader

import (
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// BenchmarkContract reads our header for one target, with the platform's
// macros and types prepared, and from nothing.
func BenchmarkContract(b *testing.B) {
	target, err := model.TargetByName("bpfel")
	if err != nil {
		b.Fatal(err)
	}
	read := func(b *testing.B) {
		if _, err := ParseFile("../../headers/fuse_iomap_bpf.h", Options{Target: target}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("warm", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b)
		}
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			platforms.Clear()
			read(b)
		}
	})
}
