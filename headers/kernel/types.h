/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The part of the kernel's own types that a struct_ops type and its wrapper
 * need, so that the fixtures compile without a kernel tree. Only what BTF
 * shows is here: names, sizes, order of members.
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#define NULL ((void *)0)

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;

/* The kernel has the names of stdint.h too, on top of its own. */
typedef u16 uint16_t;
typedef u32 uint32_t;
typedef u64 uint64_t;
typedef s32 int32_t;
typedef s64 int64_t;

typedef long long __kernel_loff_t;
typedef __kernel_loff_t loff_t;

typedef struct {
	int counter;
} atomic_t;

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

/* What every struct_ops map value starts with: 8 bytes. */
enum bpf_struct_ops_state {
	BPF_STRUCT_OPS_STATE_INIT,
	BPF_STRUCT_OPS_STATE_INUSE,
	BPF_STRUCT_OPS_STATE_TOBEFREE,
	BPF_STRUCT_OPS_STATE_READY,
};

struct bpf_struct_ops_common_value {
	refcount_t refcnt;
	enum bpf_struct_ops_state state;
};

/*
 * The type of a struct_ops map's value. Its existence in BTF is what makes
 * struct type a registered struct_ops type. The data starts a cache line, of
 * 64 bytes here as on most machines.
 */
#define STRUCT_OPS_VALUE(type) \
	struct bpf_struct_ops_##type { \
		struct bpf_struct_ops_common_value common; \
		struct type data __attribute__((aligned(64))); \
	}

/* A function that programs may call is marked by a declaration tag. */
#define KFUNC __attribute__((btf_decl_tag("bpf_kfunc"), noinline, used))

/*
 * One that every kernel has, whatever FUSE offers. Without any, BTF would look
 * like that of a kernel whose tools do not mark kfuncs yet, and would say
 * nothing about the absence of FUSE's.
 */
KFUNC void bpf_rcu_read_lock(void)
{
}

/*
 * The kernel gives every struct_ops type a stub function per callback, named
 * <type>__<member>. BTF of a function has parameter names, BTF of a callback
 * has none.
 */
#define STUB static __attribute__((noinline))

/*
 * The body of a stub. The BPF machine has no stack arguments, so clang refuses
 * a function of more than five parameters unless none of them is left once it
 * has dropped the unused ones; it does that only where it sees every call and
 * must keep the call. BTF keeps the declared parameters either way.
 */
#define STUB_BODY \
	{ \
		asm volatile(""); \
		return 0; \
	}

/*
 * BTF holds what a program uses. These name what would be left out otherwise:
 * a type, and a stub with a call of it. What starts with __keep_ does not get
 * into a fixture.
 */
#define KEEP(what, n) what __keep_##n
#define KEEP_STUB(call, n) \
	void __keep_##n(void) \
	{ \
		call; \
	}

#endif
