#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh bpf/emu/testdata/build.sh          compiles the test objects again, for both byte orders
#	sh bpf/emu/testdata/build.sh -check   compiles them elsewhere and compares
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
for source in src/*.c; do
	name=$(basename "$source" .c)
	for order in el eb; do
		object=$name-$order.o
		clang-19 -target "bpf$order" -mcpu=v4 -O2 -g -Wall -Wno-unused-const-variable -Wno-array-bounds \
			-Wno-unused-variable -ffile-compilation-dir=. -fdebug-prefix-map="$PWD/=" -c "$source" -o "$out/$object"
		llvm-strip-19 -g "$out/$object"
		if [ -n "$check" ]; then
			cmp "$out/$object" "$object" || {
				echo "bpf/emu/testdata/$object is not what clang makes of $source: run build.sh and commit" >&2
				exit 1
			}
		else
			echo "SPDX-License-Identifier: GPL-2.0-only" >"$object.license"
		fi
		objects=$((objects + 1))
	done
done
[ -z "$check" ] || echo "bpf/emu/testdata: $objects objects are what $(clang-19 --version | head -n 1) makes of their sources"
