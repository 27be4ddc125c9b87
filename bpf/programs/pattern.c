//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pattern: something to see with FIEMAP. The first blocks of a file, or of every
 * file, are reported as mapped and unwritten by turns, at a constant plus the
 * offset. All else, and every operation but a report, is left to the server.
 *
 * To make it yours: there is nothing to keep; it shows that a program is called
 * and what comes of its answers.
 */
#include "../include/iomap.h"

/* Set before the program is loaded. */
const volatile uint64_t block_size = 4096;	/* in bytes */
const volatile uint64_t block_count = 16;	/* how many are reported */
const volatile uint64_t base = 1 << 20;		/* device address of file offset 0, in bytes */
const volatile uint32_t dev = 1;		/* device cookie */
const volatile uint64_t node;			/* node id of the file; 0 is every file */

FUSE_IOMAP_BEGIN_BPF_FUNC(pattern_begin)
{
	uint64_t block = pos / block_size;

	/* The swap code also only asks for a report, and wants no such file. */
	if (opflags != FUSE_IOMAP_OP_REPORT || block >= block_count)
		return FIB_FALLBACK;
	if (node && iomap_nodeid(fi) != node)
		return FIB_FALLBACK;
	return iomap_answer(outarg, block * block_size, block_size, base + block * block_size, dev,
			    block & 1 ? FUSE_IOMAP_TYPE_UNWRITTEN : FUSE_IOMAP_TYPE_MAPPED, 0);
}

DEFINE_FUSE_IOMAP_BPF_OPS(pattern, "pattern", pattern_begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
