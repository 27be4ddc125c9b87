/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several ops variables of one type, which share a program and leave members
 * NULL. Every program answers with a length of its own, so that one can be told
 * from another.
 */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

#define ANSWER(n) \
	outarg->read.offset = pos; \
	outarg->read.length = n; \
	return FIB_HANDLED

FUSE_IOMAP_BEGIN_BPF_FUNC(begin_one) { ANSWER(1); }
FUSE_IOMAP_BEGIN_BPF_FUNC(begin_two) { ANSWER(2); }
FUSE_IOMAP_END_BPF_FUNC(end_one) { return FIB_HANDLED; }
FUSE_IOMAP_END_BPF_FUNC(end_three) { return FIB_FALLBACK; }

/* No variable refers to it. */
FUSE_IOMAP_BEGIN_BPF_FUNC(begin_loose) { ANSWER(4); }

DEFINE_FUSE_IOMAP_BPF_OPS(one, "one", begin_one, end_one, NULL);
DEFINE_FUSE_IOMAP_BPF_OPS(two, "two", begin_two, NULL, NULL);
DEFINE_FUSE_IOMAP_BPF_OPS(three, "three", NULL, end_three, NULL);
DEFINE_FUSE_IOMAP_BPF_OPS(four, "four", begin_two, end_one, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
