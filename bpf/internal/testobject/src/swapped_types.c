/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiled with a header in which two parameters of different type have changed places: opflags and outarg.
 */
#include "bpf.h"
#define fuse_iomap_bpf_ops fuse_iomap_bpf_ops_of_the_header
#include "../../../../headers/fuse_iomap_bpf.h"
#undef fuse_iomap_bpf_ops

#define PARAMETERS \
	struct fuse_inode *fi, uint64_t pos, uint64_t count, struct fuse_iomap_begin_out *outarg, uint32_t opflags

struct fuse_iomap_bpf_ops {
	enum fuse_iomap_bpf_ret (*iomap_begin)(PARAMETERS);
	enum fuse_iomap_bpf_ret (*iomap_end)(struct fuse_inode *fi, uint64_t pos, uint64_t count, int64_t written,
					     uint32_t opflags);
	enum fuse_iomap_bpf_ret (*iomap_ioend)(struct fuse_inode *fi, uint64_t pos, int64_t written,
					       uint32_t ioendflags, int error, uint32_t dev, uint64_t new_addr,
					       struct fuse_iomap_ioend_out *outarg);
	int fuse_fd;
	unsigned int zeropad;
	char name[16];
};

SEC("struct_ops/iomap_begin")
enum fuse_iomap_bpf_ret BPF_PROG(begin, PARAMETERS)
{
	return pos > count ? FIB_HANDLED : FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(swapped, "swapped", begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
