//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linear: a file is one run of bytes on one device.
 *
 *	device address = base of the inode + file offset
 *
 * It answers every operation within the length of the run, except atomic
 * writes, and leaves inodes it does not know, and everything from the end of
 * the run on, to the server.
 *
 * To make it yours: put into struct run what your file system knows of an
 * inode, and change the one line that computes an address.
 */
#include "../include/iomap.h"

struct run {
	uint64_t addr;		/* of file offset 0 on the device, in bytes */
	uint64_t length;	/* in bytes, whole blocks; at most IOMAP_END */
	uint32_t dev;		/* device cookie */
	uint32_t pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, uint64_t); /* node id */
	__type(value, struct run);
} runs SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(linear_begin)
{
	uint64_t nodeid;
	struct run *run;

	if (!iomap_plain(opflags))
		return FIB_FALLBACK;
	nodeid = iomap_nodeid(fi);
	run = bpf_map_lookup_elem(&runs, &nodeid);
	if (!run || pos >= run->length)
		return FIB_FALLBACK;
	return iomap_answer(outarg, 0, run->length, run->addr, run->dev, FUSE_IOMAP_TYPE_MAPPED, 0);
}

DEFINE_FUSE_IOMAP_BPF_OPS(linear, "linear", linear_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
