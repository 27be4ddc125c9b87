// SPDX-License-Identifier: GPL-2.0-only

/* Global data of every section and width, at offsets that are not zero, and
 * calls between functions. */
#include "bpf.h"

const volatile u8 ro_first = 1;
const volatile u64 ro_last = 0x1122334455667788;
u16 data_first = 0x1234;
s64 data_last = -5;
u32 bss_first;
u8 bss_bytes[13];
u64 bss_last;

struct pair {
	u32 a;
	s16 b;
	u8 c[6];
	u64 d;
};

struct pair pairs[3] = { { 1, -2, { 3, 4, 5, 6, 7, 8 }, 9 }, { 10, -20, { 30 }, 40 }, { 100, -200, { 255 }, ~0ull } };

static noinline s64 sum(struct pair *p)
{
	return p->a + p->b + p->c[0] + p->c[5] + (s64)p->d;
}

static noinline u64 hash(u64 v, u32 rounds)
{
	for (u32 i = 0; i < rounds && i < 64; i++) {
		v ^= v >> 7;
		v = v * 0x9e3779b97f4a7c15ull + __builtin_bswap32(i);
		v = v << 13 | v >> 51;
	}
	return v;
}

/* Reads everything. */
SEC("struct_ops/read")
u64 read_all(u64 *ctx)
{
	u64 v = ro_first + ro_last + data_first + data_last + bss_first + bss_bytes[12] + bss_last;

	for (int i = 0; i < 3; i++)
		v += sum(&pairs[i]);
	return v;
}

/* Writes what may be written. */
SEC("struct_ops/write")
u64 write_all(u64 *ctx)
{
	data_first = ctx[0];
	data_last = ctx[1];
	bss_first = ctx[0];
	for (int i = 0; i < 13; i++)
		bss_bytes[i] = ctx[0] >> i;
	bss_last = ctx[1];
	pairs[2].b = ctx[1];
	return hash(ctx[0], ctx[1] & 31);
}

/* Mixes widths and signs in memory of the caller's. */
SEC("struct_ops/mix")
u64 mix(u64 *ctx)
{
	struct pair *p = (void *)ctx[0], local = *p;
	s32 n = ctx[1];

	local.b = n / 3;
	local.a = (u32)n % 7;
	local.c[1] = n;
	__sync_fetch_and_add(&local.d, (u64)(s64)n);
	p->d = local.d + __builtin_bswap64(local.a);
	p->b = local.b % 5;
	p->c[3] = local.c[1];
	return sum(&local) + hash(p->d, 5);
}
