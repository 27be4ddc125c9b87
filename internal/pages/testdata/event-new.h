/* SPDX-License-Identifier: MIT */
/* What the program that writes it declares today. */
struct event_id {
	unsigned int cpu;
	unsigned int seq;
};

struct event {
	unsigned int pid;
	unsigned int tgid;
	unsigned long long ts;
	struct event_id id;
	unsigned short kind;
	unsigned short port;
	char comm[16];
	unsigned int urgent : 1, level : 5;
	union {
		unsigned int v4;
		unsigned char v6[16];
	} from;
	unsigned long long bytes;
};
