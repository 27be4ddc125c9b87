/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel declares for struct fuse_iomap_bpf_ops, in revision
 * FUSE_IOMAP_BPF_REV: 2, 3 or 4. It is written on its own and shares nothing with
 * fuse_iomap_bpf.h, so that comparing a kernel that has this module with that
 * header says something.
 */
#ifndef ABIGEN_TESTMOD_CONTRACT_H
#define ABIGEN_TESTMOD_CONTRACT_H

#include <linux/fs.h>
#include <linux/types.h>

#if FUSE_IOMAP_BPF_REV < 2 || FUSE_IOMAP_BPF_REV > 4
#error "FUSE_IOMAP_BPF_REV is 2, 3 or 4"
#endif

struct fuse_conn;

/*
 * To a verifier a declaration is no struct, so it is defined here. The kernel that
 * this is loaded into has one too, of the same name. It is larger, but nodeid is in
 * the same place: loaders that relocate a program's access find both, and refuse
 * to choose between different places.
 */
struct fuse_inode {
	struct inode inode;
	u64 nodeid;
	u64 orig_ino;
};

struct fuse_iomap_io {
	uint64_t offset;
	uint64_t length;
	uint64_t addr;
	uint16_t type;
	uint16_t flags;
	uint32_t dev;
};

struct fuse_iomap_begin_in {
	uint32_t opflags;
	uint32_t reserved;
	uint64_t attr_ino;
	uint64_t pos;
	uint64_t count;
};

struct fuse_iomap_begin_out {
	struct fuse_iomap_io read;
	struct fuse_iomap_io write;
};

struct fuse_iomap_end_in {
	uint32_t opflags;
	uint32_t reserved;
	uint64_t attr_ino;
	uint64_t pos;
	uint64_t count;
	int64_t written;
	struct fuse_iomap_io map;
};

struct fuse_iomap_ioend_in {
	uint32_t flags;
	int32_t error;
	uint64_t attr_ino;
	uint64_t pos;
	uint64_t new_addr;
	uint64_t written;
	uint32_t dev;
	uint32_t pad;
};

struct fuse_iomap_ioend_out {
	uint64_t newsize;
};

enum fuse_iomap_bpf_ret {
	FIB_FALLBACK = 0,
	FIB_HANDLED = 1,
};

#define FUSE_IOMAP_OP_NOWAIT (1U << 5)

#if FUSE_IOMAP_BPF_REV >= 3
struct fuse_range {
	uint64_t offset;
	uint64_t length;
};
#endif

/* Who is asked about: the first parameter of callbacks and kfuncs. */
#if FUSE_IOMAP_BPF_REV >= 4
struct fuse_bpf_inode {
};
#define INODE struct fuse_bpf_inode
#define WHO INODE *fbi
#else
#define INODE struct fuse_inode
#define WHO INODE *fi
#endif

struct fuse_iomap_bpf_ops {
	enum fuse_iomap_bpf_ret (*iomap_begin)(WHO, uint64_t pos, uint64_t count, uint32_t opflags,
					       struct fuse_iomap_begin_out *outarg);
	enum fuse_iomap_bpf_ret (*iomap_end)(WHO, uint64_t pos, uint64_t count, int64_t written,
					     uint32_t opflags);
	enum fuse_iomap_bpf_ret (*iomap_ioend)(WHO, uint64_t pos, int64_t written, uint32_t ioendflags,
					       int error, uint32_t dev, uint64_t new_addr,
					       struct fuse_iomap_ioend_out *outarg);
	int fuse_fd;
	unsigned int zeropad;
	char name[16];

	/* The private tail: programs and their header do not see it. */
	struct fuse_conn *fc;
	atomic_t users;
};

#endif
