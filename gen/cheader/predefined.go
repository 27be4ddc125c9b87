// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/gen/layout"
	"github.com/fuseiomap/abigen/gen/model"
)

// machineMacros lists what compilers define for a machine and headers ask
// about. Everything else follows from sizes.
var machineMacros = map[string]string{
	"bpf":      "__bpf__ __BPF__",
	"amd64":    "__x86_64__ __x86_64 __amd64__ __amd64 __SSE__ __SSE2__ __MMX__",
	"386":      "__i386__ __i386 i386 __i686__",
	"arm64":    "__aarch64__ __AARCH64EL__ __ARM_64BIT_STATE __ARM_PCS_AAPCS64 __ARM_ARCH=8 __ARM_NEON",
	"arm":      "__arm__ __arm __ARMEL__ __ARM_EABI__ __ARM_32BIT_STATE __ARM_PCS __ARM_PCS_VFP __ARM_ARCH=7 __ARM_ARCH_7A__ __VFP_FP__",
	"riscv64":  "__riscv __riscv_xlen=64 __riscv_flen=64 __riscv_float_abi_double __riscv_atomic __riscv_mul __riscv_div __riscv_compressed",
	"ppc64le":  "__powerpc64__ __powerpc__ __ppc__ __PPC__ __PPC64__ __POWERPC__ _ARCH_PPC _ARCH_PPC64 _CALL_ELF=2 _CALL_LINUX _LITTLE_ENDIAN",
	"s390x":    "__s390__ __s390x__ __zarch__",
	"loong64":  "__loongarch__ __loongarch64 __loongarch_grlen=64 __loongarch_frlen=64 __loongarch_lp64 __loongarch_hard_float __loongarch_double_float",
	"mips":     "__mips__ __mips=32 _mips mips __mips_o32 __mips_isa_rev=2 _ABIO32=1 _MIPS_SIM=_ABIO32 _MIPS_SZINT=32 _MIPS_SZLONG=32 _MIPS_SZPTR=32 __MIPSEB__ __MIPSEB _MIPSEB MIPSEB __mips_hard_float _MIPS_ISA_MIPS32=6 _MIPS_ISA=_MIPS_ISA_MIPS32",
	"mips64le": "__mips__ __mips=64 __mips64 __mips64__ _mips mips __mips_n64 __mips_isa_rev=2 _ABI64=3 _MIPS_SIM=_ABI64 _MIPS_SZINT=32 _MIPS_SZLONG=64 _MIPS_SZPTR=64 __MIPSEL__ __MIPSEL _MIPSEL MIPSEL __mips_hard_float _MIPS_ISA_MIPS64=4 _MIPS_ISA=_MIPS_ISA_MIPS64",
}

// softMacros are libbpf's and the kernel's annotations. A header that declares
// a kfunc ends it with __ksym, which only bpf_helpers.h defines. None of them
// bears on layout.
const softMacros = `
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
#define __arg_nullable __attribute__((btf_decl_tag("arg:nullable")))
#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))
#define __bpf_kfunc
#define __user
#define __force
#define __bitwise
#define __bitwise__
#define __iomem
#define __rcu
#define __percpu
#define __must_check
#define __maybe_unused
`

// spelled is how C spells a scalar type.
var spelled = map[layout.Kind]string{
	layout.Bool: "_Bool", layout.Char: "char", layout.SChar: "signed char", layout.UChar: "unsigned char",
	layout.Short: "short", layout.UShort: "unsigned short", layout.Int: "int", layout.UInt: "unsigned int",
	layout.Long: "long", layout.ULong: "unsigned long", layout.LongLong: "long long",
	layout.ULongLong: "unsigned long long", layout.Int128: "__int128", layout.UInt128: "unsigned __int128",
	layout.Float16: "_Float16", layout.Float: "float", layout.Double: "double", layout.LongDouble: "long double",
	layout.Float128: "__float128",
}

// predefined returns the text of the macros that a compiler defines for m.
func predefined(m *layout.Machine) string {
	t := m.Target
	var b strings.Builder
	def := func(name, value string) { fmt.Fprintf(&b, "#define %s %s\n", name, value) }
	size := func(k layout.Kind) int64 {
		e, _ := m.Scalar(k)
		return e.Size
	}
	// A compiler that headers treat well: clang, posing as an old gcc.
	for _, nv := range []string{"__STDC__ 1", "__STDC_VERSION__ 201710L", "__STDC_HOSTED__ 1", "__GNUC__ 4",
		"__GNUC_MINOR__ 2", "__GNUC_PATCHLEVEL__ 1", "__clang__ 1", "__clang_major__ 19", "__clang_minor__ 1",
		"__clang_patchlevel__ 0", "__llvm__ 1", "__ELF__ 1", "__CHAR_BIT__ 8", "__ORDER_LITTLE_ENDIAN__ 1234",
		"__ORDER_BIG_ENDIAN__ 4321", "__ORDER_PDP_ENDIAN__ 3412", "__GNUC_STDC_INLINE__ 1", "__NO_INLINE__ 1",
		"__SCHAR_MAX__ 127", "__SHRT_MAX__ 32767", "__INT_MAX__ 2147483647",
		"__LONG_LONG_MAX__ 9223372036854775807LL", "__USER_LABEL_PREFIX__"} {
		name, value, _ := strings.Cut(nv, " ")
		def(name, value)
	}
	for _, kn := range []struct {
		k    layout.Kind
		name string
	}{{layout.Short, "SHORT"}, {layout.Int, "INT"}, {layout.Long, "LONG"}, {layout.LongLong, "LONG_LONG"},
		{layout.Float, "FLOAT"}, {layout.Double, "DOUBLE"}, {layout.LongDouble, "LONG_DOUBLE"}, {layout.Pointer, "POINTER"},
		{m.SizeT(), "SIZE_T"}, {m.SizeT(), "PTRDIFF_T"}, {layout.Int, "WCHAR_T"}, {layout.Int, "WINT_T"},
		{layout.Int128, "INT128"}, {layout.Float128, "FLOAT128"}} {
		if n := size(kn.k); n != 0 {
			def("__SIZEOF_"+kn.name+"__", fmt.Sprint(n))
		}
	}
	def("__BIGGEST_ALIGNMENT__", fmt.Sprint(m.BiggestAlign()))
	if t.BigEndian {
		def("__BYTE_ORDER__", "__ORDER_BIG_ENDIAN__")
		def("__BIG_ENDIAN__", "1")
	} else {
		def("__BYTE_ORDER__", "__ORDER_LITTLE_ENDIAN__")
		def("__LITTLE_ENDIAN__", "1")
	}
	def("__FLOAT_WORD_ORDER__", "__BYTE_ORDER__")
	long64 := t.PointerSize == 8
	if long64 {
		def("__LP64__", "1")
		def("_LP64", "1")
		def("__LONG_MAX__", "9223372036854775807L")
	} else {
		def("__ILP32__", "1")
		def("_ILP32", "1")
		def("__LONG_MAX__", "2147483647L")
	}
	if !t.CharSigned {
		def("__CHAR_UNSIGNED__", "1")
	}
	if m.WChar() == layout.UInt {
		def("__WCHAR_UNSIGNED__", "1")
	}
	int64Type, suffix := "long long", "LL"
	if long64 {
		int64Type, suffix = "long", "L"
	}
	ptr := "int"
	switch {
	case long64:
		ptr = "long"
	case t.Name == "mips":
		// clang: __INTPTR_TYPE__ is long there, __SIZE_TYPE__ unsigned int.
		def("__INTPTR_TYPE__", "long int")
		def("__UINTPTR_TYPE__", "long unsigned int")
	}
	if t.Name != "mips" {
		def("__INTPTR_TYPE__", ptr)
		def("__UINTPTR_TYPE__", "unsigned "+ptr)
	}
	def("__SIZE_TYPE__", "unsigned "+ptr)
	def("__PTRDIFF_TYPE__", ptr)
	def("__WCHAR_TYPE__", spelled[m.WChar()])
	wint := "unsigned int"
	if t.BPF {
		wint = "int"
	}
	def("__WINT_TYPE__", wint)
	def("__INTMAX_TYPE__", int64Type)
	def("__UINTMAX_TYPE__", "unsigned "+int64Type)
	def("__INTMAX_C_SUFFIX__", suffix)
	def("__UINTMAX_C_SUFFIX__", "U"+suffix)
	def("__INT64_C_SUFFIX__", suffix)
	def("__UINT64_C_SUFFIX__", "U"+suffix)
	for _, w := range []struct{ bits, typ, max, suffix string }{
		{"8", "char", "127", ""}, {"16", "short", "32767", ""}, {"32", "int", "2147483647", ""},
		{"64", int64Type, "9223372036854775807", suffix}} {
		signed := w.typ
		if w.bits == "8" {
			signed = "signed char"
		}
		umax := map[string]string{"8": "255", "16": "65535", "32": "4294967295U", "64": "18446744073709551615U" + suffix}[w.bits]
		for _, kind := range []string{"", "_LEAST", "_FAST"} {
			def("__INT"+kind+w.bits+"_TYPE__", signed)
			def("__UINT"+kind+w.bits+"_TYPE__", "unsigned "+w.typ)
			def("__INT"+kind+w.bits+"_MAX__", w.max+w.suffix)
			def("__UINT"+kind+w.bits+"_MAX__", umax)
		}
	}
	def("__INTMAX_MAX__", "9223372036854775807"+suffix)
	def("__UINTMAX_MAX__", "18446744073709551615U"+suffix)
	def("__SIZE_MAX__", map[bool]string{true: "18446744073709551615UL", false: "4294967295U"}[long64])
	def("__PTRDIFF_MAX__", map[bool]string{true: "9223372036854775807L", false: "2147483647"}[long64])
	def("__INTPTR_MAX__", "__PTRDIFF_MAX__")
	def("__UINTPTR_MAX__", "__SIZE_MAX__")
	def("__LDBL_MANT_DIG__", fmt.Sprint(mantissaBits(m)))
	def("__FLT_MANT_DIG__", "24")
	def("__DBL_MANT_DIG__", "53")
	machine := t.Name
	if t.BPF {
		machine = "bpf"
	} else {
		for _, name := range strings.Fields("__linux__ __linux linux __gnu_linux__ __unix__ __unix unix") {
			def(name, "1")
		}
	}
	for _, nv := range strings.Fields(machineMacros[machine]) {
		name, value, ok := strings.Cut(nv, "=")
		if !ok {
			value = "1"
		}
		def(name, value)
	}
	return b.String()
}

// mantissaBits is the precision of long double.
func mantissaBits(m *layout.Machine) int {
	switch m.LongDoubleBits() {
	case 80:
		return 64
	case 64:
		return 53
	}
	if m.Target.Name == "ppc64le" {
		return 106
	}
	return 113
}

// platform is what does not change between runs for one target.
type platform struct {
	machine *layout.Machine
	macros  map[string]*macro
	prelude *prelude
}

var platforms sync.Map // model.Target -> *platform

func platformOf(t model.Target) *platform {
	if v, ok := platforms.Load(t); ok {
		return v.(*platform)
	}
	m := layout.Of(t)
	pl := &platform{machine: m, macros: map[string]*macro{}}
	for _, s := range specials() {
		pl.macros[s.name] = s
	}
	read := func(name, text string, soft bool) {
		for n, mac := range readMacros(name, text) {
			mac.soft = soft
			pl.macros[n] = mac
		}
	}
	read("<predefined>", predefined(m), false)
	read("<annotations>", softMacros, true)
	pl.prelude = newPrelude(pl)
	v, _ := platforms.LoadOrStore(t, pl)
	return v.(*platform)
}

// readMacros returns the macros that a text of ours defines.
func readMacros(name, text string) map[string]*macro {
	p := newPreproc(nil)
	p.openSource(&source{path: name, name: name, text: text, builtin: true}, token{})
	p.run()
	for _, m := range p.macros {
		m.tokens() // runs share them, and so must not make them
	}
	return p.macros
}
