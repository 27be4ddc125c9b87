// SPDX-License-Identifier: GPL-2.0-only

/* What bpf_for of libbpf's headers expands to. */
#include "bpf.h"

struct bpf_iter_num {
	u64 opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym __weak;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym __weak;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym __weak;

s32 from, to;
s32 made;
u32 numbers;
u64 sum;

SEC("tc")
int iterate(void *ctx)
{
	struct bpf_iter_num it;
	u32 n = 0;
	u64 s = 0;
	int *i;

	made = bpf_iter_num_new(&it, from, to);
	while ((i = bpf_iter_num_next(&it))) {
		s = s * 31 + *i;
		if (++n == 100)
			break;
	}
	bpf_iter_num_destroy(&it);
	numbers = n;
	sum = s;
	return 0;
}
