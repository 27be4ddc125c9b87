/* SPDX-License-Identifier: GPL-2.0-only */
/* Uses what a map gives without asking whether it gave anything. */
#include "case.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, uint64_t);
	__type(value, uint64_t);
} files SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(null_map_value)
{
	uint64_t *length = bpf_map_lookup_elem(&files, &pos);

#ifdef REPAIRED
	if (!length)
		return FIB_FALLBACK;
#endif
	outarg->read.length = *length; /* FAULT */
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(null_map_value_ops, "null_map_value", null_map_value, NULL, NULL);
