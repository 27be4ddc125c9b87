// SPDX-License-Identifier: MIT

package abi

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
)

// newRand returns numbers that are the same in every run.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(42, 0)) }

// FuzzValidate gives the validator any bytes for request and answer and
// compares it with the oracle.
func FuzzValidate(f *testing.F) {
	r := random{newRand()}
	for range 16 {
		in, out, fs := r.answer()
		data := in.AppendLittleEndian(nil)
		data = out.AppendLittleEndian(data)
		f.Add(data, fs.BlockSize, fs.MaxFileSize, uint32(fs.UncacheableOps), fs.Variant == VariantF, uint8(len(fs.Devices)))
	}
	f.Fuzz(func(t *testing.T, data []byte, blockSize uint32, maxFileSize uint64, uncacheable uint32, february bool, devices uint8) {
		data = append(data, make([]byte, SizeofIomapBeginIn+SizeofIomapBeginOut)...)
		var in IomapBeginIn
		var out IomapBeginOut
		if err := in.DecodeLittleEndian(data); err != nil {
			t.Fatal(err)
		}
		if err := out.DecodeLittleEndian(data[SizeofIomapBeginIn:]); err != nil {
			t.Fatal(err)
		}
		fs := FS{BlockSize: blockSize, MaxFileSize: maxFileSize, UncacheableOps: IomapOpFlags(uncacheable)}
		if february {
			fs.Variant = VariantF
		}
		if devices > 0 {
			fs.Devices = map[uint32]Device{}
			for n := range uint32(devices) - 1 {
				fs.Devices[n] = Device{Readable: n&1 != 0, Writable: n&2 != 0}
			}
		}
		agree(t, in, out, fs)
		if Validate(in, out, fs).String() == "" {
			t.Error("a report always has a summary")
		}
	})
}

// FuzzCheckName compares the check of names with a pattern.
func FuzzCheckName(f *testing.F) {
	for _, name := range []string{"", "a", "famfs_map.v2", "0123456789abcde", "0123456789abcdef", "a b", "a\n", "é"} {
		f.Add(name)
	}
	allowed := regexp.MustCompile(`\A[A-Za-z0-9_.]{1,15}\z`)
	f.Fuzz(func(t *testing.T, name string) {
		var ops IomapBPFOps
		err := ops.SetName(name)
		if (err == nil) != allowed.MatchString(name) {
			t.Fatalf("%q: %v", name, err)
		}
		if err == nil && (ops.NameString() != name || ops.Validate().Err() != nil) {
			t.Fatalf("%q was stored as %q: %v", name, ops.Name, ops.Validate())
		}
		if err != nil && slices.ContainsFunc(ops.Name[:], func(b byte) bool { return b != 0 }) {
			t.Fatalf("%q was refused and stored as %q", name, ops.Name)
		}
	})
}
