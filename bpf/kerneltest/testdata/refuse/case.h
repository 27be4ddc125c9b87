/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the cases here share. Each is a program with one fault, which is not in
 * it where REPAIRED is defined, and the line at which the kernel must refuse it
 * ends in the word FAULT.
 */
#ifndef REFUSE_CASE_H
#define REFUSE_CASE_H

#include "../../../include/iomap.h"

/*
 * One instruction each, whatever the compiler thinks of address and size: it
 * would split an access that is not aligned, and drop what is undefined in C.
 */
#define store64(base, offset, value) \
	asm volatile("*(u64 *)(%0 + %2) = %1" : : "r"(base), "r"((uint64_t)(value)), "i"(offset) : "memory")
#define store32(base, offset, value) \
	asm volatile("*(u32 *)(%0 + %2) = %1" : : "r"(base), "r"((uint64_t)(value)), "i"(offset) : "memory")
#define load64(base, offset) \
	({ \
		uint64_t loaded_; \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(loaded_) : "r"(base), "i"(offset)); \
		loaded_; \
	})
#define load32(base, offset) \
	({ \
		uint64_t loaded_; \
		asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(loaded_) : "r"(base), "i"(offset)); \
		loaded_; \
	})

#ifndef LICENCE_OF_ITS_OWN
DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
#endif

#endif
