// SPDX-License-Identifier: GPL-2.0-only

/* A kfunc no loader would do without. */
#include "bpf.h"

extern u64 needed(u64 v) __ksym;

SEC("struct_ops/user")
u64 user(u64 *ctx)
{
	return needed(ctx[0]);
}
