// SPDX-License-Identifier: MIT

package abi

import "fmt"

// answer checks what concerns both mappings together: rules 15 to 19.
func (c *checker) answer() {
	pos := c.in.Pos
	for _, s := range both {
		if c.side(s).Type == FUSE_IOMAP_TYPE_NOCACHE {
			c.violation(15, s, typeMember, "it is for the cache functions, not for an answer", "describe the mapping, or return FIB_FALLBACK")
		}
	}
	for _, s := range both {
		if c.side(s).Offset > pos {
			c.violation(16, s, offsetMember, fmt.Sprintf("after the position %d that was asked for", pos), "begin at or before the position")
		}
	}
	for _, s := range both {
		m := c.side(s)
		if end := m.Offset + m.Length; end <= pos {
			c.violation(17, s, lengthMember, fmt.Sprintf("the mapping ends at %d, not after the position %d that was asked for", end, pos),
				"map the extent that holds the position; it need not cover the whole range")
		}
	}
	if c.out.Read.Type == FUSE_IOMAP_TYPE_RETRY_CACHE && c.in.Opflags&c.fs.UncacheableOps != 0 {
		c.violation(18, readSide, typeMember, fmt.Sprintf("the cache does not serve operation %v", c.in.Opflags), "answer with the mapping itself")
	}
	if c.in.Opflags&FUSE_IOMAP_OP_ATOMIC != 0 {
		c.checkAtomic()
	}
}

// checkAtomic checks rule 19.
func (c *checker) checkAtomic() {
	s := writeSide
	if c.out.Write.Type == FUSE_IOMAP_TYPE_PURE_OVERWRITE {
		s = readSide
	}
	m := c.side(s)
	if !hasSpace(m.Type) {
		c.violation(19, s, typeMember, "an atomic write needs MAPPED or UNWRITTEN space", "allocate first, or return FIB_FALLBACK")
	}
	if m.Flags&FUSE_IOMAP_F_ATOMIC_BIO == 0 {
		c.violation(19, s, flagsMember, "an atomic write needs ATOMIC_BIO", "set it where the device writes the whole mapping untorn, else return FIB_FALLBACK")
	}
}
