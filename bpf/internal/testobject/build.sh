#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh bpf/internal/testobject/build.sh          compiles the test objects again
#	sh bpf/internal/testobject/build.sh -check   compiles them elsewhere and compares
#
# Needs clang-19 and llvm-strip-19; the same versions give the same bytes.
set -eu
cd "$(dirname "$0")"

check=
out=.
case "${1-}" in
"") ;;
-check)
	check=1
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
	;;
*)
	echo "usage: build.sh [-check]" >&2
	exit 2
	;;
esac

objects=0
# compile SOURCE NAME FLAG… makes NAME-el.o of a source.
compile() {
	source=$1 object=$2-el.o
	shift 2
	clang-19 -target bpfel -mcpu=v3 -O2 -g -Wall -Werror -Wno-unused-function -ffile-compilation-dir=. \
		-fdebug-prefix-map="$PWD/=" -I../../include "$@" -c "$source" -o "$out/$object"
	llvm-strip-19 -g "$out/$object"
	if [ -n "$check" ]; then
		cmp "$out/$object" "$object" || {
			echo "bpf/internal/testobject/$object is not what clang makes of $source: run build.sh and commit" >&2
			exit 1
		}
	else
		echo "SPDX-License-Identifier: GPL-2.0-only" >"$object.license"
	fi
	objects=$((objects + 1))
}

for source in src/*.c; do
	[ "$source" != src/revision.c ] || continue
	compile "$source" "$(basename "$source" .c)"
done
for revision in 1 2 3 4; do
	compile src/revision.c "r$revision" -DFUSE_IOMAP_BPF_REV=$revision
done
[ -z "$check" ] || echo "bpf/internal/testobject: $objects objects are what $(clang-19 --version | head -n 1) makes of their sources"
