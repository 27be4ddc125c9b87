// SPDX-License-Identifier: MIT

package gopkg

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fuseiomap/abigen/gen/model"
)

// Our own package is the same whether the go command finds it or its files
// are read alone, and has the contract's sizes on every target.
func TestPackageABIOnEveryTarget(t *testing.T) {
	sizes := map[string]int64{
		"fuse_iomap_io": 32, "fuse_iomap_begin_in": 32, "fuse_iomap_begin_out": 64, "fuse_iomap_end_in": 72,
		"fuse_iomap_ioend_in": 48, "fuse_iomap_ioend_out": 8, "fuse_iomap_bpf_ops": 48,
	}
	for _, tg := range model.Targets() {
		loaded, err := Load("github.com/fuseiomap/abigen/abi", Options{Target: tg})
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseFS(os.DirFS("../../abi"), ".", "github.com/fuseiomap/abigen/abi", Options{Target: tg})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(snapshot(t, loaded), snapshot(t, read)); diff != "" {
			t.Errorf("%s: Load and ParseFS differ:\n%s", tg.Name, diff)
		}
		got := map[string]int64{}
		for _, r := range loaded.Records {
			got[r.Name] = r.Size
		}
		if diff := cmp.Diff(sizes, got); diff != "" {
			t.Errorf("%s: sizes: %s", tg.Name, diff)
		}
		if len(loaded.Constants) != 40 || len(loaded.Enums) != 1 || len(loaded.Skipped) != 1 || loaded.Skipped[0].Name != "fuse_device" {
			t.Errorf("%s: %d constants, %d enums, skipped %v", tg.Name, len(loaded.Constants), len(loaded.Enums), loaded.Skipped)
		}
		if diff := cmp.Diff([]model.Field{
			{Name: "opflags", BitOffset: 0, BitSize: 32, Type: model.Int{Bits: 32}},
			{Name: "reserved", BitOffset: 32, BitSize: 32, Type: model.Int{Bits: 32}},
			{Name: "attr_ino", BitOffset: 64, BitSize: 64, Type: model.Int{Bits: 64}},
			{Name: "pos", BitOffset: 128, BitSize: 64, Type: model.Int{Bits: 64}},
			{Name: "count", BitOffset: 192, BitSize: 64, Type: model.Int{Bits: 64}},
		}, loaded.Record("fuse_iomap_begin_in").Fields, cmpopts.IgnoreFields(model.Field{}, "Pos", "Doc", "Spelling")); diff != "" {
			t.Errorf("%s: fuse_iomap_begin_in: %s", tg.Name, diff)
		}
	}
}
