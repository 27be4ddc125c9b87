#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh bpf/kerneltest/testdata/refuse/build.sh          compiles each case twice, with its fault and repaired
#	sh bpf/kerneltest/testdata/refuse/build.sh -check   compiles them elsewhere and compares
#
# Needs clang-19 and llvm-strip-19; the same versions give the same bytes.
set -eu
cd "$(dirname "$0")"

check=
out=object
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

[ -n "$check" ] || rm -rf object
mkdir -p "$out"
objects=0
# compile SOURCE KIND [OPTION] makes one of the two objects.
compile() {
	object=$(basename "$1" .c).$2.o
	clang-19 -target bpfel -mcpu=v3 -O2 -g -Wall -Werror -Wno-unused-const-variable -Wno-unused-function \
		-Wno-array-bounds -Wno-uninitialized -Wno-unused-variable -Wno-unused-but-set-variable -nostdinc \
		-ffile-compilation-dir=. -fdebug-prefix-map="$PWD/=" ${3-} -c "$1" -o "$out/$object"
	llvm-strip-19 -g "$out/$object"
	if [ -n "$check" ]; then
		cmp "$out/$object" "object/$object" || {
			echo "bpf/kerneltest/testdata/refuse/object/$object is not what clang makes of $1: run build.sh and commit" >&2
			exit 1
		}
	fi
	objects=$((objects + 1))
}

for source in *.c; do
	compile "$source" faulty
	compile "$source" repaired -DREPAIRED
done
if [ -n "$check" ]; then
	committed=$(ls object | wc -l)
	[ "$committed" = "$objects" ] || {
		echo "bpf/kerneltest/testdata/refuse/object has $committed files, the sources make $objects: run build.sh and commit" >&2
		exit 1
	}
	echo "bpf/kerneltest/testdata/refuse: $objects objects are what $(clang-19 --version | head -n 1) makes of their sources"
fi
