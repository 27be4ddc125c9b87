// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The contract's header as a program includes it, with a use of everything it
 * declares, since BTF holds only what is used.
 */
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed int int32_t;
typedef signed long long int64_t;

#define NULL ((void *)0)
#define SEC(name) __attribute__((section(name), used))

#include "../fuse_iomap_bpf.h"

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF

DEFINE_FUSE_IOMAP_BPF_OPS(ops, "contract", NULL, NULL, NULL);

/* What starts with __keep_ does not get into the fixture. */
struct fuse_iomap_begin_in __keep_begin_in;
struct fuse_iomap_begin_out __keep_begin_out;
struct fuse_iomap_end_in __keep_end_in;
struct fuse_iomap_ioend_in __keep_ioend_in;
struct fuse_iomap_ioend_out __keep_ioend_out;

#if FUSE_IOMAP_BPF_REV >= 3
void __keep_cache_kfuncs(void)
{
	fuse_bpf_iomap_inval_mappings(NULL, NULL, NULL);
	fuse_bpf_iomap_upsert_mappings(NULL, NULL, NULL);
}

struct fuse_range __keep_range;
#endif

#if FUSE_IOMAP_BPF_REV >= 4
uint64_t __keep_inode_kfuncs(void)
{
	return fuse_bpf_inode_nodeid(NULL) + fuse_bpf_inode_orig_ino(NULL);
}
#endif
