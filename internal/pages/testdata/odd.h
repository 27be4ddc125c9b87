/* SPDX-License-Identifier: MIT */
/* Records that are hard to draw. */
struct odd {
	char c;
	union {
		int i;
		float f;
		struct {
			short left;
			short right;
		};
	};
	unsigned lo : 3, hi : 7;
	unsigned a : 1, b : 1, c1 : 1, d : 1, e : 1, f1 : 1, g : 1, h : 1;
	struct __attribute__((packed)) {
		char tag;
		long long value;
	} packed;
	char text[60];
	unsigned char a_member_with_a_rather_long_name_in_one_byte;
	int (*callback)(struct odd *self, unsigned long long position, void *context);
	short end;
	int tail[];
};

struct longer {
	char head[3];
	long long name[700];
	void *next;
} __attribute__((aligned(64)));

struct empty {};
