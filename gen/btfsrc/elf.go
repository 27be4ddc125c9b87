// SPDX-License-Identifier: MIT

package btfsrc

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
)

func isELF(head []byte) bool { return bytes.HasPrefix(head, []byte(elf.ELFMAG)) }

// openELF takes the BTF sections out of an ELF file.
func openELF(r io.ReaderAt) (*input, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("%w: ELF: %w", ErrDamaged, err)
	}
	in := &input{object: f.Machine == elf.EM_BPF, machine: machineName(f)}
	for name, dst := range map[string]*[]byte{".BTF": &in.raw, ".BTF.base": &in.distilled, ".BTF.ext": &in.ext} {
		s := f.Section(name)
		switch {
		case s == nil || s.Type == elf.SHT_NOBITS:
			continue
		case s.Size > maxBlob:
			return nil, damaged("section %s has %d MiB: more than %d MiB is no kernel's or program's", name, s.Size>>20, maxBlob>>20)
		}
		if *dst, err = s.Data(); err != nil {
			return nil, fmt.Errorf("%w: section %s: %w", ErrDamaged, name, err)
		}
	}
	if in.raw == nil {
		hint := "a kernel or module needs CONFIG_DEBUG_INFO_BTF"
		if in.object {
			hint = "compile it with -g"
		}
		return nil, fmt.Errorf("%w: the ELF file has no .BTF section: %s", ErrNoBTF, hint)
	}
	return in, nil
}

// machineName returns the target of an ELF file, or of a stand-in with the same
// byte order and size of pointers where the machine is none of ours.
func machineName(f *elf.File) string {
	big, wide := f.Data == elf.ELFDATA2MSB, f.Class == elf.ELFCLASS64
	switch m := f.Machine; {
	case m == elf.EM_X86_64 && wide:
		return "amd64"
	case m == elf.EM_386:
		return "386"
	case m == elf.EM_AARCH64 && !big:
		return "arm64"
	case m == elf.EM_RISCV && wide:
		return "riscv64"
	case m == elf.EM_PPC64 && !big:
		return "ppc64le"
	case m == elf.EM_S390 && wide:
		return "s390x"
	case m == elf.EM_LOONGARCH && wide:
		return "loong64"
	case m == elf.EM_MIPS && wide && !big:
		return "mips64le"
	}
	switch {
	case wide && big:
		return "bpfeb"
	case wide:
		return "bpfel"
	case big:
		return "mips"
	}
	return "arm"
}
