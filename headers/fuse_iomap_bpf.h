/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The contract between a FUSE server's BPF program and the kernel: who answers
 * "where does byte N of this file live?" without an upcall to the server.
 *
 * Whoever includes this file supplies uint64_t, uint32_t, uint16_t, int64_t and
 * int32_t. The macros at the end need libbpf's bpf_helpers.h and bpf_tracing.h
 * to have been included as well.
 *
 * FUSE_IOMAP_BPF_REV selects the revision of the kernel interface, 1 to 4. It
 * is 2, the posted one, where it is not defined. The revisions differ in the
 * first argument of the callbacks and in the kernel functions a program may
 * call; the records have been the same in all of them.
 *
 * "Rule n" is the number under which abigen's validator, package abi, checks
 * an answer and explains it.
 */
#ifndef FUSE_IOMAP_BPF_H
#define FUSE_IOMAP_BPF_H

#if defined(FUSE_IOMAP_BPF_REV) && (FUSE_IOMAP_BPF_REV < 1 || FUSE_IOMAP_BPF_REV > 4)
#error "FUSE_IOMAP_BPF_REV: no such revision: define it as 1, 2, 3 or 4"
#endif

/*
 * Mapping types, for fuse_iomap_io.type (rule 4).
 */

/* Nothing is stored here: reads give zeroes. dev is FUSE_IOMAP_DEV_NULL and addr FUSE_IOMAP_NULL_ADDR (rule 11). */
#define FUSE_IOMAP_TYPE_HOLE		0
/* Space is reserved, no block is allocated yet. dev is FUSE_IOMAP_DEV_NULL and addr FUSE_IOMAP_NULL_ADDR (rule 11). */
#define FUSE_IOMAP_TYPE_DELALLOC	1
/* The bytes are at addr on device dev (rules 10, 13 and 20). */
#define FUSE_IOMAP_TYPE_MAPPED		2
/* Blocks are allocated at addr on device dev and read as zeroes until they are converted (rules 10, 13 and 20). */
#define FUSE_IOMAP_TYPE_UNWRITTEN	3
/* The data is inside the inode, one block at most (rule 23). dev is FUSE_IOMAP_DEV_NULL and addr FUSE_IOMAP_NULL_ADDR (rule 11). */
#define FUSE_IOMAP_TYPE_INLINE		4
/* Do not enter this side into the mapping cache; an iomap_begin answer must not use it (rule 15). */
#define FUSE_IOMAP_TYPE_NOCACHE		253
/* The server has filled the mapping cache: look there again (rules 18, 25 and 27). */
#define FUSE_IOMAP_TYPE_RETRY_CACHE	254
/* For the write mapping alone: writes go where the read mapping says (rule 12). */
#define FUSE_IOMAP_TYPE_PURE_OVERWRITE	255

/* The device cookie that names no device, in fuse_iomap_io.dev (rules 10, 11 and 12). */
#define FUSE_IOMAP_DEV_NULL		0U

/*
 * Mapping flags, for fuse_iomap_io.flags. An answer may use bits 0 to 7
 * (rule 5).
 */

/* The blocks were just allocated: what a write does not cover must be zeroed. */
#define FUSE_IOMAP_F_NEW		(1U << 0)
/* Metadata needed to find the data has not reached the device: fsync must commit it. */
#define FUSE_IOMAP_F_DIRTY		(1U << 1)
/* Other files use these blocks too: a write must copy first. */
#define FUSE_IOMAP_F_SHARED		(1U << 2)
/* The mapping was merged from several extents, for FIEMAP. */
#define FUSE_IOMAP_F_MERGED		(1U << 3)
/* An I/O must not continue past the end of this mapping. */
#define FUSE_IOMAP_F_BOUNDARY		(1U << 4)
/* Nothing on the device backs a write here: keep the data in the page cache. */
#define FUSE_IOMAP_F_ANON_WRITE		(1U << 5)
/* An untorn write of the whole mapping is possible (rule 19). */
#define FUSE_IOMAP_F_ATOMIC_BIO		(1U << 6)
/* Call iomap_end when the operation on this mapping is over (rule 28). */
#define FUSE_IOMAP_F_WANT_IOMAP_END	(1U << 7)
/* Only passed to iomap_end: the operation changed the file's size (rule 28). Never valid in an answer (rule 5). */
#define FUSE_IOMAP_F_SIZE_CHANGED	(1U << 8)
/* Only passed to iomap_end: the mapping had gone stale and was asked for anew. Never valid in an answer (rule 5). */
#define FUSE_IOMAP_F_STALE		(1U << 9)

/*
 * Operation flags, for opflags: what the kernel is about to do. Rule 35 lists
 * which combination each path uses.
 */

/* A write. Zeroing, unsharing and writeback count as write operations too (rule 22). */
#define FUSE_IOMAP_OP_WRITE		(1U << 0)
/* Zero a range, also the end of the last block on truncation. */
#define FUSE_IOMAP_OP_ZERO		(1U << 1)
/* Only report the mapping: FIEMAP, SEEK_HOLE, SEEK_DATA, swapon. */
#define FUSE_IOMAP_OP_REPORT		(1U << 2)
/* A page fault. */
#define FUSE_IOMAP_OP_FAULT		(1U << 3)
/* Direct I/O, past the page cache. */
#define FUSE_IOMAP_OP_DIRECT		(1U << 4)
/* Must not sleep. iomap_begin never sees it, iomap_end may (rule 1). */
#define FUSE_IOMAP_OP_NOWAIT		(1U << 5)
/* Only overwriting is wanted: no allocation, no conversion. */
#define FUSE_IOMAP_OP_OVERWRITE_ONLY	(1U << 6)
/* Give a shared range blocks of its own. */
#define FUSE_IOMAP_OP_UNSHARE		(1U << 7)
/* Memory-mapped storage, without the page cache. */
#define FUSE_IOMAP_OP_DAX		(1U << 8)
/* The write must not be torn (rule 19). */
#define FUSE_IOMAP_OP_ATOMIC		(1U << 9)
/* A buffered write that drops its pages from the cache when it is done. */
#define FUSE_IOMAP_OP_DONTCACHE		(1U << 10)
/* The file is becoming, or is, a swap file. */
#define FUSE_IOMAP_OP_SWAPFILE		(1U << 30)
/* Writeback of dirty pages. */
#define FUSE_IOMAP_OP_WRITEBACK		(1U << 31)

/* The device address that means no address, in fuse_iomap_io.addr (rules 10 to 13). */
#define FUSE_IOMAP_NULL_ADDR		(-1ULL)

/*
 * Ioend flags, for fuse_iomap_ioend_in.flags: what an I/O that has ended was.
 */

/* The blocks were shared: the write went to new ones, at new_addr. */
#define FUSE_IOMAP_IOEND_SHARED		(1U << 0)
/* The mapping was unwritten: convert what was written. */
#define FUSE_IOMAP_IOEND_UNWRITTEN	(1U << 1)
/* The I/O stopped at a boundary. The kernel never sets it (rule 31). */
#define FUSE_IOMAP_IOEND_BOUNDARY	(1U << 2)
/* Direct I/O (rule 34). */
#define FUSE_IOMAP_IOEND_DIRECT		(1U << 3)
/* The I/O passed the size known on disk (rule 31). */
#define FUSE_IOMAP_IOEND_APPEND		(1U << 4)
/* Writeback (rule 34). */
#define FUSE_IOMAP_IOEND_WRITEBACK	(1U << 5)
/* The file is no longer a swap file; pos and written are 0 (rules 30 and 34). */
#define FUSE_IOMAP_IOEND_SWAPOFF	(1U << 6)

#if FUSE_IOMAP_BPF_REV >= 3
/* The length that means up to the end of the file, in fuse_range.length. */
#define FUSE_IOMAP_INVAL_TO_EOF		(~0ULL)
#endif

/*
 * One mapping: a range of a file and where its bytes are.
 */
struct fuse_iomap_io {
	uint64_t offset;	/* start in the file, in bytes; at or below the requested position, and a multiple of the block size (rules 7, 9 and 16) */
	uint64_t length;	/* in bytes; not 0, a multiple of the block size, and reaching past the requested position (rules 6 to 8 and 17) */
	uint64_t addr;		/* start on the device, in bytes, or FUSE_IOMAP_NULL_ADDR (rules 10 to 14) */
	uint16_t type;		/* one of FUSE_IOMAP_TYPE_ (rule 4) */
	uint16_t flags;		/* a set of FUSE_IOMAP_F_ (rule 5) */
	uint32_t dev;		/* device cookie, 1 to 1024, or FUSE_IOMAP_DEV_NULL (rules 10 to 12, 20 and 21) */
};

/*
 * What the server is asked in an IOMAP_BEGIN request. A BPF program gets the
 * same facts as arguments of iomap_begin.
 */
struct fuse_iomap_begin_in {
	uint32_t opflags;	/* a set of FUSE_IOMAP_OP_ (rule 35) */
	uint32_t reserved;	/* zero */
	uint64_t attr_ino;	/* inode number as the application sees it */
	uint64_t pos;		/* start of the operation in the file, in bytes */
	uint64_t count;		/* length of the operation, in bytes */
};

/*
 * The answer to iomap_begin. It arrives zeroed, and is not zeroed again when
 * the mapping cache is tried once more (rule 3).
 */
struct fuse_iomap_begin_out {
	struct fuse_iomap_io read;	/* where to read, and what a write replaces (rules 4 to 13) */
	struct fuse_iomap_io write;	/* where to write; FUSE_IOMAP_TYPE_PURE_OVERWRITE for the same place (rules 4 to 13 and 22) */
};

/*
 * What the server is told in an IOMAP_END request. A BPF program gets neither
 * the mapping nor the inode number (rule 29).
 */
struct fuse_iomap_end_in {
	uint32_t opflags;		/* a set of FUSE_IOMAP_OP_; may hold FUSE_IOMAP_OP_NOWAIT (rules 1 and 35) */
	uint32_t reserved;		/* zero */
	uint64_t attr_ino;		/* inode number as the application sees it */
	uint64_t pos;			/* start of the operation in the file, in bytes */
	uint64_t count;			/* length of the operation, in bytes */
	int64_t written;		/* bytes done, or a negative errno (rule 28) */
	struct fuse_iomap_io map;	/* the mapping that was used, with what the kernel added to its flags */
};

/*
 * What the server is told in an IOMAP_IOEND request when an I/O has ended
 * (rule 30).
 */
struct fuse_iomap_ioend_in {
	uint32_t flags;		/* a set of FUSE_IOMAP_IOEND_ (rule 31) */
	int32_t error;		/* negative errno, or 0; handling the call cannot hide it (rule 33) */
	uint64_t attr_ino;	/* inode number as the application sees it */
	uint64_t pos;		/* start of the I/O in the file, in bytes */
	uint64_t new_addr;	/* where the data went: for writeback in 512-byte sectors, for direct I/O FUSE_IOMAP_NULL_ADDR (rule 34) */
	uint64_t written;	/* bytes written */
	uint32_t dev;		/* device cookie; for direct I/O FUSE_IOMAP_DEV_NULL (rule 34) */
	uint32_t pad;		/* zero */
};

/*
 * The answer to iomap_ioend.
 */
struct fuse_iomap_ioend_out {
	uint64_t newsize;	/* size on disk, in bytes; arrives as the larger of the old one and pos + written, and a smaller answer changes nothing (rule 32) */
};

#if FUSE_IOMAP_BPF_REV >= 3
/*
 * A range of a file, for the kernel functions that manage the mapping cache.
 */
struct fuse_range {
	uint64_t offset;	/* start in the file, in bytes */
	uint64_t length;	/* in bytes, or FUSE_IOMAP_INVAL_TO_EOF */
};
#endif

/*
 * What a callback returns. The kernel takes 1 for handled and everything else
 * for fallback, so a negative errno never reaches the application (rule 2).
 */
enum fuse_iomap_bpf_ret {
	FIB_FALLBACK = 0,	/* not answered: the kernel asks the server */
	FIB_HANDLED = 1,	/* answered */
};

#if FUSE_IOMAP_BPF_REV >= 4
/*
 * An inode as a program may name it. It has no members: ask
 * fuse_bpf_inode_nodeid and fuse_bpf_inode_orig_ino.
 */
struct fuse_bpf_inode {
};
#else
struct fuse_inode;
#endif

/*
 * The struct_ops type: the programs of a FUSE connection. Every callback is
 * optional; the kernel asks the server where one is missing or does not handle
 * the call. One such map is attached to a connection at a time (rule 38).
 */
struct fuse_iomap_bpf_ops {
	/*
	 * Where are count bytes from pos, both in bytes? It fills outarg and
	 * returns FIB_HANDLED, or returns FIB_FALLBACK (rules 1 to 3).
	 */
#if FUSE_IOMAP_BPF_REV == 1
	enum fuse_iomap_bpf_ret (*iomap_begin)(uint64_t nodeid, uint64_t pos,
					       uint64_t count, uint32_t opflags,
					       struct fuse_iomap_begin_out *outarg);
#elif FUSE_IOMAP_BPF_REV >= 4
	enum fuse_iomap_bpf_ret (*iomap_begin)(struct fuse_bpf_inode *fbi, uint64_t pos,
					       uint64_t count, uint32_t opflags,
					       struct fuse_iomap_begin_out *outarg);
#else
	enum fuse_iomap_bpf_ret (*iomap_begin)(struct fuse_inode *fi, uint64_t pos,
					       uint64_t count, uint32_t opflags,
					       struct fuse_iomap_begin_out *outarg);
#endif
	/*
	 * An operation on count bytes from pos is over: written bytes were
	 * done, or it is a negative errno (rules 28 and 29).
	 */
#if FUSE_IOMAP_BPF_REV == 1
	enum fuse_iomap_bpf_ret (*iomap_end)(uint64_t nodeid, uint64_t pos,
					     uint64_t count, int64_t written,
					     uint32_t opflags);
#elif FUSE_IOMAP_BPF_REV >= 4
	enum fuse_iomap_bpf_ret (*iomap_end)(struct fuse_bpf_inode *fbi, uint64_t pos,
					     uint64_t count, int64_t written,
					     uint32_t opflags);
#else
	enum fuse_iomap_bpf_ret (*iomap_end)(struct fuse_inode *fi, uint64_t pos,
					     uint64_t count, int64_t written,
					     uint32_t opflags);
#endif
	/*
	 * An I/O of written bytes at pos has ended, with a negative errno or 0
	 * in error. It sets newsize in outarg (rules 30 to 34).
	 */
#if FUSE_IOMAP_BPF_REV == 1
	enum fuse_iomap_bpf_ret (*iomap_ioend)(uint64_t nodeid, uint64_t pos,
					       int64_t written, uint32_t ioendflags,
					       int error, uint32_t dev,
					       uint64_t new_addr,
					       struct fuse_iomap_ioend_out *outarg);
#elif FUSE_IOMAP_BPF_REV >= 4
	enum fuse_iomap_bpf_ret (*iomap_ioend)(struct fuse_bpf_inode *fbi, uint64_t pos,
					       int64_t written, uint32_t ioendflags,
					       int error, uint32_t dev,
					       uint64_t new_addr,
					       struct fuse_iomap_ioend_out *outarg);
#else
	enum fuse_iomap_bpf_ret (*iomap_ioend)(struct fuse_inode *fi, uint64_t pos,
					       int64_t written, uint32_t ioendflags,
					       int error, uint32_t dev,
					       uint64_t new_addr,
					       struct fuse_iomap_ioend_out *outarg);
#endif
	/* Descriptor of the open FUSE device, resolved in the table of whoever creates the link (rule 38). */
	int fuse_fd;
	/* Zero (rule 37). */
	unsigned int zeropad;
	/* 1 to 15 characters of [A-Za-z0-9_.] and a NUL (rule 36). */
	char name[16];
};

#if FUSE_IOMAP_BPF_REV == 3
/*
 * Drops ranges of an inode from its read and write mapping caches; NULL leaves
 * a cache alone. May sleep: for programs in struct_ops.s sections (rule 40).
 * Returns 0 or a negative errno.
 */
extern int fuse_bpf_iomap_inval_mappings(struct fuse_inode *fi,
					 const struct fuse_range *read__nullable,
					 const struct fuse_range *write__nullable)
	__attribute__((section(".ksyms")));

/*
 * Enters mappings into the read and write mapping caches of an inode; NULL
 * leaves a cache alone. May sleep: for programs in struct_ops.s sections
 * (rule 40). Returns 0 or a negative errno.
 */
extern int fuse_bpf_iomap_upsert_mappings(struct fuse_inode *fi,
					  const struct fuse_iomap_io *read__nullable,
					  const struct fuse_iomap_io *write__nullable)
	__attribute__((section(".ksyms")));
#elif FUSE_IOMAP_BPF_REV >= 4
/*
 * Drops ranges of an inode from its read and write mapping caches; NULL leaves
 * a cache alone. May sleep: for programs in struct_ops.s sections (rule 40).
 * Returns 0 or a negative errno.
 */
extern int fuse_bpf_iomap_inval_mappings(struct fuse_bpf_inode *fbi,
					 const struct fuse_range *read__nullable,
					 const struct fuse_range *write__nullable)
	__attribute__((section(".ksyms")));

/*
 * Enters mappings into the read and write mapping caches of an inode; NULL
 * leaves a cache alone. May sleep: for programs in struct_ops.s sections
 * (rule 40). Returns 0 or a negative errno.
 */
extern int fuse_bpf_iomap_upsert_mappings(struct fuse_bpf_inode *fbi,
					  const struct fuse_iomap_io *read__nullable,
					  const struct fuse_iomap_io *write__nullable)
	__attribute__((section(".ksyms")));

/* The node id under which the server knows the inode. Does not sleep. */
extern uint64_t fuse_bpf_inode_nodeid(const struct fuse_bpf_inode *fbi)
	__attribute__((section(".ksyms")));

/* The inode number as the application sees it. Does not sleep. */
extern uint64_t fuse_bpf_inode_orig_ino(const struct fuse_bpf_inode *fbi)
	__attribute__((section(".ksyms")));
#endif

/*
 * Completes an answer whose writes go where its read mapping says: fills
 * outarg->write from outarg->read (rule 12).
 */
static inline void fuse_iomap_begin_pure_overwrite(struct fuse_iomap_begin_out *outarg)
{
	outarg->write.addr = FUSE_IOMAP_NULL_ADDR;
	outarg->write.offset = outarg->read.offset;
	outarg->write.length = outarg->read.length;
	outarg->write.type = FUSE_IOMAP_TYPE_PURE_OVERWRITE;
	outarg->write.flags = 0;
	outarg->write.dev = FUSE_IOMAP_DEV_NULL;
}

/* The licence that the kernel asks of every program: once in a file, without a semicolon. */
#define DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF \
	char LICENSE[] SEC("license") = "GPL v2";

/*
 * FUSE_IOMAP_BEGIN_BPF_FUNC, FUSE_IOMAP_END_BPF_FUNC and
 * FUSE_IOMAP_IOEND_BPF_FUNC open the definition of a callback: the function's
 * body follows. Revision 3 made the sections sleepable.
 */
#if FUSE_IOMAP_BPF_REV == 1
#define FUSE_IOMAP_BEGIN_BPF_FUNC(name) \
	SEC("struct_ops/iomap_begin") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, uint64_t nodeid, uint64_t pos, uint64_t count, \
					 uint32_t opflags, struct fuse_iomap_begin_out *outarg)
#define FUSE_IOMAP_END_BPF_FUNC(name) \
	SEC("struct_ops/iomap_end") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, uint64_t nodeid, uint64_t pos, uint64_t count, \
					 int64_t written, uint32_t opflags)
#define FUSE_IOMAP_IOEND_BPF_FUNC(name) \
	SEC("struct_ops/iomap_ioend") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, uint64_t nodeid, uint64_t pos, int64_t written, \
					 uint32_t ioendflags, int error, uint32_t dev, \
					 uint64_t new_addr, struct fuse_iomap_ioend_out *outarg)
#elif FUSE_IOMAP_BPF_REV == 3
#define FUSE_IOMAP_BEGIN_BPF_FUNC(name) \
	SEC("struct_ops.s/iomap_begin") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_inode *fi, uint64_t pos, uint64_t count, \
					 uint32_t opflags, struct fuse_iomap_begin_out *outarg)
#define FUSE_IOMAP_END_BPF_FUNC(name) \
	SEC("struct_ops.s/iomap_end") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_inode *fi, uint64_t pos, uint64_t count, \
					 int64_t written, uint32_t opflags)
#define FUSE_IOMAP_IOEND_BPF_FUNC(name) \
	SEC("struct_ops.s/iomap_ioend") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_inode *fi, uint64_t pos, int64_t written, \
					 uint32_t ioendflags, int error, uint32_t dev, \
					 uint64_t new_addr, struct fuse_iomap_ioend_out *outarg)
#elif FUSE_IOMAP_BPF_REV >= 4
#define FUSE_IOMAP_BEGIN_BPF_FUNC(name) \
	SEC("struct_ops.s/iomap_begin") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_bpf_inode *fbi, uint64_t pos, uint64_t count, \
					 uint32_t opflags, struct fuse_iomap_begin_out *outarg)
#define FUSE_IOMAP_END_BPF_FUNC(name) \
	SEC("struct_ops.s/iomap_end") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_bpf_inode *fbi, uint64_t pos, uint64_t count, \
					 int64_t written, uint32_t opflags)
#define FUSE_IOMAP_IOEND_BPF_FUNC(name) \
	SEC("struct_ops.s/iomap_ioend") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_bpf_inode *fbi, uint64_t pos, int64_t written, \
					 uint32_t ioendflags, int error, uint32_t dev, \
					 uint64_t new_addr, struct fuse_iomap_ioend_out *outarg)
#else
#define FUSE_IOMAP_BEGIN_BPF_FUNC(name) \
	SEC("struct_ops/iomap_begin") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_inode *fi, uint64_t pos, uint64_t count, \
					 uint32_t opflags, struct fuse_iomap_begin_out *outarg)
#define FUSE_IOMAP_END_BPF_FUNC(name) \
	SEC("struct_ops/iomap_end") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_inode *fi, uint64_t pos, uint64_t count, \
					 int64_t written, uint32_t opflags)
#define FUSE_IOMAP_IOEND_BPF_FUNC(name) \
	SEC("struct_ops/iomap_ioend") \
	enum fuse_iomap_bpf_ret BPF_PROG(name, struct fuse_inode *fi, uint64_t pos, int64_t written, \
					 uint32_t ioendflags, int error, uint32_t dev, \
					 uint64_t new_addr, struct fuse_iomap_ioend_out *outarg)
#endif

/*
 * The struct_ops map itself: DEFINE_FUSE_IOMAP_BPF_OPS(ops, "name", begin, end,
 * ioend); with functions or NULL, and a name of 1 to 15 characters (rule 36).
 * The casts are there because BPF_PROG changes what a function takes.
 */
#define DEFINE_FUSE_IOMAP_BPF_OPS(ops_name, fancy_name, begin_fn, end_fn, ioend_fn) \
	SEC(".struct_ops.link") \
	struct fuse_iomap_bpf_ops ops_name = { \
		.iomap_begin = (void *)begin_fn, \
		.iomap_end = (void *)end_fn, \
		.iomap_ioend = (void *)ioend_fn, \
		.name = fancy_name, \
	}

#endif
