// SPDX-License-Identifier: MIT

package bpf

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// value is the contents of an ops variable, member by member.
type value struct {
	b []byte
	t *btf.Struct
}

// valueOf gives the map contents of its own, which copies of a specification
// share, and returns them.
func valueOf(m *ebpf.MapSpec) (value, error) {
	t, ok := btf.As[*btf.Struct](m.Value)
	if !ok || len(m.Contents) != 1 {
		return value{}, fmt.Errorf("map %s is not that of a struct_ops variable", m.Name)
	}
	b, ok := m.Contents[0].Value.([]byte)
	if !ok || len(b) < int(t.Size) {
		return value{}, fmt.Errorf("map %s has no contents of %d bytes", m.Name, t.Size)
	}
	b = bytes.Clone(b)
	m.Contents = []ebpf.MapKV{{Key: m.Contents[0].Key, Value: b}}
	return value{b, t}, nil
}

// member returns the bytes of a member, or nil.
func (v value) member(name string) []byte {
	for _, m := range v.t.Members {
		if m.Name != name {
			continue
		}
		size, err := btf.Sizeof(m.Type)
		at := int(m.Offset.Bytes())
		if err != nil || at+size > len(v.b) {
			return nil
		}
		return v.b[at : at+size]
	}
	return nil
}

// number returns a member of 4 bytes, and whether there is one.
func (v value) number(name string) (uint32, bool) {
	b := v.member(name)
	if len(b) != 4 {
		return 0, false
	}
	return binary.NativeEndian.Uint32(b), true
}

func (v value) setNumber(name string, n uint32) error {
	b := v.member(name)
	if len(b) != 4 {
		return fmt.Errorf("%s has no member %s of 4 bytes", v.t.Name, name)
	}
	binary.NativeEndian.PutUint32(b, n)
	return nil
}

// text returns a member that is an array of char up to its NUL, or all of it.
func (v value) text(name string) string {
	s, _, _ := bytes.Cut(v.member(name), []byte{0})
	return string(s)
}

func (v value) setText(name, s string) error {
	b := v.member(name)
	if len(s) >= len(b) {
		return fmt.Errorf("%s has no member %s of more than %d bytes", v.t.Name, name, len(s))
	}
	clear(b[copy(b, s):])
	return nil
}

// maxName is the longest name the kernel takes (rule 36), without its NUL.
const maxName = 15

// checkName says what is wrong with a name under rule 36.
func checkName(name string) error {
	if name == "" {
		return fmt.Errorf("%w: it is empty: give 1 to %d characters of [A-Za-z0-9_.]", ErrName, maxName)
	}
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.':
		default:
			return fmt.Errorf("%w: %q: %q is not one of [A-Za-z0-9_.]: choose another", ErrName, name, c)
		}
	}
	if len(name) > maxName {
		return fmt.Errorf("%w: %q has %d characters: give at most %d", ErrName, name, len(name), maxName)
	}
	return nil
}

// prepare writes what the options say into the value and checks what the kernel
// would refuse without a word (rules 36 and 37). It returns the name.
func (t opsType) prepare(v value, opts Options) (string, error) {
	if opts.Name != "" {
		if err := checkName(opts.Name); err != nil {
			return "", fmt.Errorf("Options.Name: %w", err)
		}
		if err := v.setText("name", opts.Name); err != nil {
			return "", err
		}
	}
	if !t.fuse {
		return v.text("name"), nil
	}
	name := v.text("name")
	if err := checkName(name); err != nil {
		return "", fmt.Errorf("%w, in the object or in Options.Name", err)
	}
	if pad, _ := v.number("zeropad"); pad != 0 {
		return "", fmt.Errorf("%w: it is %#x: define the variable with DEFINE_FUSE_IOMAP_BPF_OPS, which leaves it alone", ErrZeropad, pad)
	}
	return name, v.setNumber("fuse_fd", uint32(opts.Device))
}
