// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// tracePrintk is bpf_trace_printk(format, size, up to three values).
func (m *Machine) tracePrintk() (uint64, *problem) {
	format, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessRead)
	if why != nil {
		return 0, why
	}
	return m.print(format, m.regs[3:6])
}

// traceVprintk is bpf_trace_vprintk(format, size, values, their size).
func (m *Machine) traceVprintk() (uint64, *problem) {
	format, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessRead)
	if why != nil {
		return 0, why
	}
	values, why := m.values(3, uint64(uint32(m.regs[4])))
	if why != nil {
		return 0, why
	}
	return m.print(format, values)
}

// maxTrace is how many lines are kept. The kernel's buffer is overwritten as well, and
// a program may print in a loop.
const maxTrace = 1 << 16

// print captures a line.
func (m *Machine) print(format []byte, values []uint64) (uint64, *problem) {
	i := bytes.IndexByte(format, 0)
	if i < 0 {
		return errno(eINVAL), nil
	}
	s, err, why := m.format(string(format[:i]), values)
	if why != nil || err != 0 {
		return errno(err), why
	}
	if len(m.trace) == maxTrace {
		m.trace = append(m.trace[:0], m.trace[maxTrace/2:]...)
	}
	m.trace = append(m.trace, strings.TrimSuffix(s, "\n"))
	return uint64(len(s)), nil
}

// snprintf is bpf_snprintf(out, size, format, values, their size): the length
// with its NUL, were there room for all of it.
func (m *Machine) snprintf() (uint64, *problem) {
	out, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessFill)
	if why != nil {
		return 0, why
	}
	var format []byte
	for i := uint64(0); ; i++ {
		b, why := m.bytesAt(m.regs[3]+i, 1, accessRead)
		if why != nil {
			return 0, m.wrong(3, why.kind, why.what)
		}
		if b[0] == 0 {
			break
		}
		format = append(format, b[0])
	}
	values, why := m.values(4, uint64(uint32(m.regs[5])))
	if why != nil {
		return 0, why
	}
	s, err, why := m.format(string(format), values)
	if why != nil || err != 0 {
		return errno(err), why
	}
	if len(out) > 0 {
		out[copy(out[:len(out)-1], s)] = 0
	}
	return uint64(len(s) + 1), nil
}

// values reads an array of 64-bit values, argument n, of size bytes.
func (m *Machine) values(n int, size uint64) ([]uint64, *problem) {
	b, why := m.bytesArg(n, size, accessRead)
	if why != nil {
		return nil, why
	}
	var v []uint64
	for ; len(b) >= 8; b = b[8:] {
		v = append(v, m.bo.Uint64(b))
	}
	return v, nil
}

// format does the conversions of the kernel's bpf_bprintf_prepare: d i u x X
// o p c s with l, ll and width. An error number tells a format it refuses.
func (m *Machine) format(f string, values []uint64) (string, int64, *problem) {
	var b strings.Builder
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			b.WriteByte(f[i])
			continue
		}
		i++
		if i < len(f) && f[i] == '%' {
			b.WriteByte('%')
			continue
		}
		from := i
		for i < len(f) && strings.IndexByte("0123456789-+ #.", f[i]) >= 0 {
			i++
		}
		flags := f[from:i]
		long := 0
		for i < len(f) && f[i] == 'l' {
			long++
			i++
		}
		if i == len(f) || len(values) == 0 || long > 2 {
			return "", eINVAL, nil
		}
		v := values[0]
		values = values[1:]
		if long == 0 && f[i] != 'p' && f[i] != 's' {
			v = uint64(uint32(v))
		}
		switch f[i] {
		case 'd', 'i':
			if long == 0 {
				v = uint64(int32(v))
			}
			fmt.Fprintf(&b, "%"+flags+"d", int64(v))
		case 'u':
			fmt.Fprintf(&b, "%"+flags+"d", v)
		case 'x', 'X', 'o':
			fmt.Fprintf(&b, "%"+flags+string(f[i]), v)
		case 'c':
			b.WriteByte(byte(v))
		case 'p':
			for i+1 < len(f) && (f[i+1] >= 'a' && f[i+1] <= 'z' || f[i+1] >= 'A' && f[i+1] <= 'Z') {
				i++
			}
			b.WriteString("0x" + strconv.FormatUint(v, 16))
		case 's':
			s, why := m.cString(v)
			if why != nil {
				return "", 0, why
			}
			fmt.Fprintf(&b, "%"+flags+"s", s)
		default:
			return "", eINVAL, nil
		}
	}
	return b.String(), 0, nil
}

// cString reads a string up to its NUL.
func (m *Machine) cString(addr uint64) (string, *problem) {
	var s []byte
	for {
		b, why := m.bytesAt(addr+uint64(len(s)), 1, accessRead)
		if why != nil {
			return "", &problem{kind: why.kind, what: m.helper.name + ": " + why.what}
		}
		if b[0] == 0 {
			return string(s), nil
		}
		s = append(s, b[0])
	}
}
