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
 * block 0. A block repeats every 16th key in front, so that a search in it
 * touches few cache lines. So a look-up in a million extents reads from memory
 * once, where a binary search would miss at every step; and it takes no branch
 * that depends on a key. Before that it tries where the last call about the
 * inode ended, because most calls go on from there.
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
#define TOP 16
#define GROUP 8
#define GROUPS 8
#define LEVELS 4
#define HINTS 64

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
		struct {
			struct group group[GROUPS];
			uint64_t next;		/* where the first extent of the next leaf starts */
		};				/* a leaf */
		struct {
			uint64_t top[TOP];	/* every 16th key */
			uint64_t key[KEYS];
		};				/* block 0 and those of the index */
	};
	/* In block 0 alone: */
	uint64_t extents;		/* how many there are */
	uint32_t levels;		/* of index blocks below it */
	uint32_t level[LEVELS - 1];	/* where each of them begins, the topmost first */
	uint64_t pad[5];
};

struct extent_blocks {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	/* Of any length; and memory that can be mapped begins on a page, so blocks do on cache lines. */
	__uint(map_flags, BPF_F_INNER_MAP | BPF_F_MMAPABLE);
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

/*
 * The group in which the last call about an inode ended. It may be one of
 * another inode, or of extents that are gone: it is only a guess, tried for
 * positions near by, because a look at the group costs memory that random
 * positions would not need.
 */
struct hint {
	uint64_t slot;	/* number of the group */
	uint64_t from;	/* where it starts */
	uint64_t to;	/* twice as far as its last extent */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HINTS);
	__type(key, uint32_t);
	__type(value, struct hint);
} hints SEC(".maps");

/* 1 if key is at or below pos, 0 if above. Both are at most IOMAP_END, pos is below it. */
static __always_inline uint64_t reached(uint64_t key, uint64_t pos)
{
	return (key - pos - 1) >> 63;
}

/*
 * The last of 16 sorted numbers that is at or below pos; 0 if none is. It does
 * the same steps whatever they are, so that the processor mispredicts nothing
 * and the verifier follows one path. They are two cache lines: the one that the
 * first step does not need is asked for at the same time.
 */
static __always_inline uint64_t last_of_16(const uint64_t *n, uint64_t pos)
{
	uint64_t i;

	(void)*(volatile const uint64_t *)n;
	i = reached(n[8], pos) << 3;
	i += reached(n[i + 4], pos) << 2;
	i += reached(n[i + 2], pos) << 1;
	return i + reached(n[i + 1], pos);
}

static __always_inline uint64_t last_of_8(const uint64_t *n, uint64_t pos)
{
	uint64_t i;

	i = reached(n[4], pos) << 2;
	i += reached(n[i + 2], pos) << 1;
	return i + reached(n[i + 1], pos);
}

/* The last key of a block that is at or below pos. */
static __always_inline uint64_t last_key(const struct block *b, uint64_t pos)
{
	uint64_t i = last_of_16(b->top, pos) * TOP;

	return i + last_of_16(&b->key[i], pos);
}

/* Where the extents after a group of a leaf start. */
static __always_inline uint64_t after(const struct block *b, uint64_t group)
{
	return group < GROUPS - 1 ? b->group[bpf_below(group + 1, GROUPS)].start[0] : b->next;
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

/*
 * Answers from a group of a leaf that has an extent at or before pos. The parts
 * of the group are asked for before the search in it is over, so that memory
 * brings them together.
 */
static __always_inline enum fuse_iomap_bpf_ret
in_group(struct fuse_iomap_begin_out *outarg, uint32_t opflags, const struct block *b, uint64_t group, uint64_t pos)
{
	const struct group *g = &b->group[bpf_below(group, GROUPS)];
	uint64_t i, start, end;
	const struct space *s;

	(void)*(volatile const uint64_t *)&g->space[1].addr;
	(void)*(volatile const uint64_t *)&g->space[4].addr;
	(void)*(volatile const uint64_t *)&g->space[7].addr;
	i = last_of_8(g->start, pos);
	s = &g->space[i];
	start = g->start[i];
	end = start + s->length;
	if (pos >= end)
		return hole(outarg, opflags, end, i < GROUP - 1 ? g->start[bpf_below(i + 1, GROUP)] : after(b, group));
	if (must_change(opflags, s->type, s->flags))
		return FIB_FALLBACK;
	return iomap_answer(outarg, start, s->length, s->addr, s->dev, s->type, s->flags);
}

/* Notes where a call ends: group of leaf b, number slot of all. */
static __always_inline void remember(struct hint *hint, const struct block *b, uint64_t group, uint64_t slot)
{
	uint64_t from = b->group[bpf_below(group, GROUPS)].start[0];

	hint->slot = slot;
	hint->from = from;
	hint->to = from + 2 * (b->group[bpf_below(group, GROUPS)].start[GROUP - 1] - from) + 1;
}

FUSE_IOMAP_BEGIN_BPF_FUNC(extents_begin)
{
	struct block *root, *b;
	struct hint *hint = NULL;
	uint64_t nodeid, slot;
	uint32_t at = 0, level;
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
	if (root->levels) {
		at = nodeid % HINTS;
		hint = bpf_map_lookup_elem(&hints, &at);
		if (!hint)
			return FIB_FALLBACK;
		slot = hint->slot;
		if (pos >= hint->from && pos < hint->to && slot < (root->extents + GROUP - 1) / GROUP) {
			at = 1 + slot / GROUPS;
			slot %= GROUPS;
			b = bpf_map_lookup_elem(blocks, &at);
			if (!b)
				return FIB_FALLBACK;
			if (b->group[bpf_below(slot, GROUPS)].start[0] <= pos) {
				if (pos < after(b, slot))
					return in_group(outarg, opflags, b, slot, pos);
				if (slot < GROUPS - 1 && pos < after(b, slot + 1)) {
					remember(hint, b, slot + 1, hint->slot + 1);
					return in_group(outarg, opflags, b, slot + 1, pos);
				}
			}
		}
	}
	slot = last_key(root, pos);
	for (level = 0; level < LEVELS - 1; level++) {
		if (level >= root->levels)
			break;
		at = root->level[level] + slot;
		b = bpf_map_lookup_elem(blocks, &at);
		if (!b)
			return FIB_FALLBACK;
		slot = slot * KEYS + last_key(b, pos);
	}
	at = 1 + slot / GROUPS;
	b = bpf_map_lookup_elem(blocks, &at);
	if (!b)
		return FIB_FALLBACK;
	if (hint)
		remember(hint, b, slot % GROUPS, slot);
	return in_group(outarg, opflags, b, slot % GROUPS, pos);
}

DEFINE_FUSE_IOMAP_BPF_OPS(extents, "extents", extents_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
