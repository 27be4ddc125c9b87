// SPDX-License-Identifier: GPL-2.0-only

/* Programs a verifier would refuse, for messages with source lines. */
#include "bpf.h"

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} hash SEC(".maps");

struct out {
	u64 a[8];
};

static noinline void store(struct out *o, int i)
{
	o->a[i] = 1;
}

SEC("struct_ops/past_end")
u64 past_end(u64 *ctx)
{
	store((void *)ctx[0], 8);
	return 0;
}

SEC("struct_ops/forgot_null")
u64 forgot_null(u64 *ctx)
{
	u32 k = 1;
	u64 *v = map_lookup(&hash, &k);

	return *v;
}
