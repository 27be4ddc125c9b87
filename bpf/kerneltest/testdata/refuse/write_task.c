/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes to a kernel object that a helper has given it. */
#include "case.h"

static void *(*const bpf_get_current_task_btf)(void) = (void *)158;

FUSE_IOMAP_BEGIN_BPF_FUNC(write_task)
{
	void *task = bpf_get_current_task_btf();

#ifdef REPAIRED
	outarg->read.offset = !!task;
#else
	store64(task, 0, pos); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_task_ops, "write_task", write_task, NULL, NULL);
