//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * extents: sorted extents for each inode, from a few to many millions, with
 * holes between them.
 *
 * An inode's extents are a map of their own, an array of blocks, inside the map
 * of inodes. The server fills a new one and puts it in place of the old: a call
 * that runs meanwhile has the one or the other from its beginning to its end,
 * never half of each.
 *
 * The blocks are a search tree without pointers. Leaves hold 64 extents in
 * groups of 8, whose starts share a cache line. Above them blocks of 256 keys
 * hold the first start of each group, then of each such block, and so on up to
 * block 0. So a look-up in a million extents touches four blocks, two of which
 * stay in the processor's caches, where a binary search would miss at every
 * step; and it takes no branch that depends on a key.
 *
 * What is answered: space in an extent for every operation it can serve, holes
 * for those that only look. What needs a change first is the server's: writes
 * to a hole, to shared space, overwrites that must not convert unwritten space,
 * atomic writes but where the extent says it can.
 *
 * To make it yours: keep the tree, change struct space.
 */
#include "../include/iomap.h"

#define KEYS 256
#define GROUP 8
#define GROUPS 8
#define LEVELS 4

/* Where an extent is. Its start is in the group's line of starts. */
struct space {
	uint64_t length;	/* in bytes, whole blocks */
	uint64_t addr;		/* on the device, in bytes */
	uint32_t dev;		/* device cookie */
	uint16_t type;		/* FUSE_IOMAP_TYPE_MAPPED or _UNWRITTEN */
	uint16_t flags;		/* FUSE_IOMAP_F_ */
};

/* Starts that are not used, and keys, are IOMAP_END. */
struct group {
	uint64_t start[GROUP];
	struct space space[GROUP];
};

struct block {
	union {
		struct group group[GROUPS];	/* in a leaf */
		uint64_t key[KEYS];		/* in block 0 and those of the index */
	};
	union {
		uint64_t next;		/* in a leaf: where the first extent of the next one starts */
		uint64_t extents;	/* in block 0: how many there are */
	};
	uint32_t levels;		/* in block 0: how many levels of index blocks are below it */
	uint32_t level[LEVELS - 1];	/* in block 0: where each of them begins, the topmost first */
	uint64_t checksum;		/* in block 0, over all extents; for tests */
	uint64_t pad[4];
};

struct extent_blocks {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(uint32_t));
	__uint(value_size, sizeof(struct block));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 1 << 16);
	__type(key, uint64_t); /* node id */
	__array(values, struct extent_blocks);
} inodes SEC(".maps");

/* 1 if key is at or below pos, 0 if above. Both are at most IOMAP_END, pos is below it. */
static __always_inline uint64_t reached(uint64_t key, uint64_t pos)
{
	return (key - pos - 1) >> 63;
}

/*
 * The last of 256 keys, or of 8 starts, that is at or below pos; 0 if none is.
 * It does the same steps whatever the keys are, so that the processor mispredicts
 * nothing and the verifier follows one path.
 */
static __always_inline uint64_t last_key(const uint64_t *key, uint64_t pos)
{
	uint64_t i = 0;

	i += reached(key[i + 128], pos) << 7;
	i += reached(key[i + 64], pos) << 6;
	i += reached(key[i + 32], pos) << 5;
	i += reached(key[i + 16], pos) << 4;
	i += reached(key[i + 8], pos) << 3;
	i += reached(key[i + 4], pos) << 2;
	i += reached(key[i + 2], pos) << 1;
	i += reached(key[i + 1], pos);
	return i;
}

static __always_inline uint64_t last_start(const uint64_t *start, uint64_t pos)
{
	uint64_t i = 0;

	i += reached(start[i + 4], pos) << 2;
	i += reached(start[i + 2], pos) << 1;
	i += reached(start[i + 1], pos);
	return i;
}

/* Whether the server must act before the operation can use such space. */
static __always_inline bool must_change(uint32_t opflags, uint16_t type, uint16_t flags)
{
	if (opflags & FUSE_IOMAP_OP_ATOMIC && !(flags & FUSE_IOMAP_F_ATOMIC_BIO))
		return true;
	if (!(opflags & IOMAP_OPS_WRITING))
		return false;
	if (flags & FUSE_IOMAP_F_SHARED)
		return true;
	return opflags & FUSE_IOMAP_OP_OVERWRITE_ONLY && type == FUSE_IOMAP_TYPE_UNWRITTEN;
}

/* Answers with a hole. Nothing is to be zeroed or unshared there, but all else that writes needs space. */
static __always_inline enum fuse_iomap_bpf_ret
hole(struct fuse_iomap_begin_out *outarg, uint32_t opflags, uint64_t start, uint64_t end)
{
	if (opflags & (FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_WRITEBACK | FUSE_IOMAP_OP_ATOMIC))
		return FIB_FALLBACK;
	return iomap_answer(outarg, start, end - start, FUSE_IOMAP_NULL_ADDR, FUSE_IOMAP_DEV_NULL,
			    FUSE_IOMAP_TYPE_HOLE, 0);
}

FUSE_IOMAP_BEGIN_BPF_FUNC(extents_begin)
{
	uint64_t nodeid, slot, i, start, end, next;
	uint32_t at = 0, level;
	struct block *root, *b;
	struct group *g;
	struct space *s;
	void *blocks;

	if (opflags & ~IOMAP_OPS_KNOWN || pos >= IOMAP_END)
		return FIB_FALLBACK;
	nodeid = iomap_nodeid(fi);
	blocks = bpf_map_lookup_elem(&inodes, &nodeid);
	if (!blocks)
		return FIB_FALLBACK;
	root = bpf_map_lookup_elem(blocks, &at);
	if (!root)
		return FIB_FALLBACK;
	if (pos < root->key[0])
		return hole(outarg, opflags, 0, root->key[0]);
	slot = last_key(root->key, pos);
	for (level = 0; level < LEVELS - 1; level++) {
		if (level >= root->levels)
			break;
		at = root->level[level] + slot;
		b = bpf_map_lookup_elem(blocks, &at);
		if (!b)
			return FIB_FALLBACK;
		slot = slot * KEYS + last_key(b->key, pos);
	}
	at = 1 + slot / GROUPS;
	b = bpf_map_lookup_elem(blocks, &at);
	if (!b)
		return FIB_FALLBACK;
	slot %= GROUPS;
	g = &b->group[slot];
	i = last_start(g->start, pos);
	s = &g->space[i];
	start = g->start[i];
	end = start + s->length;
	if (pos < end) {
		if (must_change(opflags, s->type, s->flags))
			return FIB_FALLBACK;
		return iomap_answer(outarg, start, s->length, s->addr, s->dev, s->type, s->flags);
	}
	if (i < GROUP - 1)
		next = g->start[i + 1];
	else if (slot < GROUPS - 1)
		next = b->group[slot + 1].start[0];
	else
		next = b->next;
	return hole(outarg, opflags, end, next);
}

DEFINE_FUSE_IOMAP_BPF_OPS(extents, "extents", extents_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
