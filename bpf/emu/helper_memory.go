// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"math"
	"strconv"
)

// probeRead is bpf_probe_read_kernel(dst, size, source) and its relatives:
// what cannot be read gives -EFAULT and zeroes, it does not stop the program.
func (m *Machine) probeRead() (uint64, *problem) {
	dst, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessFill)
	if why != nil {
		return 0, why
	}
	src, why := m.bytesAt(m.regs[3], uint64(len(dst)), accessRead)
	if why != nil {
		clear(dst)
		return errno(eFAULT), nil
	}
	copy(dst, src)
	return 0, nil
}

// probeReadStr is bpf_probe_read_kernel_str(dst, size, source): the length
// with its NUL, or -EFAULT.
func (m *Machine) probeReadStr() (uint64, *problem) {
	dst, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessFill)
	if why != nil {
		return 0, why
	}
	for i := range dst {
		b, why := m.bytesAt(m.regs[3]+uint64(i), 1, accessRead)
		if why != nil {
			clear(dst)
			return errno(eFAULT), nil
		}
		if i == len(dst)-1 || b[0] == 0 {
			dst[i] = 0
			return uint64(i + 1), nil
		}
		dst[i] = b[0]
	}
	return 0, nil
}

// strncmp is bpf_strncmp(s1, size of s1, s2): s2 is a constant string.
func (m *Machine) strncmp() (uint64, *problem) {
	s1, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessRead)
	if why != nil {
		return 0, why
	}
	for i, a := range s1 {
		c, why := m.bytesAt(m.regs[3]+uint64(i), 1, accessRead)
		if why != nil {
			return 0, m.wrong(3, why.kind, why.what)
		}
		if a != c[0] {
			if a < c[0] {
				return math.MaxUint64, nil
			}
			return 1, nil
		}
		if a == 0 {
			break
		}
	}
	return 0, nil
}

// number reads the digits bpf_strtol and bpf_strtoul accept: blanks, a sign
// if allowed, then digits in base 8, 10, 16, or any of these by prefix for 0.
func (m *Machine) number() (neg bool, v uint64, n int, err int64, why *problem) {
	s, why := m.bytesArg(1, m.regs[2], accessRead)
	if why != nil {
		return false, 0, 0, 0, why
	}
	base := int(m.regs[3] & 0x1f)
	if m.regs[3]&^0x1f != 0 || base != 0 && base != 8 && base != 10 && base != 16 || len(s) == 0 {
		return false, 0, 0, eINVAL, nil
	}
	if i := bytes.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	rest := bytes.TrimLeft(s, " \t\n\v\f\r")
	n = len(s) - len(rest)
	if len(rest) > 0 && rest[0] == '-' {
		neg, rest, n = true, rest[1:], n+1
	}
	prefixed := len(rest) > 1 && rest[0] == '0' && rest[1]|0x20 == 'x'
	if base == 0 {
		switch {
		case prefixed:
			base = 16
		case len(rest) > 0 && rest[0] == '0':
			base = 8
		default:
			base = 10
		}
	}
	if base == 16 && prefixed {
		rest, n = rest[2:], n+2
	}
	digits := 0
	for digits < len(rest) {
		if _, e := strconv.ParseUint(string(rest[digits:digits+1]), base, 8); e != nil {
			break
		}
		digits++
	}
	if digits == 0 {
		return false, 0, 0, eINVAL, nil
	}
	v, e := strconv.ParseUint(string(rest[:digits]), base, 64)
	if e != nil {
		return false, 0, 0, eRANGE, nil
	}
	return neg, v, n + digits, 0, nil
}

// strtol is bpf_strtol(s, size, flags, result).
func (m *Machine) strtol() (uint64, *problem) {
	out, why := m.bytesArg(4, 8, accessFill)
	if why != nil {
		return 0, why
	}
	neg, v, n, err, why := m.number()
	switch {
	case why != nil:
		return 0, why
	case err != 0:
		return errno(err), nil
	case neg && v > 1<<63 || !neg && v >= 1<<63:
		return errno(eRANGE), nil
	case neg:
		v = -v
	}
	m.bo.PutUint64(out, v)
	return uint64(n), nil
}

// strtoul is bpf_strtoul(s, size, flags, result).
func (m *Machine) strtoul() (uint64, *problem) {
	out, why := m.bytesArg(4, 8, accessFill)
	if why != nil {
		return 0, why
	}
	neg, v, n, err, why := m.number()
	switch {
	case why != nil:
		return 0, why
	case err != 0:
		return errno(err), nil
	case neg:
		return errno(eINVAL), nil
	}
	m.bo.PutUint64(out, v)
	return uint64(n), nil
}
