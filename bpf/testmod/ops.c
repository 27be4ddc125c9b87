// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers struct fuse_iomap_bpf_ops as a struct_ops type: what programs may
 * do (rule 40, and what they may write), and what a map of the type may say
 * (rules 36 and 37).
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/ctype.h>
#include <linux/module.h>

#include "testmod.h"

/*
 * The records that programs may write, by their number in our BTF. A module
 * cannot look a type up by name, so they are taken from the callbacks'
 * prototypes. They are the same every time.
 */
static struct btf *our_btf;
static u32 begin_out_id, ioend_out_id;

static int ops_init_btf(struct btf *btf)
{
	our_btf = btf;
	return 0;
}

/* The type of that number without const and the like, and its own number. */
static const struct btf_type *skip(u32 id, u32 *last)
{
	const struct btf_type *t = btf_type_by_id(our_btf, id);

	while (t && (BTF_INFO_KIND(t->info) == BTF_KIND_CONST || BTF_INFO_KIND(t->info) == BTF_KIND_VOLATILE ||
		     btf_type_is_typedef(t))) {
		id = t->type;
		t = btf_type_by_id(our_btf, id);
	}
	*last = id;
	return t;
}

/* What the nth parameter of a callback points to. */
static u32 pointed_to(const struct btf_member *member, u32 n)
{
	const struct btf_type *t;
	u32 id;

	t = skip(member->type, &id);
	if (!t || !btf_type_is_ptr(t))
		return 0;
	t = skip(t->type, &id);
	if (!t || !btf_type_is_func_proto(t) || btf_type_vlen(t) <= n)
		return 0;
	t = skip(btf_params(t)[n].type, &id);
	if (!t || !btf_type_is_ptr(t))
		return 0;
	t = skip(t->type, &id);
	return t && __btf_type_is_struct(t) ? id : 0;
}

/* Called before a program for the member is verified. */
static int ops_check_member(const struct btf_type *t, const struct btf_member *member,
			    const struct bpf_prog *prog)
{
	u32 id;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct fuse_iomap_bpf_ops, iomap_begin):
		id = pointed_to(member, 4);
		if (!id)
			return -EINVAL;
		WRITE_ONCE(begin_out_id, id);
		break;
	case offsetof(struct fuse_iomap_bpf_ops, iomap_ioend):
		id = pointed_to(member, 7);
		if (!id)
			return -EINVAL;
		WRITE_ONCE(ioend_out_id, id);
		break;
	}
	return 0;
}

static bool ops_is_valid_access(int off, int size, enum bpf_access_type type,
				const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(off, size, type, prog, info);
}

/* Called for writes alone: reading is the verifier's own business. */
static int ops_btf_struct_access(struct bpf_verifier_log *log, const struct bpf_reg_state *reg,
				 int off, int size)
{
	u32 end;

	if (reg->btf != our_btf) {
		bpf_log(log, "only fuse_iomap_begin_out and fuse_iomap_ioend_out can be written\n");
		return -EACCES;
	}
	if (reg->btf_id == READ_ONCE(begin_out_id)) {
		end = sizeof(struct fuse_iomap_begin_out);
	} else if (reg->btf_id == READ_ONCE(ioend_out_id)) {
		end = sizeof(struct fuse_iomap_ioend_out);
	} else {
		bpf_log(log, "only fuse_iomap_begin_out and fuse_iomap_ioend_out can be written\n");
		return -EACCES;
	}
	if (off < 0 || size < 0 || off + size > end) {
		bpf_log(log, "write of %d bytes at offset %d of a record of %u bytes\n", size, off, end);
		return -EACCES;
	}
	return SCALAR_VALUE;
}

static const struct bpf_verifier_ops ops_verifier_ops = {
	.get_func_proto = bpf_base_func_proto,
	.is_valid_access = ops_is_valid_access,
	.btf_struct_access = ops_btf_struct_access,
};

/* Rule 36. */
static int copy_name(char *to, const char *from)
{
	int i;

	for (i = 0; i < sizeof_field(struct fuse_iomap_bpf_ops, name); i++) {
		to[i] = from[i];
		if (!from[i])
			return i ? 0 : -EINVAL;
		if (!isascii(from[i]) || (!isalnum(from[i]) && from[i] != '_' && from[i] != '.'))
			return -EINVAL;
	}
	return -EINVAL;
}

/*
 * Called for each member when a map is written. 1 says that the member has been
 * dealt with, 0 leaves it to the caller, who takes programs for callbacks and
 * refuses anything but zeros elsewhere: in zeropad (rule 37) and in the tail.
 */
static int ops_init_member(const struct btf_type *t, const struct btf_member *member,
			   void *kdata, const void *udata)
{
	const struct fuse_iomap_bpf_ops *from = udata;
	struct fuse_iomap_bpf_ops *to = kdata;
	int err;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct fuse_iomap_bpf_ops, fuse_fd):
		to->fuse_fd = from->fuse_fd;
		return 1;
	case offsetof(struct fuse_iomap_bpf_ops, name):
		err = copy_name(to->name, from->name);
		return err ? err : 1;
	}
	return 0;
}

static int ops_reg(void *kdata, struct bpf_link *link)
{
	return conn_attach(kdata, link);
}

static void ops_unreg(void *kdata, struct bpf_link *link)
{
	conn_detach(kdata, link);
}

/*
 * What a callback is called by in BTF with parameter names, and what control
 * flow integrity takes for its type.
 */
static enum fuse_iomap_bpf_ret
fuse_iomap_bpf_ops__iomap_begin(WHO, uint64_t pos, uint64_t count, uint32_t opflags,
				struct fuse_iomap_begin_out *outarg)
{
	return FIB_FALLBACK;
}

static enum fuse_iomap_bpf_ret
fuse_iomap_bpf_ops__iomap_end(WHO, uint64_t pos, uint64_t count, int64_t written, uint32_t opflags)
{
	return FIB_FALLBACK;
}

static enum fuse_iomap_bpf_ret
fuse_iomap_bpf_ops__iomap_ioend(WHO, uint64_t pos, int64_t written, uint32_t ioendflags, int error,
				uint32_t dev, uint64_t new_addr, struct fuse_iomap_ioend_out *outarg)
{
	return FIB_FALLBACK;
}

static struct fuse_iomap_bpf_ops ops_stubs = {
	.iomap_begin = fuse_iomap_bpf_ops__iomap_begin,
	.iomap_end = fuse_iomap_bpf_ops__iomap_end,
	.iomap_ioend = fuse_iomap_bpf_ops__iomap_ioend,
};

static struct bpf_struct_ops ops_type = {
	.verifier_ops = &ops_verifier_ops,
	.init = ops_init_btf,
	.check_member = ops_check_member,
	.init_member = ops_init_member,
	.reg = ops_reg,
	.unreg = ops_unreg,
	.cfi_stubs = &ops_stubs,
	.owner = THIS_MODULE,
	.name = "fuse_iomap_bpf_ops",
};

int ops_init(void)
{
	BUILD_BUG_ON(sizeof(struct fuse_iomap_io) != 32);
	BUILD_BUG_ON(sizeof(struct fuse_iomap_begin_out) != 64);
	BUILD_BUG_ON(sizeof(struct fuse_iomap_ioend_out) != 8);
	BUILD_BUG_ON(offsetof(struct fuse_iomap_bpf_ops, fc) != 48);
	BUILD_BUG_ON(offsetof(struct fuse_iomap_bpf_ops, users) != 56);
	BUILD_BUG_ON(sizeof(struct fuse_iomap_bpf_ops) != 64);
	/* Records that the interface has, and no callback mentions. */
	BTF_TYPE_EMIT(struct fuse_iomap_begin_in);
	BTF_TYPE_EMIT(struct fuse_iomap_end_in);
	BTF_TYPE_EMIT(struct fuse_iomap_ioend_in);
	BTF_TYPE_EMIT(struct fuse_inode);
	return register_bpf_struct_ops(&ops_type, fuse_iomap_bpf_ops);
}
