// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/model"
)

// packer is a way in which kernels and modules are compressed.
type packer struct {
	name  string
	magic string
	// open unpacks; nil where no library does. It may fail at what stands behind
	// the packed data, as long as it has given all of it before.
	open func(io.Reader) (io.Reader, error)
	// command unpacks a file called %s, to standard output.
	command string
}

var packers = []packer{
	{"gzip", "\x1f\x8b\x08", func(r io.Reader) (io.Reader, error) {
		z, err := gzip.NewReader(r)
		if err == nil {
			// A kernel image goes on behind what is packed.
			z.Multistream(false)
		}
		return z, err
	}, "gzip -dc %s"},
	{"bzip2", "BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }, "bzip2 -dc %s"},
	{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) {
		return xz.ReaderConfig{SingleStream: true, DictCap: maxWindow}.NewReader(r)
	}, "xz -dc %s"},
	{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return z, nil
	}, "zstd -dcq %s"},
	{"lz4", "\x02\x21\x4c\x18", nil, "lz4 -dc %s"},
	{"lz4", "\x04\x22\x4d\x18", nil, "lz4 -dc %s"},
	{"lzma", "\x5d\x00\x00", nil, "xz --format=lzma -dc %s"},
}

const (
	// maxUnpacked bounds what is unpacked, in bytes: what kernels boot and modules
	// that are installed take a tenth of it.
	maxUnpacked = 512 << 20
	// maxWindow bounds what an unpacker keeps in memory, in bytes: kernels are
	// packed with zstd -22 --ultra, whose window is as large.
	maxWindow = 128 << 20
	// maxStarts bounds how many places of an image are tried: what looks packed by
	// chance is rare.
	maxStarts = 200
)

// packing returns how a file that begins with head is packed, nil where it is
// not.
func packing(head []byte) *packer {
	for i := range packers {
		if bytes.HasPrefix(head, []byte(packers[i].magic)) {
			return &packers[i]
		}
	}
	return nil
}

// isBzImage reports whether head is that of a bootable kernel of x86, see
// Documentation/arch/x86/boot.rst: the boot flag and the magic of the header.
func isBzImage(head []byte) bool {
	return len(head) >= 0x206 && head[0x1fe] == 0x55 && head[0x1ff] == 0xaa && string(head[0x202:0x206]) == "HdrS"
}

// readBTF is [btfsrc.ReadFile] for files that may be packed, as may the base:
// modules as distributions install them, and bootable kernels.
func readBTF(path string, o btfsrc.Options) (*model.ABI, error) {
	if o.Base != "" {
		base, err := unpacked(o.Base)
		if err != nil {
			return nil, fmt.Errorf("the base of split BTF: %w", err)
		}
		o.BaseData = base
	}
	data, err := unpacked(path)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return btfsrc.ReadFile(path, o)
	}
	return btfsrc.Read(path, data, o)
}

// unpacked returns what is in a packed file or a bootable kernel, nil where a
// file is neither or cannot be read, which reading it will tell.
func unpacked(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil
	}
	defer func() { _ = f.Close() }() // it was only read
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return nil, nil
	}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	head = head[:n]
	if p := packing(head); p != nil {
		return unpackFile(path, io.MultiReader(bytes.NewReader(head), f), p)
	}
	if bytes.HasPrefix(head, []byte("MZ")) || isBzImage(head) {
		return unpackImage(path)
	}
	return nil, nil
}

func unpackFile(path string, r io.Reader, p *packer) ([]byte, error) {
	if p.open == nil {
		return nil, fmt.Errorf("%s: it is packed with %s, which abigen cannot unpack: run %s > unpacked and name that file",
			path, p.name, fmt.Sprintf(p.command, path))
	}
	data, err := p.unpack(r)
	if err != nil {
		return nil, fmt.Errorf("%s: unpack with %s: %w: copy the file again", path, p.name, err)
	}
	return data, nil
}

// unpack gives all that comes before an error, too.
func (p *packer) unpack(r io.Reader) ([]byte, error) {
	z, err := p.open(r)
	if err != nil {
		return nil, err
	}
	if c, ok := z.(interface{ Close() }); ok {
		defer c.Close() // a decoder of zstd has buffers to give back
	}
	data, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err == nil && len(data) > maxUnpacked {
		err = fmt.Errorf("more than %d bytes: no kernel is as large", maxUnpacked)
	}
	return data, err
}

// unpackImage finds the vmlinux in a bootable kernel, which unpacks itself. Every
// place that looks packed is tried, as the kernel's scripts/extract-vmlinux does.
func unpackImage(path string) ([]byte, error) {
	image, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var cannot *packer
	var damage error
	starts := 0
	for i := range packers {
		p := &packers[i]
		if p.name == "lzma" {
			// Three bytes that occur anywhere.
			continue
		}
		for at := 0; ; at++ {
			j := bytes.Index(image[at:], []byte(p.magic))
			if j < 0 {
				break
			}
			at += j
			if p.open == nil {
				if cannot == nil {
					cannot = p
				}
				break
			}
			if starts++; starts > maxStarts {
				break
			}
			// What is no kernel fails, mostly within a few bytes. The image goes on
			// behind the kernel, at which some unpackers stumble.
			vmlinux, err := p.unpack(bytes.NewReader(image[at:]))
			switch {
			case !bytes.HasPrefix(vmlinux, []byte("\x7fELF")):
				if p.name == "xz" && err != nil && cannot == nil {
					cannot = p // with a filter for machine code, as kernels are
				}
			case err != nil && !whole(vmlinux):
				damage = fmt.Errorf("%s: unpack the kernel at byte %d with %s: %w: copy the file again", path, at, p.name, err)
			default:
				return vmlinux, nil
			}
		}
	}
	if damage != nil {
		return nil, damage
	}
	if cannot != nil {
		return nil, fmt.Errorf("%s: it is a bootable kernel packed with %s, which abigen cannot unpack: run scripts/extract-vmlinux %s > vmlinux, "+
			"which comes with the kernel's headers, and name that file; of the running kernel there is /sys/kernel/btf/vmlinux",
			path, cannot.name, path)
	}
	return nil, fmt.Errorf("%s: it is a bootable image, and no packed kernel was found in it: name its vmlinux, or /sys/kernel/btf/vmlinux of the running kernel", path)
}

// whole reports whether an ELF file has all that it says it has: its table of
// sections stands at the end.
func whole(file []byte) bool {
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		return false
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOBITS && s.Offset+s.FileSize > uint64(len(file)) {
			return false
		}
	}
	return true
}
