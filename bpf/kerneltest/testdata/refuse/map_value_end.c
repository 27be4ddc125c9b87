/* SPDX-License-Identifier: GPL-2.0-only */
/* Indexes a table in a map with a number that may be one too large. */
#include "case.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint64_t[16]);
} devices SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(map_value_end)
{
	uint32_t zero = 0;
	uint64_t *table = bpf_map_lookup_elem(&devices, &zero);

	if (!table)
		return FIB_FALLBACK;
#ifdef REPAIRED
	if (pos >= 16)
#else
	if (pos > 16)
#endif
		return FIB_FALLBACK;
	outarg->read.addr = table[pos]; /* FAULT */
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(map_value_end_ops, "map_value_end", map_value_end, NULL, NULL);
