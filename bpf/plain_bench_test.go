// SPDX-License-Identifier: MIT

//go:build linux

package bpf

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"

	"github.com/fuseiomap/abigen/bpf/internal/testobject"
)

// plainTime does what attachTime does with the library alone, which compares
// nothing. It gets by hand the programs of one variable, since it would give them
// to members of the other variables too.
func plainTime(b *testing.B, types func() *btf.Cache) {
	b.Helper()
	needCongestion(b)
	const variable = "two"
	keep := map[string]bool{}
	for _, v := range testObject(b, "tcp").Ops() {
		if v.Name == variable {
			for _, program := range v.Programs {
				keep[program] = true
			}
		}
	}
	b.ResetTimer()
	for range b.N {
		cache := types()
		spec, err := ebpf.LoadCollectionSpecFromReader(testobject.Open("tcp"))
		if err != nil {
			b.Fatal(err)
		}
		for name := range spec.Programs {
			if !keep[name] {
				delete(spec.Programs, name)
			}
		}
		for name, m := range spec.Maps {
			if m.Type == ebpf.StructOpsMap && name != variable {
				delete(spec.Maps, name)
			}
		}
		c, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{Cache: cache})
		if err != nil {
			b.Fatal(err)
		}
		l, err := link.AttachStructOps(link.StructOpsOptions{Map: c.Maps[variable]})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		c.Close()
		b.StartTimer()
	}
}

func BenchmarkPlainCold(b *testing.B) { plainTime(b, btf.NewCache) }

func BenchmarkPlainWarm(b *testing.B) {
	cache := btf.NewCache()
	plainTime(b, func() *btf.Cache { return cache })
}
