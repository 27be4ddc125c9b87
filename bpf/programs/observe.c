//go:build ignore

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * observe: see what a file system is asked for before you write a program. It
 * counts every call by callback, flags and size, samples one in so many into a
 * ring buffer, and leaves every call to the server.
 *
 * To make it yours: attach it, run what your users run, and look which
 * operations are worth answering.
 */
#include "../include/iomap.h"

/* Set before the program is loaded: every how many calls of a processor one is sampled; 0 is never. */
const volatile uint32_t sample_every = 1000;

enum callback {
	CALL_BEGIN = 0,
	CALL_END = 1,
	CALL_IOEND = 2,
};

struct kind {
	uint32_t callback;	/* enum callback */
	uint32_t flags;		/* operation flags, or ioend flags */
	uint32_t size;		/* bits that the number of bytes takes: 0 for none, 13 for 4096 to 8191 */
	uint32_t failed;	/* 1 where an error is reported */
};

struct tally {
	uint64_t calls;
	uint64_t bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct kind);
	__type(value, struct tally);
} tallies SEC(".maps");

struct state {
	uint64_t calls;		/* of this processor, all kinds */
	uint64_t uncounted;	/* not in the tallies, which were full */
	uint64_t unsampled;	/* not in the ring buffer, which was full */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct state);
} states SEC(".maps");

struct sample {
	uint64_t time;		/* since boot, in nanoseconds */
	uint64_t nodeid;
	uint64_t pos;		/* in bytes */
	uint64_t count;		/* in bytes; 0 for iomap_ioend */
	int64_t written;	/* in bytes, or a negative errno; 0 for iomap_begin */
	uint64_t new_addr;	/* iomap_ioend's */
	uint32_t callback;	/* enum callback */
	uint32_t flags;
	int32_t error;		/* iomap_ioend's */
	uint32_t dev;		/* iomap_ioend's */
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} samples SEC(".maps");

/* The number of bits a number takes. */
static __always_inline uint32_t bits(uint64_t n)
{
	uint32_t b = 0;

	if (n >> 32) { b += 32; n >>= 32; }
	if (n >> 16) { b += 16; n >>= 16; }
	if (n >> 8) { b += 8; n >>= 8; }
	if (n >> 4) { b += 4; n >>= 4; }
	if (n >> 2) { b += 2; n >>= 2; }
	if (n >> 1) { b += 1; n >>= 1; }
	return b + (uint32_t)n;
}

static __always_inline void count_call(struct state *state, const struct sample *s, uint64_t bytes)
{
	struct kind kind = {
		.callback = s->callback, .flags = s->flags, .size = bits(bytes), .failed = s->error || s->written < 0,
	};
	struct tally first = {}, *tally;

	tally = bpf_map_lookup_elem(&tallies, &kind);
	if (!tally) {
		bpf_map_update_elem(&tallies, &kind, &first, BPF_NOEXIST);
		tally = bpf_map_lookup_elem(&tallies, &kind);
		if (!tally) {
			state->uncounted++;
			return;
		}
	}
	tally->calls++;
	tally->bytes += bytes;
}

static __always_inline enum fuse_iomap_bpf_ret seen(const struct sample *s, uint64_t bytes)
{
	struct sample *record;
	struct state *state;
	uint32_t zero = 0;

	state = bpf_map_lookup_elem(&states, &zero);
	if (!state)
		return FIB_FALLBACK;
	count_call(state, s, bytes);
	if (sample_every && state->calls % sample_every == 0) {
		record = bpf_ringbuf_reserve(&samples, sizeof(*record), 0);
		if (record) {
			*record = *s;
			record->time = bpf_ktime_get_ns();
			bpf_ringbuf_submit(record, 0);
		} else {
			state->unsampled++;
		}
	}
	state->calls++;
	return FIB_FALLBACK;
}

FUSE_IOMAP_BEGIN_BPF_FUNC(observe_begin)
{
	struct sample s = {
		.nodeid = iomap_nodeid(fi), .pos = pos, .count = count, .callback = CALL_BEGIN, .flags = opflags,
	};

	return seen(&s, count);
}

FUSE_IOMAP_END_BPF_FUNC(observe_end)
{
	struct sample s = {
		.nodeid = iomap_nodeid(fi), .pos = pos, .count = count, .written = written, .callback = CALL_END,
		.flags = opflags,
	};

	return seen(&s, count);
}

FUSE_IOMAP_IOEND_BPF_FUNC(observe_ioend)
{
	struct sample s = {
		.nodeid = iomap_nodeid(fi), .pos = pos, .written = written, .new_addr = new_addr,
		.callback = CALL_IOEND, .flags = ioendflags, .error = error, .dev = dev,
	};

	return seen(&s, written > 0 ? (uint64_t)written : 0);
}

DEFINE_FUSE_IOMAP_BPF_OPS(observe, "observe", observe_begin, observe_end, observe_ioend);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
