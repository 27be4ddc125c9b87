// SPDX-License-Identifier: GPL-2.0-only
/* The device through which tests call what is attached. */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "testmod.h"

static atomic_t in_flight = ATOMIC_INIT(0);

/* An open file of the device: the connections for which it has set something. */
struct session {
	struct mutex lock;
	struct list_head kept;
};

struct kept {
	struct list_head node;
	struct conn *conn;
};

static int session_open(struct inode *inode, struct file *file)
{
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	mutex_init(&s->lock);
	INIT_LIST_HEAD(&s->kept);
	file->private_data = s;
	return 0;
}

static int session_release(struct inode *inode, struct file *file)
{
	struct session *s = file->private_data;
	struct kept *k, *next;

	list_for_each_entry_safe(k, next, &s->kept, node) {
		conn_set(k->conn, 0);
		conn_put(k->conn);
		kfree(k);
	}
	kfree(s);
	return 0;
}

static int set(struct session *s, const struct abigen_testmod_set *io)
{
	struct conn *c = conn_get(io->fuse_fd);
	struct kept *k, *found = NULL;
	int err;

	if (IS_ERR(c))
		return PTR_ERR(c);
	mutex_lock(&s->lock);
	list_for_each_entry(k, &s->kept, node) {
		if (k->conn == c)
			found = k;
	}
	if (found) {
		conn_put(c); /* it is kept already */
	} else {
		found = kzalloc(sizeof(*found), GFP_KERNEL);
		if (!found) {
			conn_put(c);
			err = -ENOMEM;
			goto out;
		}
		found->conn = c;
		list_add(&found->node, &s->kept);
	}
	err = conn_set(c, io->state);
out:
	mutex_unlock(&s->lock);
	return err;
}

static void begin(struct fuse_iomap_bpf_ops *ops, struct call *c)
{
	struct abigen_testmod_call *io = c->io;
	struct {
		struct fuse_iomap_begin_out out;
		u64 guard;
	} answer = { .guard = ABIGEN_TESTMOD_GUARD };

	memcpy(&answer.out, io->out, sizeof(answer.out));
	io->result = ops->iomap_begin(who_of(c), io->pos, io->count, io->opflags, &answer.out);
	memcpy(io->out, &answer.out, sizeof(answer.out));
	io->guard = READ_ONCE(answer.guard);
}

static void end(struct fuse_iomap_bpf_ops *ops, struct call *c)
{
	struct abigen_testmod_call *io = c->io;

	io->result = ops->iomap_end(who_of(c), io->pos, io->count, io->written, io->opflags);
	io->guard = ABIGEN_TESTMOD_GUARD; /* there is no answer to guard */
}

static void ioend(struct fuse_iomap_bpf_ops *ops, struct call *c)
{
	struct abigen_testmod_call *io = c->io;
	struct {
		struct fuse_iomap_ioend_out out;
		u64 guard;
	} answer = { .guard = ABIGEN_TESTMOD_GUARD };

	memcpy(&answer.out, io->out, sizeof(answer.out));
	io->result = ops->iomap_ioend(who_of(c), io->pos, io->written, io->opflags, io->error, io->dev,
				      io->new_addr, &answer.out);
	memcpy(io->out, &answer.out, sizeof(answer.out));
	io->guard = READ_ONCE(answer.guard);
}

static int call(unsigned int cmd, struct abigen_testmod_call *io)
{
	struct fuse_iomap_bpf_ops *ops;
	struct conn *conn;
	struct call *c;
	int err = 0;

	if (io->flags & ~ABIGEN_TESTMOD_ALWAYS)
		return -EINVAL;
	io->called = 0;
	io->result = 0;
	io->guard = ABIGEN_TESTMOD_GUARD;
	io->kfuncs = 0;
	memset(io->log, 0, sizeof(io->log));

	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	c->inode.nodeid = io->nodeid;
	c->inode.orig_ino = io->orig_ino;
	c->io = io;
	conn = conn_get(io->fuse_fd);
	if (IS_ERR(conn)) {
		err = PTR_ERR(conn);
		goto free;
	}
	ops = conn_ops_get(conn);
	if (!ops) {
		err = -ENOLINK;
		goto put;
	}
	atomic_inc(&in_flight);
	if (io->hold_ms)
		msleep_interruptible(io->hold_ms);
	switch (cmd) {
	case ABIGEN_TESTMOD_BEGIN:
		/* Rule 1. */
		if ((io->opflags & FUSE_IOMAP_OP_NOWAIT) && !(io->flags & ABIGEN_TESTMOD_ALWAYS)) {
			err = -EAGAIN;
			break;
		}
		if (ops->iomap_begin) {
			io->called = 1;
			begin(ops, c);
		}
		break;
	case ABIGEN_TESTMOD_END:
		if (ops->iomap_end) {
			io->called = 1;
			end(ops, c);
		}
		break;
	case ABIGEN_TESTMOD_IOEND:
		if (ops->iomap_ioend && probe_eight_arguments() != ABIGEN_TESTMOD_EIGHT_RIGHT) {
			err = -EOPNOTSUPP;
			break;
		}
		if (ops->iomap_ioend) {
			io->called = 1;
			ioend(ops, c);
		}
		break;
	}
	atomic_dec(&in_flight);
	conn_ops_put(ops);
put:
	conn_put(conn);
free:
	kfree(c);
	return err;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	int err;

	switch (cmd) {
	case ABIGEN_TESTMOD_INFO: {
		struct abigen_testmod_info io = {
			.version = ABIGEN_TESTMOD_VERSION,
			.revision = FUSE_IOMAP_BPF_REV,
			.eight_arguments = probe_eight_arguments(),
			.attached = conn_attached(),
			.in_flight = atomic_read(&in_flight),
		};

		return copy_to_user(user, &io, sizeof(io)) ? -EFAULT : 0;
	}
	case ABIGEN_TESTMOD_SET: {
		struct abigen_testmod_set io;

		if (copy_from_user(&io, user, sizeof(io)))
			return -EFAULT;
		return set(file->private_data, &io);
	}
	case ABIGEN_TESTMOD_BEGIN:
	case ABIGEN_TESTMOD_END:
	case ABIGEN_TESTMOD_IOEND: {
		struct abigen_testmod_call *io = memdup_user(user, sizeof(*io));

		if (IS_ERR(io))
			return PTR_ERR(io);
		err = call(cmd, io);
		if (!err && copy_to_user(user, io, sizeof(*io)))
			err = -EFAULT;
		kfree(io);
		return err;
	}
	case ABIGEN_TESTMOD_PROBE: {
		struct abigen_testmod_probe_call io;

		if (copy_from_user(&io, user, sizeof(io)))
			return -EFAULT;
		err = probe_call(&io);
		if (!err && copy_to_user(user, &io, sizeof(io)))
			err = -EFAULT;
		return err;
	}
	}
	return -ENOTTY;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = session_open,
	.release = session_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "abigen_testmod",
	.fops = &device_operations,
	.mode = 0600,
};

static int device_init(void)
{
	return misc_register(&device);
}

static void device_exit(void)
{
	misc_deregister(&device);
}

static int __init abigen_testmod_init(void)
{
	int err;

	err = kfunc_init();
	if (!err)
		err = probe_init();
	if (!err)
		err = ops_init();
	if (!err)
		err = device_init();
	return err;
}

static void __exit abigen_testmod_exit(void)
{
	device_exit();
}

module_init(abigen_testmod_init);
module_exit(abigen_testmod_exit);

MODULE_DESCRIPTION("struct fuse_iomap_bpf_ops for tests of abigen");
MODULE_LICENSE("GPL");
