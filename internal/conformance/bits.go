// SPDX-License-Identifier: MIT

package conformance

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// bits checks bit-fields: for each, clang compiles a constant in which nothing
// but the bit-field is set, and the bytes in the object tell where it is. It
// returns the contradictions.
func (c *Clang) bits(target string, big bool, dirs []string, dir, front string, bs []bitClaim) ([]string, error) {
	if len(bs) == 0 {
		return nil, nil
	}
	src, obj := filepath.Join(dir, "bits.c"), filepath.Join(dir, "bits.o")
	var wrong []string
	drop := map[int]string{}
	for {
		var b strings.Builder
		b.WriteString(front + "\n")
		head := strings.Count(b.String(), "\n")
		for i, k := range bs {
			if drop[i] == "" {
				fmt.Fprintf(&b, "const %s abigen_bits_%d = {.%s = -1};", k.typ, i, k.path)
			}
			b.WriteByte('\n')
		}
		if err := os.WriteFile(src, []byte(b.String()), 0o600); err != nil {
			return nil, err
		}
		if err := os.RemoveAll(obj); err != nil {
			return nil, err
		}
		_, msgs, err := c.run(target, dirs, []string{"-emit-obj", "-o", obj}, src)
		if err != nil {
			return nil, err
		}
		said := complaints(msgs, []string{src})[src]
		if len(said) == 0 {
			break
		}
		before := len(drop)
		for _, m := range said {
			if i := m.line - head - 1; i >= 0 && drop[i] == "" {
				drop[i] = m.text
				wrong = append(wrong, fmt.Sprintf("bit-field %s: clang: %s", bs[i].subject, m.text))
			}
		}
		if len(drop) == before {
			return nil, fmt.Errorf("clang: %s", said[0].text)
		}
	}
	f, err := elf.Open(obj)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	values, err := objects(f)
	if err != nil {
		return nil, err
	}
	for i, k := range bs {
		if drop[i] != "" {
			continue
		}
		data, ok := values[fmt.Sprintf("abigen_bits_%d", i)]
		if !ok {
			return nil, fmt.Errorf("%s: no symbol abigen_bits_%d", obj, i)
		}
		if off, width := setBits(data, big); off != k.offset || width != k.width {
			wrong = append(wrong, fmt.Sprintf("bit-field %s is bits %d+%d, clang says %d+%d", k.subject, k.offset, k.width, off, width))
		}
	}
	return wrong, nil
}

// objects returns the bytes of every data symbol.
func objects(f *elf.File) (map[string][]byte, error) {
	syms, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	sections := map[elf.SectionIndex][]byte{}
	out := map[string][]byte{}
	for _, s := range syms {
		if elf.ST_TYPE(s.Info) != elf.STT_OBJECT || int(s.Section) >= len(f.Sections) {
			continue
		}
		sec := f.Sections[s.Section]
		if sec.Type == elf.SHT_NOBITS {
			out[s.Name] = make([]byte, s.Size)
			continue
		}
		data, ok := sections[s.Section]
		if !ok {
			if data, err = sec.Data(); err != nil {
				return nil, err
			}
			sections[s.Section] = data
		}
		if s.Value+s.Size > uint64(len(data)) {
			return nil, fmt.Errorf("symbol %s ends behind its section", s.Name)
		}
		out[s.Name] = data[s.Value : s.Value+s.Size]
	}
	return out, nil
}

// setBits returns the first set bit and the number of set bits, counted from
// the least significant bit of byte 0, or on a big-endian target from the most
// significant. Bits that are not in a row count as none.
func setBits(data []byte, big bool) (off, width int64) {
	off = -1
	for i := range len(data) * 8 {
		bit := i % 8
		if big {
			bit = 7 - bit
		}
		if data[i/8]>>bit&1 == 0 {
			continue
		}
		if off < 0 {
			off = int64(i)
		}
		if off+width != int64(i) {
			return -1, 0
		}
		width++
	}
	return off, width
}
