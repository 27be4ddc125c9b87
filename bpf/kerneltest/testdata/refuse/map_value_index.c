/* SPDX-License-Identifier: GPL-2.0-only */
/* Indexes a table in a map with a number that nothing bounds. */
#include "case.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint64_t[16]);
} devices SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(map_value_index)
{
	uint32_t zero = 0;
	uint64_t *table = bpf_map_lookup_elem(&devices, &zero);

	if (!table)
		return FIB_FALLBACK;
#ifdef REPAIRED
	pos = bpf_below(pos, 16);
#endif
	outarg->read.addr = table[pos]; /* FAULT */
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(map_value_index_ops, "map_value_index", map_value_index, NULL, NULL);
