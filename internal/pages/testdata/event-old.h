/* SPDX-License-Identifier: MIT */
/* What a reader of the ring buffer was compiled against. */
struct event_id {
	unsigned int cpu;
	unsigned int seq;
};

struct event {
	unsigned int pid;
	unsigned long long ts;
	struct event_id id;
	unsigned char kind;
	unsigned short port;
	char comm[16];
	unsigned int urgent : 1, level : 3;
	union {
		unsigned int v4;
		unsigned char v6[16];
	} from;
	unsigned int retries;
};
