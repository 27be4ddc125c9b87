#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh bpf/kerneltest/testdata/refuse/build.sh          compiles each case twice, with its fault and repaired
#	sh bpf/kerneltest/testdata/refuse/build.sh -check   compiles them elsewhere and compares
#
# bpf/internal/testobject/objects.sh says what it needs.
set -eu
cd "$(dirname "$0")"
. ../../../internal/testobject/objects.sh

# object SOURCE KIND FLAG… makes one of the two objects.
object() {
	from=$1 to=$(basename "$1" .c).$2.o
	shift 2
	compile "$from" "$to" -target bpfel -mcpu=v3 -Werror -Wno-unused-const-variable -Wno-unused-function \
		-Wno-array-bounds -Wno-uninitialized -Wno-unused-variable -Wno-unused-but-set-variable -nostdinc "$@"
}

begin bpf/kerneltest/testdata/refuse object "$@"
for each in *.c; do
	object "$each" faulty
	object "$each" repaired -DREPAIRED
done
finish
