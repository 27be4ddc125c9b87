// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the kernel declares for struct fuse_iomap_bpf_ops, in revision
 * FUSE_IOMAP_BPF_REV: 1, 2, 3 or 4. It is written on its own and shares nothing
 * with fuse_iomap_bpf.h, so that comparing the two says something.
 *
 * Revision 2 lets programs write to more than revision 2' does; no declaration
 * differs, so the two are one fixture.
 */
#include "types.h"

#ifndef FUSE_IOMAP_BPF_REV
#error "define FUSE_IOMAP_BPF_REV"
#endif

/* The kernel's end of a connection. Only pointers to it are seen here. */
struct fuse_conn;

/*
 * The kernel's inode is larger and starts with its struct inode. Programs use
 * these two members, through CO-RE, so their offsets are nobody's ABI.
 */
struct fuse_inode {
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

/* Who is asked about: the first parameter of every callback. */
#if FUSE_IOMAP_BPF_REV == 1
#define WHO uint64_t nodeid
#elif FUSE_IOMAP_BPF_REV >= 4
struct fuse_bpf_inode {
};
#define WHO struct fuse_bpf_inode *fbi
#else
#define WHO struct fuse_inode *fi
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
#if FUSE_IOMAP_BPF_REV >= 2
	/* The private tail: programs and their header do not see it. */
	struct fuse_conn *fc;
	atomic_t users;
#endif
};

STRUCT_OPS_VALUE(fuse_iomap_bpf_ops);

STUB enum fuse_iomap_bpf_ret fuse_iomap_bpf_ops__iomap_begin(WHO, uint64_t pos, uint64_t count,
							     uint32_t opflags,
							     struct fuse_iomap_begin_out *outarg)
STUB_BODY

STUB enum fuse_iomap_bpf_ret fuse_iomap_bpf_ops__iomap_end(WHO, uint64_t pos, uint64_t count,
							   int64_t written, uint32_t opflags)
STUB_BODY

STUB enum fuse_iomap_bpf_ret fuse_iomap_bpf_ops__iomap_ioend(WHO, uint64_t pos, int64_t written,
							     uint32_t ioendflags, int error,
							     uint32_t dev, uint64_t new_addr,
							     struct fuse_iomap_ioend_out *outarg)
STUB_BODY

#if FUSE_IOMAP_BPF_REV >= 3
struct fuse_range {
	uint64_t offset;
	uint64_t length;
};

#if FUSE_IOMAP_BPF_REV == 3
#define INODE struct fuse_inode *fi
#else
#define INODE struct fuse_bpf_inode *fbi
#endif

KFUNC int fuse_bpf_iomap_inval_mappings(INODE, const struct fuse_range *read__nullable,
					const struct fuse_range *write__nullable)
{
	return 0;
}

KFUNC int fuse_bpf_iomap_upsert_mappings(INODE, const struct fuse_iomap_io *read__nullable,
					 const struct fuse_iomap_io *write__nullable)
{
	return 0;
}
#endif

#if FUSE_IOMAP_BPF_REV >= 4
KFUNC uint64_t fuse_bpf_inode_nodeid(const struct fuse_bpf_inode *fbi)
{
	return 0;
}

KFUNC uint64_t fuse_bpf_inode_orig_ino(const struct fuse_bpf_inode *fbi)
{
	return 0;
}
#endif

KEEP(struct bpf_struct_ops_fuse_iomap_bpf_ops, value);
KEEP_STUB(fuse_iomap_bpf_ops__iomap_begin(0, 0, 0, 0, NULL), begin)
KEEP_STUB(fuse_iomap_bpf_ops__iomap_end(0, 0, 0, 0, 0), end)
KEEP_STUB(fuse_iomap_bpf_ops__iomap_ioend(0, 0, 0, 0, 0, 0, 0, NULL), ioend)
KEEP(struct fuse_inode, inode);
KEEP(struct fuse_iomap_begin_in, begin_in);
KEEP(struct fuse_iomap_begin_out, begin_out);
KEEP(struct fuse_iomap_end_in, end_in);
KEEP(struct fuse_iomap_ioend_in, ioend_in);
KEEP(struct fuse_iomap_ioend_out, ioend_out);
