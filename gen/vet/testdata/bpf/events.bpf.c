// SPDX-License-Identifier: GPL-2.0-only

/*
 * The map values and events that the Go structs in testdata/src stand for. Only
 * the BTF of the object is read; the program is never loaded.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))

enum kind {
	KIND_OPEN = 1,
	KIND_CLOSE = 2,
};

/* Four bytes of padding before ts, seven at the end. */
struct event {
	u32 pid;
	u64 ts;
	char comm[16];
	u8 kind;
};

struct range {
	u64 pos;
	u64 count;
};

struct counters {
	u32 hits;
	u32 misses;
	u64 bytes;
};

struct result {
	s64 written;
	s32 error;
	enum kind kind;
};

struct words {
	s64 delta;
	u64 addr;
};

struct task {
	void *self;
	u64 start;
};

struct sample {
	u32 pid;
	u32 reserved;
	u64 ts;
	u32 cpu;
	u32 pad;
};

struct header {
	u32 type;
	u32 len;
};

struct message {
	struct header head;
	u64 ts;
	struct {
		u16 low;
		u16 high;
		u32 rest;
	} body;
	struct header more[2];
};

struct promoted {
	struct {
		u32 type;
		u32 len;
	};
	u64 ts;
};

struct histogram {
	u32 slots[4];
	u64 total;
};

struct bits {
	u32 kind : 4;
	u32 cpu : 28;
	u64 ts;
};

struct address {
	u16 family;
	u16 port;
	union {
		u32 v4;
		u8 v6[16];
	};
	union {
		u32 scope;
		u8 raw[4];
	} extra;
};

struct switches {
	u8 on;
	_Bool off;
	u16 level;
	float load;
};

union value {
	u64 number;
	u8 text[8];
};

struct {
	int (*type)[1];
	int (*max_entries)[16];
	u32 *key;
	struct event *value;
} events SEC(".maps");

struct range range;
struct counters counters;
struct result result;
struct words words;
struct task task;
struct sample sample;
struct message message;
struct promoted promoted;
struct histogram histogram;
struct bits bits;
struct address address;
struct switches switches;
union value value;

SEC("socket")
int count(void *ctx)
{
	counters.hits++;
	return 0;
}

char _license[] SEC("license") = "GPL";
