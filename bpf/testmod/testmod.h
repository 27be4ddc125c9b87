/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module know of each other. */
#ifndef TESTMOD_H
#define TESTMOD_H

#include <linux/container_of.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/types.h>

#include "abigen_testmod.h"
#include "contract.h"

struct bpf_link;

/* The inode that a program is called with, and around it what the call is about. */
struct call {
#if FUSE_IOMAP_BPF_REV >= 4
	struct fuse_bpf_inode fbi;
#endif
	struct fuse_inode inode;
	struct abigen_testmod_call *io;
};

#if FUSE_IOMAP_BPF_REV >= 4
#define WHO_MEMBER fbi
#else
#define WHO_MEMBER inode
#endif

static inline struct call *call_of(const INODE *who)
{
	return container_of((INODE *)who, struct call, WHO_MEMBER);
}

static inline INODE *who_of(struct call *c)
{
	return &c->WHO_MEMBER;
}

/* conn.c: what stands for a connection is an open file of the FUSE device. */
struct conn;

struct conn *conn_get(int fuse_fd);	/* ERR_PTR(-EBADF) */
void conn_put(struct conn *c);
int conn_set(struct conn *c, u32 state);
u32 conn_attached(void);
int conn_attach(struct fuse_iomap_bpf_ops *ops, struct bpf_link *link);
void conn_detach(struct fuse_iomap_bpf_ops *ops, struct bpf_link *link);
struct fuse_iomap_bpf_ops *conn_ops_get(struct conn *c);	/* NULL where there are none */
void conn_ops_put(struct fuse_iomap_bpf_ops *ops);

/* ops.c */
int ops_init(void);

/* probe.c */
int probe_init(void);
u32 probe_eight_arguments(void);
int probe_call(struct abigen_testmod_probe_call *io);

/* kfunc.c */
int kfunc_init(void);

#endif
