#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh bpf/emu/testdata/build.sh          compiles the test objects again, for both byte orders
#	sh bpf/emu/testdata/build.sh -check   compiles them elsewhere and compares
#
# bpf/internal/testobject/objects.sh says what it needs.
set -eu
cd "$(dirname "$0")"
. ../../internal/testobject/objects.sh

begin bpf/emu/testdata . "$@"
for source in src/*.c; do
	for order in el eb; do
		compile "$source" "$(basename "$source" .c)-$order.o" -target "bpf$order" -mcpu=v4 -Wno-unused-const-variable \
			-Wno-array-bounds -Wno-unused-variable
	done
done
finish
