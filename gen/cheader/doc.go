// SPDX-License-Identifier: MIT

// Package cheader reads a C header into the neutral model.
//
// No compiler is involved and nothing of the host plays a part: the header is
// preprocessed here, for the target it is asked for, parsed by cc, and laid out
// by package layout.
//
// # What is in the model
//
// The declarations of the header itself: its records, enums, object-like
// macros that are constant expressions, function pointers in records
// (callbacks) and functions. Of the files it includes, only the records and
// enums that those hold by value: as members, as elements of members, and as
// parameters and results. What is only pointed to is not followed.
//
// A declaration counts as the header's own when a token of it stands there,
// so one made by a macro of an included file does. Options.Own adds those of
// included files.
//
// Everything else that the header declares is in Skipped, with the reason:
// function-like and empty macros, macros that are no constant expressions,
// inline and static functions, variables, typedefs that do not name a record
// or enum of their own, records that the model cannot express. Not listed are
// forward declarations, static assertions that hold, and the include guard.
//
// # Types that need no include
//
// The integer types of stdint.h, stddef.h and the kernel (uint64_t, __u64,
// u64, __le32, size_t, bool, …) are built in; a declaration in an included
// file takes precedence. So are stand-ins for the headers that declare them
// (stdint.h, linux/types.h, asm/types.h, …), for libbpf's, and for what kernel
// headers include of a C library (sys/types.h, sys/time.h, netinet/in.h, …),
// for when the include path has none. __ksym, __weak and the like expand as in libbpf's
// bpf_helpers.h unless the header defines them; #ifdef does not see them.
//
// # Constants
//
// A macro is evaluated as it stands at the end of the header, over our layout:
// sizeof, _Alignof and offsetof in it are those of the target. Its value and
// its C type are exact. Floating-point numbers are rounded to their type. What C
// does not define, such as a division by zero, has no value; a signed sum that
// overflows wraps, as compilers fold it. A macro that stands for a list of
// expressions is no constant.
//
// The header's own static assertions are evaluated in the same way: one that is
// false is an error, one that we cannot evaluate is in Skipped.
//
// # Comments
//
// The comment that ends on the line above a declaration documents it, also
// across the #if that chooses between versions of the declaration; so does the
// comment behind it on the same line, with the lines that continue it in the
// same column. "@member:" in a comment above a record is handed to the member.
// Comments about copyright and licence are not documentation.
//
// # Errors
//
// An error says where, what, why and what to do, and is an [*Error], or
// [Errors] where there are several. Input of any kind ends in bounded time and
// memory: these are limited, and an error names the limit and where it is
// passed.
//
//	32 MB, 6,000,000 tokens  a file
//	64 MB                    all files
//	8,000,000 tokens         all files, each as often as it is included
//	20,000                   includes
//	200                      includes, or conditions, within each other
//	200,000                  macros of the header
//	1,000,000 tokens         what macros expand to, and four more for each token read
//	1,000,000 tokens         what the preprocessor leaves
//	20,000 tokens            an expression or declarator
//	256                      brackets within each other
//	64                       records within each other
//	3,000,000                members and the parts of their types, written out
//
// A kernel's vmlinux.h has 500,000 tokens. Devices are not read, and no pipes but
// those that a shell has opened, such as /dev/fd/63.
//
// # Many headers
//
// One run over many headers, or over one for many targets, passes a [Cache]:
// what they include is then cut into tokens once. Headers are independent of
// each other and may be read at the same time.
package cheader
