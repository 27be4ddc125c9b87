/* SPDX-License-Identifier: GPL-2.0-only */
/* Reserves a record of a ring buffer as a dynamic pointer and forgets it. */
#include "case.h"

struct bpf_dynptr {
	uint64_t opaque[2];
} __attribute__((aligned(8)));

static long (*const bpf_ringbuf_reserve_dynptr)(void *ring, uint32_t size, uint64_t flags, struct bpf_dynptr *ptr) = (void *)198;
static void (*const bpf_ringbuf_submit_dynptr)(struct bpf_dynptr *ptr, uint64_t flags) = (void *)199;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

FUSE_IOMAP_BEGIN_BPF_FUNC(dynptr_leak) /* FAULT */
{
	struct bpf_dynptr event;

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &event);
#ifdef REPAIRED
	bpf_ringbuf_submit_dynptr(&event, 0);
#endif
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(dynptr_leak_ops, "dynptr_leak", dynptr_leak, NULL, NULL);
