/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a test talks to the module abigen_testmod: ioctls of one misc device.
 *
 * Every structure has the same layout on all machines, and is checked by the Go
 * client, internal/testmod, which declares them again.
 */
#ifndef ABIGEN_TESTMOD_H
#define ABIGEN_TESTMOD_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ABIGEN_TESTMOD_DEVICE "/dev/abigen_testmod"

/* What this file describes. A client refuses any other. */
#define ABIGEN_TESTMOD_VERSION 1

/* Follows the answer in memory, and stays what it is if a program writes where it may. */
#define ABIGEN_TESTMOD_GUARD 0x6162696765e76a5aULL

/* abigen_testmod_info.eight_arguments: what ABIGEN_TESTMOD_PROBE has found. */
enum {
	ABIGEN_TESTMOD_EIGHT_UNKNOWN = 0,
	ABIGEN_TESTMOD_EIGHT_RIGHT = 1,
	ABIGEN_TESTMOD_EIGHT_WRONG = 2,
};

struct abigen_testmod_info {
	__u32 version;		/* ABIGEN_TESTMOD_VERSION */
	__u32 revision;		/* 2, 3 or 4 */
	__u32 eight_arguments;	/* ABIGEN_TESTMOD_EIGHT_… */
	__u32 attached;		/* how many FUSE device files have programs attached */
	__u32 in_flight;	/* how many calls are */
	__u32 pad;
};

/* What is so of the connection behind a FUSE device file, and a module cannot see. */
enum {
	ABIGEN_TESTMOD_NO_IOMAP = 1U << 0,	/* INIT did not negotiate FUSE_IOMAP */
	ABIGEN_TESTMOD_GONE = 1U << 1,		/* aborted, or unmounted: what is attached is detached */
};

/*
 * Lasts until the descriptor of the device that it was set with is closed. A
 * file that nothing was set for has negotiated iomap and is connected.
 */
struct abigen_testmod_set {
	__s32 fuse_fd;
	__u32 state;		/* ABIGEN_TESTMOD_NO_IOMAP, ABIGEN_TESTMOD_GONE */
};

/* abigen_testmod_kfunc.what */
enum {
	ABIGEN_TESTMOD_INVAL = 1,	/* fuse_bpf_iomap_inval_mappings */
	ABIGEN_TESTMOD_UPSERT = 2,	/* fuse_bpf_iomap_upsert_mappings */
};

/* abigen_testmod_kfunc.given: which pointers were not NULL. */
enum {
	ABIGEN_TESTMOD_READ = 1U << 0,
	ABIGEN_TESTMOD_WRITE = 1U << 1,
};

/* A call of one of the kfuncs for the mapping cache. */
struct abigen_testmod_kfunc {
	__u32 what;
	__u32 given;
	__u8 read[32];		/* struct fuse_iomap_io or, first 16 bytes, struct fuse_range */
	__u8 write[32];
};

/* abigen_testmod_call.flags */
enum {
	/*
	 * Call the program whatever the operation. Without it a begin with
	 * FUSE_IOMAP_OP_NOWAIT fails with EAGAIN, as in the kernel (rule 1).
	 */
	ABIGEN_TESTMOD_ALWAYS = 1U << 0,
};

#define ABIGEN_TESTMOD_KFUNCS 64

/*
 * A call of what is attached to a FUSE device file. ABIGEN_TESTMOD_BEGIN, _END
 * and _IOEND each take the members that the callback has as parameters.
 */
struct abigen_testmod_call {
	/* in */
	__s32 fuse_fd;
	__u32 flags;
	__u64 nodeid;
	__u64 orig_ino;
	__u64 pos;
	__u64 count;
	__s64 written;
	__u32 opflags;		/* or ioendflags */
	__s32 error;
	__u32 dev;
	__u32 hold_ms;		/* how long the call is in flight before the program runs */
	__u64 new_addr;
	__s32 kfunc_result;	/* what the kfuncs for the mapping cache return */

	/* out */
	__u32 called;		/* 0 where the callback is NULL: then the rest is as it was */
	__u64 result;		/* what the callback returned */
	__u64 guard;		/* ABIGEN_TESTMOD_GUARD */
	__u32 kfuncs;		/* how often they were called: more than are in the log, maybe */
	__u32 pad;

	/* in and out: what outarg points to, 64 bytes or 8 */
	__u8 out[64];

	/* out */
	struct abigen_testmod_kfunc log[ABIGEN_TESTMOD_KFUNCS];
};

/*
 * A call of the attached struct abigen_testmod_probe, whose program returns one
 * of its arguments. It is compared with what was passed: that tells whether the
 * kernel passes eight arguments as it should.
 */
struct abigen_testmod_probe_call {
	__u64 args[8];		/* in: all different, or nothing is found out */
	__u32 which;		/* in: the one that the program returns, from 0 */
	__u32 pad;
	__u64 result;		/* out: what the program returned */
};

#define ABIGEN_TESTMOD_INFO _IOR(0xab, 0, struct abigen_testmod_info)
/* EBADF where fuse_fd is not a FUSE device. */
#define ABIGEN_TESTMOD_SET _IOW(0xab, 1, struct abigen_testmod_set)
/* EBADF as above, ENOLINK where nothing is attached, EAGAIN by rule 1. */
#define ABIGEN_TESTMOD_BEGIN _IOWR(0xab, 2, struct abigen_testmod_call)
#define ABIGEN_TESTMOD_END _IOWR(0xab, 3, struct abigen_testmod_call)
/*
 * EOPNOTSUPP until ABIGEN_TESTMOD_PROBE has found that eight arguments arrive:
 * where they do not, outarg is whatever lies on the stack.
 */
#define ABIGEN_TESTMOD_IOEND _IOWR(0xab, 4, struct abigen_testmod_call)
/* ENOLINK where no probe is attached. */
#define ABIGEN_TESTMOD_PROBE _IOWR(0xab, 5, struct abigen_testmod_probe_call)

#endif
