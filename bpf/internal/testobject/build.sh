#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh bpf/internal/testobject/build.sh          compiles the test objects again
#	sh bpf/internal/testobject/build.sh -check   compiles them elsewhere and compares
#
# objects.sh says what it needs.
set -eu
cd "$(dirname "$0")"
. ./objects.sh

# object SOURCE NAME FLAG… makes NAME-el.o of a source.
object() {
	from=$1 to=$2-el.o
	shift 2
	compile "$from" "$to" -target bpfel -mcpu=v3 -Werror -Wno-unused-function -I../../include "$@"
}

begin bpf/internal/testobject . "$@"
for each in src/*.c; do
	[ "$each" != src/revision.c ] || continue
	object "$each" "$(basename "$each" .c)"
done
for revision in 1 2 3 4; do
	object src/revision.c "r$revision" -DFUSE_IOMAP_BPF_REV=$revision
done
finish
