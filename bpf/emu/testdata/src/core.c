// SPDX-License-Identifier: GPL-2.0-only

/* CO-RE relocations, kfuncs that may be missing, configuration variables and a
 * struct_ops map. */
#include "bpf.h"

struct inode {
	u64 nodeid;
	u32 flags;
} __attribute__((preserve_access_index));

struct absent {
	u32 x;
} __attribute__((preserve_access_index));

enum mode { MODE_A = 1, MODE_B = 2 };

extern u64 inode_id(struct inode *inode) __ksym __weak;
extern u64 missing_kfunc(struct absent *a) __ksym __weak;
extern int LINUX_KERNEL_VERSION __kconfig;

#define field_offset(t, f) ((u64)__builtin_preserve_field_info(((struct t *)0)->f, 0))

SEC("struct_ops/nodeid")
u64 nodeid(u64 *ctx)
{
	struct inode *i = (void *)ctx[0];

	return i->nodeid + i->flags;
}

SEC("struct_ops/guarded")
u64 guarded(u64 *ctx)
{
	if (__builtin_preserve_type_info(*(struct absent *)0, 0))
		return missing_kfunc((void *)ctx[0]) + ((struct absent *)ctx[0])->x;
	return inode_id ? inode_id((void *)ctx[0]) : 1;
}

SEC("struct_ops/unguarded")
u64 unguarded(u64 *ctx)
{
	return ((struct absent *)ctx[0])->x;
}

SEC("struct_ops/unguarded_call")
u64 unguarded_call(u64 *ctx)
{
	return missing_kfunc((void *)ctx[0]);
}

SEC("struct_ops/info")
u64 info(u64 *ctx)
{
	u64 v = __builtin_preserve_type_info(*(struct inode *)0, 1) * 1000000;

	v += __builtin_preserve_enum_value(*(enum mode *)MODE_B, 1) * 1000;
	v += __builtin_preserve_field_info(((struct inode *)0)->flags, 0);
	return v;
}

SEC("struct_ops/version")
u64 version(u64 *ctx)
{
	return LINUX_KERNEL_VERSION;
}

struct demo_ops {
	u64 (*nodeid)(struct inode *i);
	u64 (*unused)(void);
	int fd;
};

SEC(".struct_ops.link")
struct demo_ops demo = { .nodeid = (void *)nodeid, .fd = 3 };
