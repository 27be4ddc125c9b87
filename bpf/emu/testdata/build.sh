#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Compiles the test objects again, for both byte orders. Needs clang-19 and
# llvm-strip-19; the same versions give the same bytes.
set -eu
cd "$(dirname "$0")"
for source in src/*.c; do
	name=$(basename "$source" .c)
	for order in el eb; do
		clang-19 -target "bpf$order" -mcpu=v4 -O2 -g -Wall -Wno-unused-const-variable -Wno-array-bounds \
			-Wno-unused-variable -ffile-compilation-dir=. -fdebug-prefix-map="$PWD/=" -c "$source" -o "$name-$order.o"
		llvm-strip-19 -g "$name-$order.o"
		echo "SPDX-License-Identifier: GPL-2.0-only" >"$name-$order.o.license"
	done
done
