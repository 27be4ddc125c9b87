/* SPDX-License-Identifier: MIT */

/*
 * Fifty records in the shapes that kernel interfaces have, and struct_ops types
 * in those that kernels register: what the mutants are made of where neither the
 * headers nor the BTF of a kernel are at hand. Every declaration is our own.
 */

struct device_page;
struct task;
struct cgroup_set;
struct packet;
struct flow_key;
struct rate_sample;

#define SHAPE_NONE 0
#define SHAPE_PENDING 1
#define SHAPE_READY 2U
#define SHAPE_FLAG_SYNC 4U
#define SHAPE_FLAG_EXCL 0x100U
#define SHAPE_LIMIT 65535
#define SHAPE_NO_ADDRESS 18446744073709551615ULL
#define SHAPE_OFFSET 4294967296LL
#define SHAPE_VERSION 7

enum shape_kind { SHAPE_KIND_FILE, SHAPE_KIND_PIPE, SHAPE_KIND_SOCKET, SHAPE_KIND_DEVICE, SHAPE_KIND_MAX };
enum shape_flag { SHAPE_A = 1, SHAPE_B = 2, SHAPE_C = 4, SHAPE_D = 8 };
enum shape_error { SHAPE_OK, SHAPE_AGAIN = 11, SHAPE_BUSY = 16, SHAPE_GONE = 43 };
enum shape_step { SHAPE_FIRST, SHAPE_SECOND, SHAPE_THIRD };

/* Answers and requests in shared memory. */
struct attribute { uint64_t ino; uint64_t size; uint64_t blocks; uint64_t atime; uint32_t atimensec; uint32_t mode; uint32_t nlink; uint32_t uid; };
struct file_lock { uint64_t start; uint64_t end; uint32_t type; uint32_t pid; };
struct statistics { uint64_t blocks; uint64_t bfree; uint64_t files; uint32_t bsize; uint32_t namelen; uint32_t spare[6]; };
struct open_in { uint32_t flags; uint32_t open_flags; };
struct open_out { uint64_t handle; uint32_t open_flags; int32_t backing; };
struct read_in { uint64_t handle; uint64_t offset; uint32_t size; uint32_t read_flags; uint64_t owner; };
struct write_out { uint32_t size; uint32_t padding; };
struct rename_in { uint64_t newdir; uint32_t flags; uint32_t padding; };
struct forget_one { uint64_t node; uint64_t lookups; };
struct reply_header { uint32_t len; int32_t error; uint64_t unique; };
struct init_out { uint32_t major; uint32_t minor; uint32_t readahead; uint32_t flags; uint16_t background; uint16_t threshold; uint32_t max_write; uint16_t pages; uint16_t alignment; uint32_t unused[7]; };

/* With gaps, which another order or packing would close. */
struct gap_small { uint8_t kind; uint32_t value; };
struct gap_middle { uint32_t a; uint64_t b; uint16_t c; };
struct gap_end { uint64_t cookie; uint8_t state; };
struct gap_many { uint8_t a; uint16_t b; uint8_t c; uint64_t d; uint8_t e; };
struct gap_signed { int8_t level; int64_t delta; int16_t port; };

/* Packed and with arrays. */
struct wire_header { uint8_t version; uint16_t length; uint32_t sequence; } __attribute__((packed));
struct wire_tuple { uint16_t port; uint64_t address; uint8_t protocol; } __attribute__((packed));
struct mac_address { uint8_t octets[6]; uint16_t vlan; };
struct name_entry { char name[16]; uint32_t index; };
struct path_entry { uint32_t id; char path[64]; uint16_t length; };
struct histogram { uint64_t slots[16]; uint32_t count; };
struct matrix { uint32_t cells[3][4]; uint8_t rank; };
struct flexible { uint32_t count; uint32_t size; uint64_t data[]; };
struct key_v6 { uint32_t words[4]; uint16_t from; uint16_t to; };

/* Bit-fields. */
struct bits_even { uint32_t low : 4; uint32_t mid : 12; uint32_t high : 10; };
struct bits_mixed { uint8_t head; uint8_t first : 3; uint8_t second : 5; uint16_t port; };
struct bits_unnamed { uint32_t used : 5; uint32_t : 3; uint32_t rest : 11; uint32_t value; };
struct bits_signed { int32_t drift : 6; uint32_t kind : 7; uint64_t at; };

/* Unions, named and not. */
union number { uint64_t wide; int32_t narrow; uint8_t raw[8]; };
union address { uint32_t four; uint32_t six[4]; };
struct tagged { uint32_t tag; union { uint32_t id; int32_t error; }; uint64_t when; };
struct described { uint16_t kind; union { uint64_t offset; void *page; } where; uint32_t length; };
struct layered { uint64_t base; struct { uint32_t first; uint32_t second; }; uint16_t last; };
struct command { uint8_t opcode; uint8_t flags; uint16_t priority; int32_t fd; union { uint64_t off; uint64_t addr2; }; uint64_t addr; uint32_t len; uint64_t user; };

/* Embedding. */
struct interval { uint64_t from; uint64_t to; };
struct two_intervals { struct interval read; struct interval write; };
struct interval_list { uint32_t count; struct interval list[4]; uint32_t flags; };
struct event_header { uint32_t type; uint16_t misc; uint16_t size; };
struct exec_event { struct event_header head; int32_t pid; int32_t parent; char comm[16]; };
struct exit_event { struct event_header head; int64_t code; uint64_t time; };

/* Pointers, enums, floating point, flags. */
struct argument { struct device_page *page; const char *name; void *cookie; uint32_t size; };
struct typed { enum shape_kind kind; enum shape_flag flags; uint64_t owner; };
struct measured { double mean; float spread; uint32_t samples; };
struct switches { _Bool on; _Bool once; uint32_t delay; };
struct plain_chars { char a; signed char b; unsigned char c; int16_t d; };
struct counters { uint64_t in; uint64_t out; uint64_t dropped; int64_t balance; };
struct timer { int64_t seconds; int64_t nanoseconds; uint32_t clock; };
struct quota { uint64_t hard; uint64_t soft; uint64_t used; uint32_t grace; uint8_t kind; };

/* What kernels register for programs to implement. */
struct congestion_ops {
	uint32_t (*threshold)(struct packet *sk);
	void (*avoid)(struct packet *sk, uint32_t ack, uint32_t acked);
	void (*set_state)(struct packet *sk, uint8_t state);
	uint32_t (*undo)(struct packet *sk);
	void (*control)(struct packet *sk, uint32_t ack, int32_t flag, const struct rate_sample *rs);
	uint64_t (*info)(struct packet *sk, uint32_t ext, int32_t *attr, union number *value);
	char name[16];
	uint32_t key;
	uint32_t flags;
};
struct scheduler_ops {
	int32_t (*select_cpu)(struct task *p, int32_t previous, uint64_t flags);
	void (*enqueue)(struct task *p, uint64_t flags);
	void (*dispatch)(int32_t cpu, struct task *previous);
	_Bool (*yield)(struct task *from, struct task *to);
	int32_t (*cgroup_init)(struct cgroup_set *set, const struct timer *t);
	uint32_t queue;
	uint64_t flags;
	uint32_t timeout;
	char name[128];
};
struct queue_ops {
	int32_t (*enqueue)(struct packet *p, struct flow_key *key, struct packet **drop);
	struct packet *(*dequeue)(struct flow_key *key);
	void (*reset)(struct flow_key *key);
	char id[16];
	int32_t owner;
};
struct device_ops {
	int32_t (*event)(struct device_page *page, enum shape_kind kind, uint64_t source);
	int32_t (*fixup)(struct device_page *page);
	int32_t device;
	uint32_t flags;
};
struct dummy_ops {
	int32_t (*one)(struct interval *state);
	int32_t (*two)(struct interval *state, int32_t a1, uint16_t a2, int8_t a3, uint64_t a4);
};

int32_t shape_invalidate(struct device_page *page, const struct interval *what, uint64_t cookie) __ksym;
uint64_t shape_node(const struct device_page *page) __ksym;
void shape_release(struct task *t, uint32_t how) __ksym;
