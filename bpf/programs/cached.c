//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cached: stripe, which also enters what it answers into the kernel's mapping
 * cache, and with it the chunks that the rest of the request needs, so that the
 * kernel does not ask again. For revisions 3 and 4; on revision 2, which has no
 * such functions, it is stripe.
 *
 * It answers as stripe does. Whether the cache takes a mapping decides nothing:
 * the answer never depends on the cache, so it cannot loop (rule 27).
 *
 * To make it yours: call the functions where your file system learns of a
 * mapping, and fuse_bpf_iomap_inval_mappings where one ends.
 */
#define FUSE_IOMAP_BPF_REV 3 /* sleepable sections, and the cache's functions */

#include "stripe.h"

/* The program loads where the kernel has no such function. */
#pragma weak fuse_bpf_iomap_upsert_mappings

/* Chunks entered ahead of the one answered, at most. */
const volatile uint32_t ahead = 4;

#define AHEAD_MOST 32

/* Enters one chunk: reads from it, writes to the same place. */
static __always_inline int enter(struct fuse_inode *fi, const struct stripe_chunk *chunk)
{
	struct fuse_iomap_begin_out both = {};

	iomap_answer(&both, chunk->offset, chunk->length, chunk->addr, chunk->dev, FUSE_IOMAP_TYPE_MAPPED, 0);
	return fuse_bpf_iomap_upsert_mappings(fi, &both.read, &both.write);
}

FUSE_IOMAP_BEGIN_BPF_FUNC(cached_begin)
{
	struct stripe_chunk chunk, next;
	struct stripe_file *file;
	uint64_t nodeid, last;
	uint32_t i;

	if (!iomap_plain(opflags))
		return FIB_FALLBACK;
	nodeid = iomap_nodeid(fi);
	file = bpf_map_lookup_elem(&files, &nodeid);
	if (!file || pos >= file->length || !stripe_find(file, pos, &chunk))
		return FIB_FALLBACK;
	if (bpf_core_type_exists(struct fuse_range)) {
		/* The end of the request, or of the file where that comes first. */
		last = count < file->length - pos ? pos + count : file->length;
		next = chunk;
		for (i = 0; i <= AHEAD_MOST; i++) {
			if (enter(fi, &next) || i >= ahead || next.offset + next.length >= last)
				break;
			if (!stripe_find(file, next.offset + next.length, &next))
				break;
		}
	}
	return iomap_answer(outarg, chunk.offset, chunk.length, chunk.addr, chunk.dev, FUSE_IOMAP_TYPE_MAPPED, 0);
}

DEFINE_FUSE_IOMAP_BPF_OPS(cached, "cached", cached_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
