// SPDX-License-Identifier: MIT
//
// All records of the contract in an object's BTF and debug information, each
// because a variable has it: what bpf2go -type, bpftool, pahole and abidiff need.

typedef unsigned long long uint64_t;
typedef long long int64_t;
typedef unsigned int uint32_t;
typedef int int32_t;
typedef unsigned short uint16_t;

#include "fuse_iomap_bpf.h"

struct fuse_iomap_begin_in begin_in;
struct fuse_iomap_begin_out begin_out;
struct fuse_iomap_end_in end_in;
struct fuse_iomap_ioend_in ioend_in;
struct fuse_iomap_ioend_out ioend_out;
enum fuse_iomap_bpf_ret ret;
struct fuse_iomap_bpf_ops ops;
