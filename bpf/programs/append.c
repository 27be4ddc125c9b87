//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * append: what happens after the data is written. It keeps the size that each
 * file has on disk, and lists the ranges that were written to unwritten space,
 * for the server to convert in its own time. It has no iomap_begin.
 *
 * iomap_ioend answers when all went well: the size grows to what was written,
 * never shrinks (rule 32), and a range to convert is in the ring buffer. An
 * error, shared space (the server must enter the new address), a swap file that
 * ends, or a full ring buffer are the server's. iomap_end answers when
 * everything asked for was done, and leaves short operations and errors, which
 * may have space to give back, to the server. An inode it does not know is the
 * server's in every case.
 *
 * Do not attach an iomap_ioend to Linux 6.12 on x86-64: its trampoline passes the
 * seventh and eighth argument of a callback 8 bytes off, so the answer would be
 * written through a wild pointer. 7.3 is right.
 *
 * To make it yours: decide which ends your metadata has to hear of, and keep
 * the rest here.
 */
#include "../include/iomap.h"

struct file {
	uint64_t size;		/* on disk, in bytes */
	uint64_t appended;	/* bytes by which it grew here */
	uint64_t converted;	/* bytes put into the ring buffer */
	uint64_t ended;		/* operations that iomap_end answered */
	uint64_t left;		/* calls left to the server */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, uint64_t); /* node id */
	__type(value, struct file);
} files SEC(".maps");

/* A range that is no longer unwritten. */
struct conversion {
	uint64_t nodeid;
	uint64_t pos;		/* in bytes */
	uint64_t length;	/* in bytes */
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} conversions SEC(".maps");

/* How often to try when other processors change the size at the same time. */
#define TRIES 8

/* Raises the size to at least end. */
static __always_inline bool grow(struct file *file, uint64_t end)
{
	uint64_t old, seen;
	int i;

	old = *(volatile uint64_t *)&file->size;
	for (i = 0; i < TRIES; i++) {
		if (old >= end)
			return true;
		seen = __sync_val_compare_and_swap(&file->size, old, end);
		if (seen == old) {
			__sync_fetch_and_add(&file->appended, end - old);
			return true;
		}
		old = seen;
	}
	return false;
}

static __always_inline enum fuse_iomap_bpf_ret leave(struct file *file)
{
	__sync_fetch_and_add(&file->left, 1);
	return FIB_FALLBACK;
}

FUSE_IOMAP_END_BPF_FUNC(append_end)
{
	uint64_t nodeid = iomap_nodeid(fi);
	struct file *file;

	file = bpf_map_lookup_elem(&files, &nodeid);
	if (!file)
		return FIB_FALLBACK;
	if (written < 0 || (uint64_t)written < count)
		return leave(file);
	__sync_fetch_and_add(&file->ended, 1);
	return FIB_HANDLED;
}

FUSE_IOMAP_IOEND_BPF_FUNC(append_ioend)
{
	uint64_t nodeid = iomap_nodeid(fi), end;
	struct conversion *c;
	struct file *file;

	file = bpf_map_lookup_elem(&files, &nodeid);
	if (!file)
		return FIB_FALLBACK;
	if (error || written <= 0 || ioendflags & (FUSE_IOMAP_IOEND_SHARED | FUSE_IOMAP_IOEND_SWAPOFF))
		return leave(file);
	end = pos + (uint64_t)written;
	if (end < pos || end > IOMAP_END)
		return leave(file);
	if (ioendflags & FUSE_IOMAP_IOEND_UNWRITTEN) {
		c = bpf_ringbuf_reserve(&conversions, sizeof(*c), 0);
		if (!c)
			return leave(file);
		c->nodeid = nodeid;
		c->pos = pos;
		c->length = (uint64_t)written;
		bpf_ringbuf_submit(c, 0);
		__sync_fetch_and_add(&file->converted, (uint64_t)written);
	}
	if (ioendflags & FUSE_IOMAP_IOEND_APPEND && !grow(file, end))
		return leave(file);
	outarg->newsize = *(volatile uint64_t *)&file->size;
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(append, "append", NULL, append_end, append_ioend);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
