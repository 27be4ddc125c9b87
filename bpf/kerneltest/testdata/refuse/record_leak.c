/* SPDX-License-Identifier: GPL-2.0-only */
/* Reserves a record of a ring buffer and forgets it. */
#include "case.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(record_leak) /* FAULT */
{
	uint64_t *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return FIB_FALLBACK;
	*event = pos;
#ifdef REPAIRED
	bpf_ringbuf_submit(event, 0);
#endif
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(record_leak_ops, "record_leak", record_leak, NULL, NULL);
