/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Congestion control: a struct_ops type that every kernel has, on which the tests
 * try what does not depend on the type. The three variables share some programs
 * and leave other members NULL.
 */
#include "bpf.h"

struct sock;

struct tcp_congestion_ops {
	uint32_t (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, uint32_t ack, uint32_t acked);
	uint32_t (*undo_cwnd)(struct sock *sk);
	uint32_t (*min_tso_segs)(struct sock *sk);
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint64_t);
} calls SEC(".maps");

#define PROG(name, result) SEC("struct_ops") result BPF_PROG(name, struct sock *sk)

PROG(ssthresh_one, uint32_t)
{
	uint32_t zero = 0;
	uint64_t *n = bpf_map_lookup_elem(&calls, &zero);

	if (n)
		__sync_fetch_and_add(n, 1);
	return 2;
}

PROG(ssthresh_two, uint32_t) { return 4; }
PROG(undo_one, uint32_t) { return 10; }
PROG(undo_two, uint32_t) { return 20; }
PROG(segments, uint32_t) { return 2; }
PROG(loose, uint32_t) { return 3; }

SEC("struct_ops")
void BPF_PROG(avoid_one, struct sock *sk, uint32_t ack, uint32_t acked)
{
}

SEC("struct_ops")
void BPF_PROG(avoid_two, struct sock *sk, uint32_t ack, uint32_t acked)
{
}

#define OPS(variable) SEC(".struct_ops.link") struct tcp_congestion_ops variable

OPS(one) = {
	.ssthresh = (void *)ssthresh_one,
	.cong_avoid = (void *)avoid_one,
	.undo_cwnd = (void *)undo_one,
	.name = "abigen_one",
};

OPS(two) = {
	.ssthresh = (void *)ssthresh_two,
	.cong_avoid = (void *)avoid_two,
	.undo_cwnd = (void *)undo_two,
	.min_tso_segs = (void *)segments,
	.name = "abigen_two",
};

OPS(three) = {
	.ssthresh = (void *)ssthresh_one,
	.cong_avoid = (void *)avoid_two,
	.undo_cwnd = (void *)undo_one,
	.name = "abigen_three",
};

char LICENSE[] SEC("license") = "GPL v2";
