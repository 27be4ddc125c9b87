// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// TestEverythingComparesWithEverything declares one record in every kind of
// source and compares each with each, in both directions.
func TestEverythingComparesWithEverything(t *testing.T) {
	little, big := pairBTF(t, binary.LittleEndian), pairBTF(t, binary.BigEndian)
	base := baseBTF(t)
	files(t, map[string]string{
		"pair.h": pairC, "little.btf": string(little), "big.btf": string(big),
		"prog.o": string(elfWith(t, elf.EM_BPF, little)), "vmlinux": string(elfWith(t, elf.EM_X86_64, little)),
		"base.btf": string(base), "mod.ko": string(elfWith(t, elf.EM_X86_64, splitBTF(base))), "mod.btf": string(splitBTF(base)),
		"mod.ko.gz":   string(gzipped(t, elfWith(t, elf.EM_X86_64, splitBTF(base)))),
		"mod.ko.xz":   string(xzipped(t, elfWith(t, elf.EM_X86_64, splitBTF(base)))),
		"mod.ko.zst":  string(zstded(t, elfWith(t, elf.EM_X86_64, splitBTF(base)))),
		"vmlinuz":     string(bootable(gzipped(t, elfWith(t, elf.EM_X86_64, little)))),
		"vmlinuz-new": string(bootable(zstded(t, elfWith(t, elf.EM_X86_64, little)))),
		"go.mod":      "module example.org/m\n", "pkg/a.go": "package pkg\n\n//abigen:record pair\ntype Pair struct {\n\tA uint32\n\t_ uint32\n\tB uint64\n}\n",
	})
	var snapshot, lock bytes.Buffer
	header, err := Open(t.Context(), "pair.h", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Encode(&snapshot, header); err != nil {
		t.Fatal(err)
	}
	kernel, err := Open(t.Context(), "btf:big.btf", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := model.EncodeLock(&lock, []model.Locked{{Spec: "pair.h", ABI: header}, {Spec: "btf:big.btf", ABI: kernel}}); err != nil {
		t.Fatal(err)
	}
	save(t, "pair.json", snapshot.Bytes())
	save(t, "pair.lock", lock.Bytes())

	specs := []string{"header:pair.h", "pair.h", "btf:little.btf", "little.btf", "btf:big.btf", "elf:prog.o", "prog.o", "vmlinux", "btf:vmlinux",
		"btf:mod.ko", "mod.ko", "btf:mod.btf", "mod.ko.gz", "btf:mod.ko.gz", "mod.ko.xz", "mod.ko.zst", "vmlinuz", "btf:vmlinuz", "vmlinuz-new", "go:./pkg",
		"pair.json", "snapshot:pair.json", "snapshot:pair.lock#pair.h", "snapshot:pair.lock#btf:big.btf"}
	var all []*model.ABI
	for _, s := range specs {
		a, err := OpenDir(t.Context(), s, Options{Base: "base.btf"})
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if r := a.Record("pair"); r == nil || r.Size != 16 {
			t.Errorf("%s: the record is %+v", s, r)
		}
		all = append(all, a)
	}
	for i, a := range all {
		for j, b := range all {
			if res := drift.Compare(a, b, drift.Options{}); len(res.Findings) > 0 {
				t.Errorf("%s against %s: %+v", specs[i], specs[j], res.Findings)
			}
		}
	}
}

func TestWhatCannotBeUnpackedNamesTheCommand(t *testing.T) {
	files(t, map[string]string{
		"m.ko.lz4": "\x04\x22\x4d\x18...", "vmlinuz-lz4": string(bootable([]byte("\x02\x21\x4c\x18..."))),
		"vmlinuz-xz": string(bootable([]byte("\xfd7zXZ\x00..."))), "vmlinuz-none": string(bootable(nil)),
		"cut.gz": string(gzipped(t, pairBTF(t, binary.LittleEndian)))[:40],
		"cut.xz": string(xzipped(t, pairBTF(t, binary.LittleEndian)))[:40], "cut.zst": string(zstded(t, pairBTF(t, binary.LittleEndian)))[:20],
		"vmlinuz-cut": string(bootable(zstded(t, elfWith(t, elf.EM_X86_64, pairBTF(t, binary.LittleEndian))[:200]))),
	})
	for spec, want := range map[string]string{
		"m.ko.lz4":     "m.ko.lz4: it is packed with lz4, which abigen cannot unpack: run lz4 -dc m.ko.lz4 > unpacked and name that file",
		"vmlinuz-lz4":  "vmlinuz-lz4: it is a bootable kernel packed with lz4, which abigen cannot unpack: run scripts/extract-vmlinux vmlinuz-lz4 > vmlinux",
		"vmlinuz-xz":   "vmlinuz-xz: it is a bootable kernel packed with xz, which abigen cannot unpack: run scripts/extract-vmlinux vmlinuz-xz > vmlinux",
		"vmlinuz-none": "no packed kernel was found in it",
		"vmlinuz-cut":  "unpack the kernel at byte ",
		"btf:cut.gz":   "cut.gz: unpack with gzip: unexpected EOF: copy the file again",
		"btf:cut.xz":   "cut.xz: unpack with xz: ",
		"btf:cut.zst":  "cut.zst: unpack with zstd: unexpected EOF: copy the file again",
	} {
		_, err := Open(t.Context(), spec, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", spec, err, want)
		}
	}
}

func TestTheBaseOfAModuleMayBePacked(t *testing.T) {
	base := baseBTF(t)
	files(t, map[string]string{"mod.ko.xz": string(xzipped(t, splitBTF(base))), "vmlinux.zst": string(zstded(t, base))})
	a, err := Open(t.Context(), "btf:mod.ko.xz", Options{Base: "vmlinux.zst"})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Records) == 0 {
		t.Error("no record of the module")
	}
}

func TestAnotherBaseIsRefusedWithTheOptionToChange(t *testing.T) {
	base := baseBTF(t)
	files(t, map[string]string{
		"mod.btf": string(splitBTF(base)), "text": "no BTF",
		"split.btf": string(splitBTF(base)), "other.btf": string(marshal(t, binary.LittleEndian, &btf.Int{Name: "int", Size: 4})),
	})
	for file, kind := range map[string]error{"other.btf": btfsrc.ErrWrongBase, "text": btfsrc.ErrNeedBase, "nosuch": btfsrc.ErrNeedBase, "split.btf": btfsrc.ErrNeedBase} {
		_, err := Open(t.Context(), "btf:mod.btf", Options{Base: file})
		if !errors.Is(err, kind) || !strings.HasSuffix(err.Error(), "--base FILE names it") {
			t.Errorf("over %s: %v", file, err)
		}
	}
}

func TestAdviceIsGivenOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, spec := range []string{"btf:nosuch", "elf:nosuch", "header:nosuch.h", "nosuch", "snapshot:nosuch", "btf:x --base"} {
		_, err := Open(t.Context(), spec, Options{Base: "nosuch"})
		if err == nil || strings.Count(err.Error(), "check the path") != 1 {
			t.Errorf("%s: %v", spec, err)
		}
	}
}
