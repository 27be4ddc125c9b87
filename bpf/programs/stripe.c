//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stripe: RAID0 over up to 256 devices, with any chunk size, from an address of
 * its own for each inode. See stripe.h for where a byte is.
 *
 * It answers every operation within the length of a file, except atomic writes,
 * one chunk at a time, and leaves inodes it does not know and what is past the
 * end to the server.
 *
 * To make it yours: change stripe_find. If all files begin at addresses that
 * follow from the inode number, compute them and drop the map.
 */
#include "stripe.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(stripe_begin)
{
	struct stripe_chunk chunk;
	struct stripe_file *file;
	uint64_t nodeid;

	if (!iomap_plain(opflags))
		return FIB_FALLBACK;
	nodeid = iomap_nodeid(fi);
	file = bpf_map_lookup_elem(&files, &nodeid);
	if (!file || pos >= file->length || !stripe_find(file, pos, &chunk))
		return FIB_FALLBACK;
	return iomap_answer(outarg, chunk.offset, chunk.length, chunk.addr, chunk.dev, FUSE_IOMAP_TYPE_MAPPED, 0);
}

DEFINE_FUSE_IOMAP_BPF_OPS(stripe, "stripe", stripe_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
