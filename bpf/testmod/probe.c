// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second struct_ops type, whose only purpose is to find out whether eight
 * arguments reach a program: they are plain numbers, so a wrong one does no
 * harm.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "testmod.h"

struct abigen_testmod_probe {
	u64 (*eight)(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h);
};

static DEFINE_MUTEX(probe_lock);
static struct abigen_testmod_probe *attached;
static u32 eight_arguments;

static int probe_init_btf(struct btf *btf)
{
	return 0;
}

static bool probe_is_valid_access(int off, int size, enum bpf_access_type type,
				  const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(off, size, type, prog, info);
}

static const struct bpf_verifier_ops probe_verifier_ops = {
	.get_func_proto = bpf_base_func_proto,
	.is_valid_access = probe_is_valid_access,
};

static int probe_init_member(const struct btf_type *t, const struct btf_member *member,
			     void *kdata, const void *udata)
{
	return 0;
}

static int probe_reg(void *kdata, struct bpf_link *link)
{
	struct abigen_testmod_probe *probe = kdata;
	int err = -EBUSY;

	mutex_lock(&probe_lock);
	if (!attached) {
		err = probe->eight ? 0 : -EINVAL;
		if (!err)
			attached = probe;
	}
	mutex_unlock(&probe_lock);
	return err;
}

static void probe_unreg(void *kdata, struct bpf_link *link)
{
	mutex_lock(&probe_lock);
	attached = NULL;
	mutex_unlock(&probe_lock);
}

static u64 abigen_testmod_probe__eight(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h)
{
	return 0;
}

static struct abigen_testmod_probe probe_stubs = {
	.eight = abigen_testmod_probe__eight,
};

static struct bpf_struct_ops probe_type = {
	.verifier_ops = &probe_verifier_ops,
	.init = probe_init_btf,
	.init_member = probe_init_member,
	.reg = probe_reg,
	.unreg = probe_unreg,
	.cfi_stubs = &probe_stubs,
	.owner = THIS_MODULE,
	.name = "abigen_testmod_probe",
};

u32 probe_eight_arguments(void)
{
	return READ_ONCE(eight_arguments);
}

int probe_call(struct abigen_testmod_probe_call *io)
{
	const u64 *a = io->args;
	int err = -ENOLINK;

	if (io->which > 7)
		return -EINVAL;
	mutex_lock(&probe_lock);
	if (attached) {
		io->result = attached->eight(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
		/* Once wrong, always wrong. Right takes the last one. */
		if (io->result != a[io->which])
			WRITE_ONCE(eight_arguments, ABIGEN_TESTMOD_EIGHT_WRONG);
		else if (io->which == 7 && eight_arguments == ABIGEN_TESTMOD_EIGHT_UNKNOWN)
			WRITE_ONCE(eight_arguments, ABIGEN_TESTMOD_EIGHT_RIGHT);
		err = 0;
	}
	mutex_unlock(&probe_lock);
	return err;
}

int probe_init(void)
{
	return register_bpf_struct_ops(&probe_type, abigen_testmod_probe);
}
