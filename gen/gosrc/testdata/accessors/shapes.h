/* SPDX-License-Identifier: MIT */
/*
 * Records of every shape that has no plain Go struct: each is filled with
 * constants by a C compiler and read by the methods that are generated for it.
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;

enum color { RED, GREEN, BLUE };
enum side { LEFT = -1, MIDDLE, RIGHT };
enum far { FAR = 0x123456789ULL };
enum __attribute__((packed)) tiny { TINY = 200 };

/* Bit-fields: shared units, gaps, signs, bool, enums, packed across bytes. */
struct flags { __u32 a : 3, b : 5, : 4, c : 11; int d : 9; };
struct mixed_bits { __u8 head; __u8 lo : 4, hi : 4; __u16 word; signed char s : 2; __u8 : 3; __u8 top : 3;
	_Bool on : 1; enum color color : 2; enum side side : 3; __u32 tail; };
struct wide_bits { __u64 a : 40, b : 23, c : 1; __s64 d : 64; __u64 : 0; __u16 e : 16; };
struct packed_bits { __u8 x; __u32 a : 9; __u32 b : 31; __s64 c : 47; __u16 y; } __attribute__((packed));
struct zero_width { __u32 a : 5; __u32 : 0; __u32 b : 7; __u8 c; __u16 d : 9; };

/* Packed: misaligned numbers, arrays, records, unions. */
struct pair { __u32 first; __u16 second; };
struct packed { __u8 a; __u16 b; __u32 c; __u64 d; __s64 e; float f; double g; enum color h; void *p;
	struct pair pair; __u16 many[3][2]; struct pair pairs[2]; } __attribute__((packed));
struct packed_tail { __u64 a; __u8 b; } __attribute__((packed));
struct packed_4 { __u32 a; __u64 b; __u64 c[2]; } __attribute__((packed, aligned(4)));
struct in_packed { __u8 x; struct packed_tail t; struct packed_4 f[2]; struct flags g; } __attribute__((packed));
#pragma pack(push, 2)
struct pragma { __u8 a; __u32 b; __u64 c; };
#pragma pack(pop)

/* Unions: of everything, in everything. */
union any { __u64 wide; __u32 half; short s; __u8 byte; double d; float f[2]; _Bool flag; enum color color; enum far far;
	struct pair pair; __u16 grid[2][2]; char text[8]; struct { __u32 x : 3, y : 20; int z : 9; }; __u32 bits : 17;
	struct { __u8 tag; union { __u16 low; __u8 bytes[2]; }; } deep; };
union tight { __u8 a[3]; __u16 b; } __attribute__((packed));
struct tagged { __u32 tag; union any u[2]; __u64 end; union tight t; };
struct around { __u8 x; union tight t; };
struct anonymous { __u32 head; union { __u64 wide; struct { __u32 low; union { __u32 high; __u16 halves[2]; }; }; struct pair pair; };
	struct { __u8 a; struct { __u16 b; __u8 c : 3, d : 5; }; }; union { __u16 x; char y[6]; }; };
struct packed_union { __u8 x; union { __u32 a; __u64 b; struct { __u8 c; __u32 d; } __attribute__((packed)); } u; union { __u16 e; __u8 f; };
	} __attribute__((packed));

/* Members whose type has no name. */
struct nested { struct { __u16 x, y; struct { __u8 z; __u32 : 3, w : 9; } in; } a; struct { __u32 v; } many[3];
	union { __u32 n; float f; } number; enum { SOME = 3, OTHER } kind; struct { __s64 deep; } grid[2][2]; };

/* What Go has no type for. */
typedef int int4 __attribute__((vector_size(16)));
typedef float float2 __attribute__((vector_size(8)));
struct vectors { int4 a; float2 b[2]; };
struct long_doubles { long double a; char c; long double b[2]; };
#ifdef __SIZEOF_INT128__
struct wide { __int128 a; unsigned __int128 b[2]; __u8 c; };
struct packed_wide { __u8 a; unsigned __int128 b; __int128 c; } __attribute__((packed));
union wide_or_not { __int128 a; __u64 b; };
#endif
struct callbacks { int (*open)(int fd); void *private; void (*close[2])(void); long handle; };

/* Alignment. */
struct cache_line { __u32 a; __u8 b; } __attribute__((aligned(64)));
struct aligned_member { __u8 a; __u32 b __attribute__((aligned(16))); };
struct aligned_8 { __u32 a; } __attribute__((aligned(8)));

/* No length, no space. */
struct empty { };
struct flexible { __u16 n; __u8 data[]; };
struct flexible_numbers { __u64 n; __u8 m; __u32 data[]; };
struct flexible_pairs { __u32 n; struct pair data[]; };
struct flexible_grid { struct empty e; __u16 n; __s64 data[][2]; };
struct flexible_flags { __u8 n; struct flags data[]; };
struct zero_length { __u32 n; __u32 none[0]; struct empty e; __u32 more; };

/* Small enums and numbers, names that collide in Go. */
struct small { enum tiny t; enum far far; enum side side; char c; signed char s; _Bool b; };
struct collisions { __u32 a_b; __u32 aB; __u32 ab; __u8 a : 3; __u8 set_a : 5; __u8 bits8; __u32 append_binary : 9; __u8 bytes_1; };
