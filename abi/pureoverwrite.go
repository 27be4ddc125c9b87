// SPDX-License-Identifier: MIT

package abi

// PureOverwrite fills the write mapping so that it says: writes go where the
// read mapping says. It takes over offset and length, so it must be called
// after the read mapping is complete. It does what the header's inline function
// fuse_iomap_begin_pure_overwrite does, and what rule 12 asks for.
func (r *IomapBeginOut) PureOverwrite() {
	r.Write = IomapIO{
		Offset: r.Read.Offset,
		Length: r.Read.Length,
		Addr:   FUSE_IOMAP_NULL_ADDR,
		Type:   FUSE_IOMAP_TYPE_PURE_OVERWRITE,
		Dev:    FUSE_IOMAP_DEV_NULL,
	}
}
