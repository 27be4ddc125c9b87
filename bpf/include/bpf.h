/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a BPF program needs to compile, and no header of the system has for
 * -target bpf everywhere: integer types, section and map definitions, the
 * helpers the programs here call, and CO-RE tests.
 *
 * The names are those libbpf made known, so a program moves from one to the
 * other by changing its includes. Numbers are the kernel's interface.
 */
#ifndef ABIGEN_BPF_H
#define ABIGEN_BPF_H

typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed int int32_t;
typedef signed long long int64_t;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)

#define SEC(name) __attribute__((section(name), used))
#define __always_inline inline __attribute__((always_inline))
#define __weak __attribute__((weak))
#define __ksym __attribute__((section(".ksyms")))

/* Map definitions: loaders read them from BTF as array lengths and types. */
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]

enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_HASH_OF_MAPS = 13,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_F_NO_PREALLOC = 1U << 0,
	BPF_F_MMAPABLE = 1U << 10,
	BPF_F_INNER_MAP = 1U << 12, /* inner maps may differ in max_entries */
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

/* Helpers, by the number the kernel calls them by. */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, uint64_t flags) = (void *)2;
static uint64_t (*const bpf_ktime_get_ns)(void) = (void *)5;
static void *(*const bpf_ringbuf_reserve)(void *ring, uint64_t size, uint64_t flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, uint64_t flags) = (void *)132;

/*
 * Whether the kernel has a type of this name, as a number that the loader fills
 * in: the verifier does not look at a branch that it rules out.
 */
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)

/*
 * Keeps a number below a power of two where the verifier can see it: the
 * compiler would drop a mask it knows to be useless, or test a copy.
 */
#define bpf_below(value, power) \
	({ \
		uint64_t below_ = (value); \
		asm volatile("" : "+r"(below_)); \
		below_ & ((power) - 1); \
	})

/*
 * BPF_PROG(name, parameters…) opens the definition of a program that the kernel
 * passes an array of 64-bit arguments, and takes the array apart. The function
 * that the kernel sees has the name, the one with the parameters is inlined.
 */
#define BPF_PROG(name, params...) \
name(unsigned long long *ctx); \
static __always_inline typeof(name(0)) name##_with_arguments(params); \
typeof(name(0)) name(unsigned long long *ctx) \
{ \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") \
	return name##_with_arguments(BPF_PROG_ARGUMENTS(params)); \
	_Pragma("GCC diagnostic pop") \
} \
static __always_inline typeof(name(0)) name##_with_arguments(params)

#define BPF_PROG_ARGUMENTS(params...) \
	BPF_PROG_CHOOSE(params, BPF_PROG_8, BPF_PROG_7, BPF_PROG_6, BPF_PROG_5, \
			BPF_PROG_4, BPF_PROG_3, BPF_PROG_2, BPF_PROG_1)()
#define BPF_PROG_CHOOSE(a, b, c, d, e, f, g, h, chosen, ...) chosen
#define BPF_PROG_1() (void *)ctx[0]
#define BPF_PROG_2() BPF_PROG_1(), (void *)ctx[1]
#define BPF_PROG_3() BPF_PROG_2(), (void *)ctx[2]
#define BPF_PROG_4() BPF_PROG_3(), (void *)ctx[3]
#define BPF_PROG_5() BPF_PROG_4(), (void *)ctx[4]
#define BPF_PROG_6() BPF_PROG_5(), (void *)ctx[5]
#define BPF_PROG_7() BPF_PROG_6(), (void *)ctx[6]
#define BPF_PROG_8() BPF_PROG_7(), (void *)ctx[7]

#endif
