// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kfuncs of revisions 3 and 4. There is no mapping cache here: what it would
 * be told goes into the log of the call that the program is run for.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "testmod.h"

#if FUSE_IOMAP_BPF_REV >= 3

/* Kernels whose kfuncs all take nothing but trusted pointers have no flag for it. */
#ifndef KF_TRUSTED_ARGS
#define KF_TRUSTED_ARGS 0
#endif

static int record(const INODE *who, u32 what, const void *read, const void *write, size_t size)
{
	struct abigen_testmod_call *io = call_of(who)->io;
	struct abigen_testmod_kfunc *to;

	if (io->kfuncs < ABIGEN_TESTMOD_KFUNCS) {
		to = &io->log[io->kfuncs];
		to->what = what;
		if (read) {
			to->given |= ABIGEN_TESTMOD_READ;
			memcpy(to->read, read, size);
		}
		if (write) {
			to->given |= ABIGEN_TESTMOD_WRITE;
			memcpy(to->write, write, size);
		}
	}
	io->kfuncs++;
	return io->kfunc_result;
}

__bpf_kfunc_start_defs();

#if FUSE_IOMAP_BPF_REV >= 4
#define IT fbi
#else
#define IT fi
#endif

__bpf_kfunc int fuse_bpf_iomap_inval_mappings(WHO, const struct fuse_range *read__nullable,
					      const struct fuse_range *write__nullable)
{
	return record(IT, ABIGEN_TESTMOD_INVAL, read__nullable, write__nullable, sizeof(struct fuse_range));
}

__bpf_kfunc int fuse_bpf_iomap_upsert_mappings(WHO, const struct fuse_iomap_io *read__nullable,
					       const struct fuse_iomap_io *write__nullable)
{
	return record(IT, ABIGEN_TESTMOD_UPSERT, read__nullable, write__nullable, sizeof(struct fuse_iomap_io));
}

#if FUSE_IOMAP_BPF_REV >= 4
__bpf_kfunc uint64_t fuse_bpf_inode_nodeid(const struct fuse_bpf_inode *fbi)
{
	return call_of(fbi)->inode.nodeid;
}

__bpf_kfunc uint64_t fuse_bpf_inode_orig_ino(const struct fuse_bpf_inode *fbi)
{
	return call_of(fbi)->inode.orig_ino;
}
#endif

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(kfunc_ids)
BTF_ID_FLAGS(func, fuse_bpf_iomap_inval_mappings, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, fuse_bpf_iomap_upsert_mappings, KF_SLEEPABLE | KF_TRUSTED_ARGS)
#if FUSE_IOMAP_BPF_REV >= 4
BTF_ID_FLAGS(func, fuse_bpf_inode_nodeid, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, fuse_bpf_inode_orig_ino, KF_TRUSTED_ARGS)
#endif
BTF_KFUNCS_END(kfunc_ids)

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &kfunc_ids,
};

int kfunc_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &kfunc_set);
}

#else

int kfunc_init(void)
{
	return 0;
}

#endif
