// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/headers"
)

// variants writes n files into dir, each a kernel's BTF with the types of one
// revision of the contract. No two are the same: every one has other names
// somewhere, by a seed.
func variants(dir string, data []byte, n int) error {
	var blobs [][]byte
	for rev := 1; rev <= 4; rev++ {
		b, err := join(data, fmt.Sprintf("btf/kernel-R%d.btf", rev))
		if err != nil {
			return err
		}
		blobs = append(blobs, b)
	}
	for i := range n {
		text := bytes.Clone(blobs[i%len(blobs)])
		if err := disturb(text, uint64(i)); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("kernel%04d.btf", i)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// join returns a kernel's BTF with the types of a fixture added.
func join(kernel []byte, fixture string) ([]byte, error) {
	text, err := headers.FS.ReadFile(fixture)
	if err != nil {
		return nil, err
	}
	b, err := btf.NewBuilder(nil, nil)
	if err != nil {
		return nil, err
	}
	for _, data := range [][]byte{kernel, text} {
		spec, err := btf.LoadSpecFromReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		for t, err := range spec.All() {
			if err != nil {
				return nil, err
			}
			if _, err := b.Add(t); err != nil {
				return nil, err
			}
		}
	}
	return b.Marshal(nil, nil)
}

// renamings is how many letters of names a variant has changed.
const renamings = 1000

// disturb changes letters within the strings of BTF, but for the contract's.
func disturb(data []byte, seed uint64) error {
	if len(data) < 24 {
		return fmt.Errorf("%d bytes are no BTF", len(data))
	}
	// struct btf_header: hdr_len at byte 4, str_off at 16, str_len at 20.
	start := binary.NativeEndian.Uint32(data[4:]) + binary.NativeEndian.Uint32(data[16:])
	strs := data[start:][:binary.NativeEndian.Uint32(data[20:])]
	rng := rand.New(rand.NewPCG(seed, 1))
	for range renamings {
		at := rng.IntN(len(strs))
		from := bytes.LastIndexByte(strs[:at], 0) + 1
		end := at + bytes.IndexByte(strs[at:], 0)
		if name := strs[from:end]; len(name) > 3 && !bytes.Contains(name, []byte("fuse")) && strs[at] >= 'a' && strs[at] <= 'z' {
			strs[at] = byte('a' + rng.IntN(26))
		}
	}
	return nil
}
