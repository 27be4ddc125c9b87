/* SPDX-License-Identifier: MIT */
#include <linux/in.h>
#include <linux/in6.h>
