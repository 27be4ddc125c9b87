/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the BPF program puts into its ring buffer, one record a packet. */
#ifndef FLOW_H
#define FLOW_H

#define FLOW_VERDICT_PASS	0 /* let through */
#define FLOW_VERDICT_DROP	1 /* thrown away */
#define FLOW_VERDICT_SAMPLE	2 /* let through, and copied to the server */

/* A packet that was seen. */
struct flow_event {
	__u64 ktime;	/* when, in nanoseconds since boot */
	__u32 saddr;	/* IPv4 address of the sender, in network byte order */
	__u32 daddr;	/* IPv4 address of the receiver, in network byte order */
	__u16 sport;	/* in network byte order */
	__u16 dport;	/* in network byte order */
	__u32 length;	/* bytes on the wire */
	__u32 verdict;	/* one of FLOW_VERDICT_* */
	__u32 reserved;
};

#endif
