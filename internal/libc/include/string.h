/* SPDX-License-Identifier: MIT */
#ifndef ABIGEN_STRING_H
#define ABIGEN_STRING_H
#include <stddef.h>
void *memset(void *to, int byte, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);
size_t strlen(const char *s);
char *strcpy(char *restrict to, const char *restrict from);
#endif
