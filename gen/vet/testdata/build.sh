#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh gen/vet/testdata/build.sh          compiles the test object again
#	sh gen/vet/testdata/build.sh -check   compiles it elsewhere and compares
#
# Needs clang-19 and llvm-strip-19; the same versions give the same bytes.
set -eu
cd "$(dirname "$0")/bpf"

out=.
case "${1-}" in
"") ;;
-check)
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
	;;
*)
	echo "usage: build.sh [-check]" >&2
	exit 2
	;;
esac

clang-19 -target bpfel -mcpu=v3 -O2 -g -Wall -ffile-compilation-dir=. -fdebug-prefix-map="$PWD/=" -c events.bpf.c -o "$out/events.bpf.o"
llvm-strip-19 -g "$out/events.bpf.o"
[ "$out" != . ] || exit 0
cmp "$out/events.bpf.o" events.bpf.o || {
	echo "gen/vet/testdata/bpf/events.bpf.o is not what clang makes of its source: run gen/vet/testdata/build.sh and commit" >&2
	exit 1
}
echo "gen/vet/testdata: the object is what $(clang-19 --version | head -n 1) makes of its source"
