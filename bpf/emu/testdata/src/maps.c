// SPDX-License-Identifier: GPL-2.0-only

/* Every kind of map, and the helpers that go with them. */
#include "bpf.h"

struct key {
	u32 ino;
	u16 dev;
	u16 pad;
};

struct value {
	u64 count;
	u32 last;
	u32 pad;
};

struct {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, struct value);
} array SEC(".maps");

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 4);
	__type(key, struct key);
	__type(value, struct value);
} hash SEC(".maps");

struct {
	__uint(type, MAP_LRU_HASH);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
} lru SEC(".maps");

struct {
	__uint(type, MAP_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
} percpu SEC(".maps");

struct {
	__uint(type, MAP_PERCPU_HASH);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
} percpu_hash SEC(".maps");

struct inner {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
};

struct inner inner_a SEC(".maps"), inner_b SEC(".maps");

struct {
	__uint(type, MAP_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { &inner_a, &inner_b } };

struct {
	__uint(type, MAP_HASH_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, u32);
	__array(values, struct inner);
} outer_hash SEC(".maps");

struct {
	__uint(type, MAP_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct event {
	u64 a;
	u32 b;
	u32 cpu;
};

/* Counts a key in an array, a hash and the per-CPU maps. */
SEC("struct_ops/count")
u64 count(u64 *ctx)
{
	u32 i = ctx[0];
	struct key k = { .ino = ctx[0], .dev = 7 };
	struct value one = { .count = 1, .last = ctx[1] }, *v;
	u64 first = 1, *n;

	v = map_lookup(&array, &i);
	if (v) {
		v->count++;
		v->last = ctx[1];
	}
	v = map_lookup(&hash, &k);
	if (v) {
		__sync_fetch_and_add(&v->count, 1);
		v->last = ctx[1];
	} else if (map_update(&hash, &k, &one, 1)) {
		return ~0ull;
	}
	i &= 1;
	n = map_lookup(&percpu, &i);
	if (n)
		*n += 1;
	n = map_lookup(&percpu_hash, &i);
	if (n)
		*n += 1;
	else
		map_update(&percpu_hash, &i, &first, 0);
	return 0;
}

SEC("struct_ops/forget")
u64 forget(u64 *ctx)
{
	struct key k = { .ino = ctx[0], .dev = 7 };

	return map_delete(&hash, &k);
}

SEC("struct_ops/recent")
u64 recent(u64 *ctx)
{
	u32 k = ctx[0];
	u64 v = ctx[1];

	return map_update(&lru, &k, &v, 0);
}

SEC("struct_ops/nested")
u64 nested(u64 *ctx)
{
	u32 o = ctx[0], i = ctx[1];
	void *in = map_lookup(&outer, &o);
	u64 *v;

	if (!in)
		in = map_lookup(&outer_hash, &o);
	if (!in)
		return 404;
	v = map_lookup(in, &i);
	return v ? (*v += ctx[2]) : 405;
}

SEC("struct_ops/report")
u64 report(u64 *ctx)
{
	struct event e = { .a = ctx[0], .b = 1, .cpu = get_smp_processor_id() }, *r;
	static const char fmt[] = "a=%llu b=%d %s\n";
	static const char word[] = "word";

	ringbuf_output(&events, &e, sizeof(e), 0);
	r = ringbuf_reserve(&events, sizeof(*r), 0);
	if (!r)
		return 1;
	r->a = ~ctx[0];
	r->b = 2;
	r->cpu = get_smp_processor_id();
	if (ctx[0] & 1)
		ringbuf_discard(r, 0);
	else
		ringbuf_submit(r, 0);
	trace_printk(fmt, sizeof(fmt), ctx[0], -7, word);
	return 0;
}

struct total {
	u64 sum;
	u64 limit;
};

static long add_elem(void *map, const void *key, struct value *v, struct total *t)
{
	t->sum += v->count * 1000 + *(const u32 *)key;
	return t->sum > t->limit;
}

static long add_index(u32 i, struct total *t)
{
	t->sum += i;
	return t->sum > t->limit;
}

SEC("struct_ops/total")
u64 total(u64 *ctx)
{
	struct total t = { .limit = ctx[0] };
	long n = for_each_map_elem(&array, add_elem, &t, 0);
	long m = for_each_map_elem(&hash, add_elem, &t, 0);
	long l = loop(10, add_index, &t, 0);

	return t.sum * 10000 + n * 1000 + m * 100 + l;
}
