// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections, as far as attaching is concerned. The kernel has a struct
 * fuse_conn; a module cannot see that one, so an open file of the FUSE device
 * stands for it, and everything else is what a test has set.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "testmod.h"

/* The FUSE device's, and not in any header that modules get. */
extern const struct file_operations fuse_dev_operations;

struct conn {
	struct list_head node;
	unsigned int refs;
	u32 state;
	struct file *file;
	struct fuse_iomap_bpf_ops *ops;
	struct bpf_link *link;
};

static LIST_HEAD(conns);
static DEFINE_MUTEX(conns_lock); /* guards the list and every member */

struct conn *conn_get(int fuse_fd)
{
	struct conn *c, *found = NULL;
	struct file *file = fget(fuse_fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op != &fuse_dev_operations) {
		fput(file);
		return ERR_PTR(-EBADF);
	}
	mutex_lock(&conns_lock);
	list_for_each_entry(c, &conns, node) {
		if (c->file == file) {
			found = c;
			break;
		}
	}
	if (found) {
		found->refs++;
		fput(file);
	} else {
		found = kzalloc(sizeof(*found), GFP_KERNEL);
		if (!found) {
			fput(file);
			found = ERR_PTR(-ENOMEM);
			goto out;
		}
		found->refs = 1;
		found->file = file;
		list_add(&found->node, &conns);
	}
out:
	mutex_unlock(&conns_lock);
	return found;
}

void conn_put(struct conn *c)
{
	bool last;

	mutex_lock(&conns_lock);
	last = !--c->refs;
	if (last)
		list_del(&c->node);
	mutex_unlock(&conns_lock);
	if (last) {
		fput(c->file);
		kfree(c);
	}
}

u32 conn_attached(void)
{
	struct conn *c;
	u32 n = 0;

	mutex_lock(&conns_lock);
	list_for_each_entry(c, &conns, node)
		n += !!c->ops;
	mutex_unlock(&conns_lock);
	return n;
}

/*
 * users is 1 while attached and 1 more for each call in flight, so it is 0 when
 * nobody will touch the programs again.
 */
struct fuse_iomap_bpf_ops *conn_ops_get(struct conn *c)
{
	struct fuse_iomap_bpf_ops *ops;

	mutex_lock(&conns_lock);
	ops = c->ops;
	if (ops)
		atomic_inc(&ops->users);
	mutex_unlock(&conns_lock);
	return ops;
}

void conn_ops_put(struct fuse_iomap_bpf_ops *ops)
{
	/* The memory may be gone after the first; the second only compares addresses. */
	if (atomic_dec_and_test(&ops->users))
		wake_up_var(&ops->users);
}

/* Rule 38, but for what is set. */
int conn_attach(struct fuse_iomap_bpf_ops *ops, struct bpf_link *link)
{
	struct conn *c = conn_get(ops->fuse_fd);
	int err = 0;

	if (IS_ERR(c))
		return PTR_ERR(c);
	mutex_lock(&conns_lock);
	if (c->state & ABIGEN_TESTMOD_GONE)
		err = -ENOTCONN;
	else if (c->state & ABIGEN_TESTMOD_NO_IOMAP)
		err = -EOPNOTSUPP;
	else if (c->ops || ops->fc || atomic_read(&ops->users))
		err = -EBUSY; /* the connection has others, or these serve another */
	if (!err) {
		c->ops = ops;
		c->link = link;
		atomic_set(&ops->users, 1);
		WRITE_ONCE(ops->fc, (struct fuse_conn *)c);
	}
	mutex_unlock(&conns_lock);
	if (err)
		conn_put(c);
	return err;
}

/* Takes ops from its connection if link has put it there; NULL is any link. */
static void detach(struct fuse_iomap_bpf_ops *ops, struct bpf_link *link)
{
	struct conn *c;

	mutex_lock(&conns_lock);
	c = (struct conn *)ops->fc;
	if (c && (!link || c->link == link)) {
		c->ops = NULL;
		c->link = NULL;
		WRITE_ONCE(ops->fc, NULL);
	} else {
		c = NULL;
	}
	mutex_unlock(&conns_lock);
	if (c) {
		conn_ops_put(ops);
		conn_put(c);
	}
}

void conn_detach(struct fuse_iomap_bpf_ops *ops, struct bpf_link *link)
{
	detach(ops, link);
	/*
	 * Whoever has taken it off, calls may be in flight. Where another link has
	 * attached it meanwhile none of them is: that took users to be 0.
	 */
	wait_var_event(&ops->users, !atomic_read(&ops->users) || READ_ONCE(ops->fc));
}

int conn_set(struct conn *c, u32 state)
{
	struct fuse_iomap_bpf_ops *ops = NULL;

	if (state & ~(ABIGEN_TESTMOD_NO_IOMAP | ABIGEN_TESTMOD_GONE))
		return -EINVAL;
	mutex_lock(&conns_lock);
	c->state = state;
	if (state & ABIGEN_TESTMOD_GONE) {
		ops = c->ops;
		if (ops)
			atomic_inc(&ops->users);
	}
	mutex_unlock(&conns_lock);
	if (ops) {
		detach(ops, NULL);
		conn_ops_put(ops);
	}
	return 0;
}
