// SPDX-License-Identifier: MIT

package abi

import (
	"fmt"
	"math/bits"
)

// answerFlags are the mapping flags that an answer may have (rule 5).
const answerFlags IomapFlags = 0xff

// sectorSize is the unit in bytes to which the kernel truncates addresses.
const sectorSize = 512

// overflows reports whether a + b does not fit into 64 bits.
func overflows(a, b uint64) bool {
	_, carry := bits.Add64(a, b, 0)
	return carry != 0
}

// hasSpace reports whether a mapping of type t is at an address on a device.
func hasSpace(t IomapType) bool {
	return t == FUSE_IOMAP_TYPE_MAPPED || t == FUSE_IOMAP_TYPE_UNWRITTEN
}

// mapping checks what concerns one mapping alone: rules 4 to 14 and 25.
func (c *checker) mapping(s side) {
	c.checkType(s)
	retry := c.side(s).Type == FUSE_IOMAP_TYPE_RETRY_CACHE
	if retry && c.fs.Variant == VariantF {
		return
	}
	c.checkFlags(s)
	c.checkFileRange(s)
	if retry {
		c.checkRetry(s)
		return
	}
	c.checkSpace(s)
	c.checkDeviceRange(s)
}

func (c *checker) checkType(s side) {
	switch c.side(s).Type {
	case FUSE_IOMAP_TYPE_HOLE, FUSE_IOMAP_TYPE_DELALLOC, FUSE_IOMAP_TYPE_MAPPED, FUSE_IOMAP_TYPE_UNWRITTEN, FUSE_IOMAP_TYPE_INLINE,
		FUSE_IOMAP_TYPE_NOCACHE, FUSE_IOMAP_TYPE_RETRY_CACHE, FUSE_IOMAP_TYPE_PURE_OVERWRITE:
		return
	}
	c.violation(4, s, typeMember, "no such mapping type",
		"use HOLE, DELALLOC, MAPPED, UNWRITTEN, INLINE or RETRY_CACHE, for the write mapping also PURE_OVERWRITE")
}

func (c *checker) checkFlags(s side) {
	if more := c.side(s).Flags &^ answerFlags; more != 0 {
		c.violation(5, s, flagsMember, fmt.Sprintf("an answer must not have %v", more),
			"clear the bits outside 0xff; SIZE_CHANGED and STALE are only passed to iomap_end")
	}
}

// checkFileRange checks rules 6 to 9.
func (c *checker) checkFileRange(s side) {
	m := c.side(s)
	if m.Length == 0 {
		c.violation(6, s, lengthMember, "a mapping must not be empty", "give the length up to where the extent ends")
	}
	if size := uint64(c.fs.BlockSize); size != 0 {
		if m.Offset%size != 0 {
			c.violation(7, s, offsetMember, fmt.Sprintf("not a multiple of the block size of %d", size), "round down to the start of the block")
		}
		if m.Length%size != 0 {
			c.violation(7, s, lengthMember, fmt.Sprintf("not a multiple of the block size of %d", size), "round up to the end of the block")
		}
	}
	if overflows(m.Offset, m.Length) {
		c.violation(8, s, lengthMember, fmt.Sprintf("offset %d plus length exceeds 64 bits", m.Offset), "clip the length to the maximum file size")
	}
	if limit := c.fs.MaxFileSize; limit != 0 && m.Offset >= limit {
		c.violation(9, s, offsetMember, fmt.Sprintf("not below the maximum file size of %d", limit), "map nothing that begins there")
	}
}

// checkRetry checks what the later kernel asks of RETRY_CACHE besides rules 5
// to 9 (rule 25).
func (c *checker) checkRetry(s side) {
	m := c.side(s)
	if m.Flags != 0 {
		c.violation(25, s, flagsMember, "RETRY_CACHE has no flags", "set it to 0")
	}
	if m.Dev != FUSE_IOMAP_DEV_NULL {
		c.violation(25, s, devMember, "RETRY_CACHE has no device", "set it to FUSE_IOMAP_DEV_NULL")
	}
	if m.Addr != FUSE_IOMAP_NULL_ADDR {
		c.violation(25, s, addrMember, "RETRY_CACHE has no address", "set it to FUSE_IOMAP_NULL_ADDR, which is not 0")
	}
}

// checkSpace checks that the type agrees with device and address: rules 10 to
// 12.
func (c *checker) checkSpace(s side) {
	m := c.side(s)
	switch m.Type {
	case FUSE_IOMAP_TYPE_MAPPED, FUSE_IOMAP_TYPE_UNWRITTEN:
		if m.Dev == FUSE_IOMAP_DEV_NULL {
			c.violation(10, s, devMember, m.Type.String()+" space needs a device", "set the cookie of the device that holds the extent")
		}
		if m.Addr == FUSE_IOMAP_NULL_ADDR {
			c.violation(10, s, addrMember, m.Type.String()+" space needs an address", "set the byte address of the extent on the device")
		}
	case FUSE_IOMAP_TYPE_HOLE, FUSE_IOMAP_TYPE_DELALLOC, FUSE_IOMAP_TYPE_INLINE:
		c.checkNowhere(11, s, m.Type.String()+" has no ")
	case FUSE_IOMAP_TYPE_PURE_OVERWRITE:
		if s == readSide {
			c.violation(12, s, typeMember, "only the write mapping may refer to the other one", "describe the extent itself in the read mapping")
			return
		}
		if m.Flags != 0 {
			c.violation(12, s, flagsMember, "PURE_OVERWRITE has no flags", "set flags on the read mapping; the method PureOverwrite fills every member")
		}
		c.checkNowhere(12, s, "PURE_OVERWRITE has no ")
	}
}

// checkNowhere checks that a mapping has neither device nor address.
func (c *checker) checkNowhere(rule int, s side, why string) {
	m := c.side(s)
	if m.Dev != FUSE_IOMAP_DEV_NULL {
		c.violation(rule, s, devMember, why+"device", "set it to FUSE_IOMAP_DEV_NULL")
	}
	if m.Addr != FUSE_IOMAP_NULL_ADDR {
		c.violation(rule, s, addrMember, why+"address", "set it to FUSE_IOMAP_NULL_ADDR, which is not 0")
	}
}

// checkDeviceRange checks rules 13 and 14.
func (c *checker) checkDeviceRange(s side) {
	m := c.side(s)
	if m.Addr == FUSE_IOMAP_NULL_ADDR {
		return
	}
	if overflows(m.Addr, m.Length) {
		c.violation(13, s, addrMember, fmt.Sprintf("address plus length %d exceeds 64 bits", m.Length), "clip the length to the end of the device")
	}
	if hasSpace(m.Type) && m.Addr%sectorSize != 0 {
		c.report.Warnings = append(c.report.Warnings, c.problem(14, s, addrMember,
			fmt.Sprintf("not a multiple of %d bytes, so the kernel uses %#x", sectorSize, m.Addr-m.Addr%sectorSize), "align extents to sectors on the device"))
	}
}
