/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints what it is asked for, as one does to find a mistake. */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

static long (*const bpf_trace_printk)(const char *format, uint32_t size, ...) = (void *)6;

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	static const char format[] = "pos %llu, count %llu\n";

	bpf_trace_printk(format, sizeof(format), pos, count);
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(prints, "prints", begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
