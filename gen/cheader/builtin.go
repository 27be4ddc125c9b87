// SPDX-License-Identifier: MIT

package cheader

import (
	"io/fs"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/internal/libc"
)

// preludeText declares the integer types of stdint.h, stddef.h and the kernel.
// A header may use them without including anything; only those it uses are
// ever parsed, and a declaration of its own takes their place.
const preludeText = `
typedef __INT8_TYPE__ int8_t; typedef __UINT8_TYPE__ uint8_t;
typedef __INT16_TYPE__ int16_t; typedef __UINT16_TYPE__ uint16_t;
typedef __INT32_TYPE__ int32_t; typedef __UINT32_TYPE__ uint32_t;
typedef __INT64_TYPE__ int64_t; typedef __UINT64_TYPE__ uint64_t;
typedef __INT_LEAST8_TYPE__ int_least8_t; typedef __UINT_LEAST8_TYPE__ uint_least8_t;
typedef __INT_LEAST16_TYPE__ int_least16_t; typedef __UINT_LEAST16_TYPE__ uint_least16_t;
typedef __INT_LEAST32_TYPE__ int_least32_t; typedef __UINT_LEAST32_TYPE__ uint_least32_t;
typedef __INT_LEAST64_TYPE__ int_least64_t; typedef __UINT_LEAST64_TYPE__ uint_least64_t;
typedef signed char int_fast8_t; typedef unsigned char uint_fast8_t;
typedef __PTRDIFF_TYPE__ int_fast16_t; typedef __SIZE_TYPE__ uint_fast16_t;
typedef __PTRDIFF_TYPE__ int_fast32_t; typedef __SIZE_TYPE__ uint_fast32_t;
typedef __INT64_TYPE__ int_fast64_t; typedef __UINT64_TYPE__ uint_fast64_t;
typedef __INTPTR_TYPE__ intptr_t; typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INTMAX_TYPE__ intmax_t; typedef __UINTMAX_TYPE__ uintmax_t;
typedef __SIZE_TYPE__ size_t; typedef __PTRDIFF_TYPE__ ssize_t; typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __WCHAR_TYPE__ wchar_t; typedef _Bool bool;
#if defined __x86_64__
typedef struct { unsigned gp_offset, fp_offset; void *overflow_arg_area, *reg_save_area; } __builtin_va_list[1];
#elif defined __s390x__
typedef struct { long __gpr, __fpr; void *__overflow_arg_area, *__reg_save_area; } __builtin_va_list[1];
#elif defined __aarch64__
typedef struct { void *__stack, *__gr_top, *__vr_top; int __gr_offs, __vr_offs; } __builtin_va_list;
#elif defined __arm__
typedef struct { void *__ap; } __builtin_va_list;
#elif defined __i386__ || defined __powerpc64__
typedef char *__builtin_va_list;
#else
typedef void *__builtin_va_list;
#endif

typedef signed char __s8; typedef unsigned char __u8; typedef short __s16; typedef unsigned short __u16;
typedef int __s32; typedef unsigned int __u32; typedef long long __s64; typedef unsigned long long __u64;
typedef signed char s8; typedef unsigned char u8; typedef short s16; typedef unsigned short u16;
typedef int s32; typedef unsigned int u32; typedef long long s64; typedef unsigned long long u64;
typedef __int128 __s128; typedef unsigned __int128 __u128;
typedef unsigned short __le16; typedef unsigned short __be16; typedef unsigned int __le32;
typedef unsigned int __be32; typedef unsigned long long __le64; typedef unsigned long long __be64;
typedef unsigned short __sum16; typedef unsigned int __wsum; typedef unsigned int __poll_t;
typedef __u64 __aligned_u64 __attribute__((aligned(8))); typedef __s64 __aligned_s64 __attribute__((aligned(8)));
typedef __u64 __aligned_be64 __attribute__((aligned(8))); typedef __u64 __aligned_le64 __attribute__((aligned(8)));
typedef long __kernel_long_t; typedef unsigned long __kernel_ulong_t;
typedef __SIZE_TYPE__ __kernel_size_t; typedef __PTRDIFF_TYPE__ __kernel_ssize_t; typedef __PTRDIFF_TYPE__ __kernel_ptrdiff_t;
typedef long long __kernel_loff_t; typedef long long loff_t; typedef long __kernel_off_t;
typedef int __kernel_pid_t; typedef unsigned int __kernel_uid32_t; typedef unsigned int __kernel_gid32_t;
typedef unsigned int __kernel_uid_t; typedef unsigned int __kernel_gid_t; typedef unsigned int __kernel_mode_t;
typedef long long __kernel_time64_t; typedef int __kernel_clockid_t; typedef int __kernel_key_t;
typedef int pid_t; typedef unsigned int uid_t; typedef unsigned int gid_t; typedef unsigned int mode_t;
`

// prelude is preludeText cut into declarations.
type prelude struct {
	decls  []*decl
	byName map[string]int
}

func newPrelude(pl *platform) *prelude {
	p := newPreproc(pl.macros)
	p.openSource(&source{path: "<built-in types>", name: "<built-in types>", text: preludeText, builtin: true}, token{})
	p.run()
	decls, _ := split(p)
	pre := &prelude{decls: decls, byName: map[string]int{}}
	for i, d := range decls {
		for _, name := range d.declares() {
			pre.byName[name] = i
		}
	}
	return pre
}

// typeHeaders are the headers whose only use here is to declare integer types,
// which are built in. An #include of one that the include path does not have
// is satisfied by nothing, or by a few macros.
var typeHeaders = map[string]string{
	"stdint.h": "", "inttypes.h": "", "sys/types.h": "", "linux/types.h": typeMacros, "asm/types.h": "",
	"asm-generic/types.h": "", "asm-generic/int-ll64.h": "", "asm-generic/int-l64.h": "", "linux/posix_types.h": "",
	"asm/posix_types.h": "", "asm/bitsperlong.h": bitsPerLong, "asm-generic/bitsperlong.h": bitsPerLong, "vmlinux.h": "",
	"stddef.h": stddefMacros, "linux/stddef.h": groupMacros, "stdbool.h": "#define true 1\n#define false 0\n#define __bool_true_false_are_defined 1\n",
	"stdarg.h": "typedef __builtin_va_list va_list;\n", "stdalign.h": "#define alignas _Alignas\n#define alignof _Alignof\n",
	"limits.h": limitMacros, "asm/byteorder.h": byteOrder, "endian.h": byteOrder, "linux/const.h": constMacros,
	"linux/compiler.h": "", "linux/compiler_types.h": "",
	"bpf/bpf_helpers.h": bpfHelpers, "bpf/bpf_tracing.h": bpfTracing, "bpf/bpf_core_read.h": "",
}

const (
	stddefMacros = `#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)
`
	typeMacros = `#define __bitwise
#define __bitwise__
`
	bitsPerLong = `#ifdef __LP64__
#define __BITS_PER_LONG 64
#else
#define __BITS_PER_LONG 32
#endif
#define __BITS_PER_LONG_LONG 64
`
	limitMacros = `#define CHAR_BIT 8
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MAX __INT_MAX__
#define INT_MIN (-__INT_MAX__ - 1)
#define UINT_MAX (__INT_MAX__ * 2U + 1U)
#define LONG_MAX __LONG_MAX__
#define LONG_MIN (-__LONG_MAX__ - 1L)
#define ULONG_MAX (__LONG_MAX__ * 2UL + 1UL)
#define LLONG_MAX __LONG_LONG_MAX__
#define LLONG_MIN (-__LONG_LONG_MAX__ - 1LL)
#define ULLONG_MAX (__LONG_LONG_MAX__ * 2ULL + 1ULL)
`
	byteOrder = `#ifdef __BIG_ENDIAN__
#undef __BIG_ENDIAN
#define __BIG_ENDIAN 4321
#define __BIG_ENDIAN_BITFIELD
#else
#define __LITTLE_ENDIAN 1234
#define __LITTLE_ENDIAN_BITFIELD
#endif
`
	constMacros = `#define __AC(X, Y) (X##Y)
#define _AC(X, Y) __AC(X, Y)
#define _AT(T, X) ((T)(X))
#define _UL(x) (_AC(x, UL))
#define _ULL(x) (_AC(x, ULL))
#define _BITUL(x) (_UL(1) << (x))
#define _BITULL(x) (_ULL(1) << (x))
`
	// groupMacros: the kernel's way to name a group of members, and to declare
	// a flexible array anywhere.
	groupMacros = `#define __struct_group(TAG, NAME, ATTRS, MEMBERS...) \
	union { struct { MEMBERS } ATTRS; struct TAG { MEMBERS } ATTRS NAME; } ATTRS
#define __DECLARE_FLEX_ARRAY(TYPE, NAME) struct { struct { } __empty_ ## NAME; TYPE NAME[]; }
#define __counted_by(m)
#define __counted_by_le(m)
#define __counted_by_be(m)
`
	bpfHelpers = `#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]
`
	bpfTracing = `#define BPF_PROG(name, args...) name(unsigned long long *ctx)
`
)

// standIns holds the texts of typeHeaders cut into tokens.
var standIns sync.Map // string -> *lexed

// standIn returns the built-in text for a header.
func standIn(name string) (*lexed, bool) {
	name = strings.TrimPrefix(name, "./")
	text, ok := typeHeaders[name]
	if !ok {
		b, err := fs.ReadFile(libc.FS(), name)
		if err != nil {
			return nil, false
		}
		text = string(b)
	}
	x, ok := standIns.Load(name)
	if !ok {
		x, _ = standIns.LoadOrStore(name, lex(text, maxLexemes))
	}
	return x.(*lexed), true
}
