//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interleave: a file is up to 32 extents one after the other, each of which is
 * spread over up to 16 strips in chunks, as shared memory does it. Within an
 * extent
 *
 *	chunk = offset / chunk size, strip = chunk mod n, row = chunk / n
 *	device address = address of the strip + row * chunk size + offset mod chunk size
 *
 * An extent of one strip is a simple one, answered as a whole; of others each
 * mapping is a chunk. It answers every operation within the file, except atomic
 * writes, and leaves inodes it does not know and what is past the last extent
 * to the server.
 *
 * To make it yours: change struct layout to what your metadata holds.
 */
#include "../include/iomap.h"

#define EXTENTS 32
#define STRIPS 16

struct strip {
	uint64_t addr;		/* of its first chunk on the device, in bytes */
	uint32_t dev;		/* device cookie */
	uint32_t pad;
};

struct extent {
	uint64_t start;		/* in the file, in bytes: the end of the one before */
	uint64_t end;		/* in the file, in bytes */
	uint64_t chunk_size;	/* in bytes, whole blocks */
	uint32_t strip_count;	/* 1 to STRIPS */
	uint32_t pad;
	struct strip strips[STRIPS];
};

struct layout {
	uint32_t extent_count;	/* 1 to EXTENTS */
	uint32_t pad;
	struct extent extents[EXTENTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 16);
	__type(key, uint64_t); /* node id */
	__type(value, struct layout);
} layouts SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(interleave_begin)
{
	uint64_t nodeid, chunk, row, strip, offset, rest, size;
	struct layout *layout;
	struct extent *e = NULL;
	uint32_t i;

	if (!iomap_plain(opflags))
		return FIB_FALLBACK;
	nodeid = iomap_nodeid(fi);
	layout = bpf_map_lookup_elem(&layouts, &nodeid);
	if (!layout)
		return FIB_FALLBACK;
	for (i = 0; i < EXTENTS; i++) {
		if (i >= layout->extent_count)
			return FIB_FALLBACK;
		e = &layout->extents[i];
		if (pos < e->end)
			break;
	}
	if (i == EXTENTS || !e)
		return FIB_FALLBACK;
	if (e->strip_count == 1)
		return iomap_answer(outarg, e->start, e->end - e->start, e->strips[0].addr, e->strips[0].dev,
				    FUSE_IOMAP_TYPE_MAPPED, 0);
	size = e->chunk_size;
	chunk = (pos - e->start) / size;
	row = chunk / e->strip_count;
	strip = chunk - row * e->strip_count;
	if (strip >= STRIPS)
		return FIB_FALLBACK;
	offset = e->start + chunk * size;
	rest = e->end - offset;
	return iomap_answer(outarg, offset, rest < size ? rest : size, e->strips[strip].addr + row * size,
			    e->strips[strip].dev, FUSE_IOMAP_TYPE_MAPPED, 0);
}

DEFINE_FUSE_IOMAP_BPF_OPS(interleave, "interleave", interleave_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
