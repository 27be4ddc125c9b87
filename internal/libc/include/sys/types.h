/* SPDX-License-Identifier: MIT */
#ifndef ABIGEN_SYS_TYPES_H
#define ABIGEN_SYS_TYPES_H
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
typedef __kernel_pid_t pid_t;
typedef __kernel_uid32_t uid_t;
typedef __kernel_gid32_t gid_t;
typedef __kernel_mode_t mode_t;
typedef __kernel_off_t off_t;
typedef __kernel_loff_t loff_t;
typedef __kernel_ssize_t ssize_t;
typedef __kernel_clockid_t clockid_t;
typedef __kernel_ulong_t ino_t;
typedef __kernel_old_time_t time_t;
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef uint8_t u_int8_t;
typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t;
typedef char *caddr_t;
#endif
