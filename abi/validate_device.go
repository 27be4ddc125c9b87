// SPDX-License-Identifier: MIT

package abi

import "fmt"

// maxCookie is the largest device cookie; the smallest is 1 (rule 20).
const maxCookie = 1024

// writeOps are the operations that count as writing (rule 22).
const writeOps = FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_ZERO | FUSE_IOMAP_OP_UNSHARE | FUSE_IOMAP_OP_WRITEBACK

// IsWrite reports whether v is a write operation in the sense of rule 22:
// WRITE, ZERO, UNSHARE or WRITEBACK.
func (v IomapOpFlags) IsWrite() bool { return v&writeOps != 0 }

// EffectiveMapping returns the mapping that the kernel uses for an operation,
// and the one it takes what is not overwritten from, nil if none (rule 22). For
// a write operation these are the write and the read mapping, unless the write
// mapping is of type PURE_OVERWRITE; else the read mapping alone. Both point
// into r.
func (r *IomapBeginOut) EffectiveMapping(op IomapOpFlags) (used, source *IomapIO) {
	if op.IsWrite() && r.Write.Type != FUSE_IOMAP_TYPE_PURE_OVERWRITE {
		return &r.Write, &r.Read
	}
	return &r.Read, nil
}

// devices checks rules 20, 21 and 23.
func (c *checker) devices() {
	for _, s := range both {
		if m := c.side(s); hasSpace(m.Type) {
			c.checkCookie(s, m.Dev)
		}
	}
	used, source := c.out.EffectiveMapping(c.in.Opflags)
	for _, s := range both {
		switch m := c.side(s); m {
		case used:
			c.checkAccess(s, m, c.in.Opflags.IsWrite())
		case source:
			c.checkAccess(s, m, false)
		}
	}
	if size := uint64(c.fs.BlockSize); size != 0 {
		for _, s := range both {
			if m := c.side(s); m.Type == FUSE_IOMAP_TYPE_INLINE && m.Length > size {
				c.violation(23, s, lengthMember, fmt.Sprintf("inline data is at most one block of %d bytes", size), "map exactly one block")
			}
		}
	}
}

// checkCookie checks rule 20.
func (c *checker) checkCookie(s side, cookie uint32) {
	const fix = "use the cookie that the server got when it registered the device"
	_, known := c.fs.Devices[cookie]
	switch {
	case cookie < 1 || cookie > maxCookie:
		c.violation(20, s, devMember, fmt.Sprintf("a device cookie is 1 to %d", maxCookie), fix)
	case c.fs.Devices != nil && !known:
		c.violation(20, s, devMember, "no device is registered under this cookie", fix)
	}
}

// checkAccess checks rule 21 for a mapping that is used. A device that is not
// registered is rule 20's business.
func (c *checker) checkAccess(s side, m *IomapIO, writing bool) {
	device, ok := c.fs.Devices[m.Dev]
	if !ok || !hasSpace(m.Type) {
		return
	}
	var lacks string
	switch {
	case writing && !device.Writable && !device.Readable:
		lacks = "reading and writing"
	case writing && !device.Writable:
		lacks = "writing"
	case !device.Readable:
		lacks = "reading"
	default:
		return
	}
	c.violation(21, s, devMember, fmt.Sprintf("operation %v needs the device, which is not open for %s", c.in.Opflags, lacks),
		"let the server open the device for it before registering")
}
