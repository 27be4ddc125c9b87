/* SPDX-License-Identifier: GPL-2.0-only */
/* Ops variables whose values the kernel does not take (rules 36 and 37). */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(fine, "fine", begin, NULL, NULL);
DEFINE_FUSE_IOMAP_BPF_OPS(unnamed, "", begin, NULL, NULL);
DEFINE_FUSE_IOMAP_BPF_OPS(slash, "a/b", begin, NULL, NULL);
DEFINE_FUSE_IOMAP_BPF_OPS(full, "sixteen_letters_", begin, NULL, NULL);

SEC(".struct_ops.link")
struct fuse_iomap_bpf_ops padded = {
	.iomap_begin = (void *)begin,
	.zeropad = 7,
	.name = "padded",
};

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
