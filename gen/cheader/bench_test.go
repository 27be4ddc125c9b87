// SPDX-License-Identifier: MIT

package cheader

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

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

// BenchmarkKernelHeaders reads every kernel header of the machine for one
// target, in one process and with one cache: an operation is the whole sweep.
// "make bench" compares it with clang.
func BenchmarkKernelHeaders(b *testing.B) {
	var headers []string
	for _, pattern := range []string{"linux/*.h", "linux/*/*.h", "asm-generic/*.h", "rdma/*.h", "rdma/*/*.h", "mtd/*.h",
		"sound/*.h", "scsi/*.h", "scsi/*/*.h", "xen/*.h", "misc/*.h", "misc/*/*.h", "video/*.h", "x86_64-linux-gnu/asm/*.h"} {
		found, err := filepath.Glob("/usr/include/" + pattern)
		if err != nil {
			b.Fatal(err)
		}
		headers = append(headers, found...)
	}
	if len(headers) < 100 {
		b.Skipf("%d kernel headers in /usr/include: install linux-libc-dev", len(headers))
	}
	target, err := model.TargetByName("amd64")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var took []time.Duration
	for b.Loop() {
		took = took[:0]
		o := Options{Target: target, IncludeDirs: []string{"/usr/include/x86_64-linux-gnu", "/usr/include"}, Cache: new(Cache)}
		read := 0
		for _, h := range headers {
			start := time.Now()
			if _, err := ParseFile(h, o); err == nil {
				read++
			}
			took = append(took, time.Since(start))
		}
		if read < len(headers)*9/10 {
			b.Fatalf("%d of %d headers were read", read, len(headers))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(headers)), "headers")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median-header")
}
