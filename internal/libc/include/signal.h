/* SPDX-License-Identifier: MIT */
#include <asm/signal.h>
#include <asm/sigcontext.h>
