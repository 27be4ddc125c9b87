/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RAID0: chunks of a file go to the devices in turn.
 *
 *	chunk = offset / chunk size, device = chunk mod n, row = chunk / n
 *	device address = base of the inode + row * chunk size + offset mod chunk size
 */
#ifndef ABIGEN_STRIPE_H
#define ABIGEN_STRIPE_H

#include "../include/iomap.h"

#define STRIPE_DEVICES 256

/*
 * Set before the program is loaded: the verifier then knows their values and
 * drops the branches they rule out. A shift of 0 says that the number is no
 * power of two, and to divide.
 */
const volatile uint64_t chunk_size;	/* in bytes, whole blocks */
const volatile uint32_t chunk_shift;	/* its logarithm, or 0 */
const volatile uint32_t device_count;	/* 1 to STRIPE_DEVICES */
const volatile uint32_t device_shift;	/* its logarithm, or 0 */
const volatile uint32_t devices[STRIPE_DEVICES]; /* cookies */

struct stripe_file {
	uint64_t base;		/* of its rows on every device, in bytes */
	uint64_t length;	/* in bytes, whole blocks; at most IOMAP_END */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, uint64_t); /* node id */
	__type(value, struct stripe_file);
} files SEC(".maps");

/* The mapping that holds a position. */
struct stripe_chunk {
	uint64_t offset;
	uint64_t length;
	uint64_t addr;
	uint32_t dev;
};

/* Finds the chunk at pos, which must be below the file's length. */
static __always_inline bool stripe_find(const struct stripe_file *file, uint64_t pos, struct stripe_chunk *found)
{
	uint64_t chunk, row, device, rest;

	if (device_count == 1) { /* nothing ever changes: one mapping */
		found->offset = 0;
		found->length = file->length;
		found->addr = file->base;
		found->dev = devices[0];
		return true;
	}
	chunk = chunk_shift ? pos >> (chunk_shift & 63) : pos / chunk_size;
	row = device_shift ? chunk >> (device_shift & 63) : chunk / device_count;
	device = chunk - row * device_count;
	if (device >= STRIPE_DEVICES)
		return false;
	found->offset = chunk * chunk_size;
	rest = file->length - found->offset;
	found->length = rest < chunk_size ? rest : chunk_size;
	found->addr = file->base + row * chunk_size;
	found->dev = devices[device];
	return true;
}

#endif
