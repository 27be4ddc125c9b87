# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What the build.sh of every directory with test objects has in common. Such a
# script changes into its directory, reads this one with ".", and calls
#
#	begin WHERE DIR "$@"         WHERE is the directory in the repository, DIR is
#	                             where in it the objects are
#	compile SOURCE OBJECT FLAG…  for each object
#	finish
#
# With -check as its argument it compiles elsewhere and compares. It needs clang-19
# and llvm-strip-19; the same versions give the same bytes.

begin() {
	where=$1 dir=$2 check='' objects=0
	out=$dir
	shift 2
	case "${1-}" in
	"") rm -f "$dir"/*.o ;;
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
	mkdir -p "$out"
}

compile() {
	source=$1 object=$2
	shift 2
	clang-19 -O2 -g -Wall -ffile-compilation-dir=. -fdebug-prefix-map="$PWD/=" "$@" -c "$source" -o "$out/$object"
	llvm-strip-19 -g "$out/$object"
	if [ -n "$check" ]; then
		cmp "$out/$object" "$dir/$object" || stale "$dir/$object is not what clang makes of $source"
	elif [ ! -e "$dir.license" ]; then
		echo "SPDX-License-Identifier: GPL-2.0-only" >"$dir/$object.license"
	fi
	objects=$((objects + 1))
}

finish() {
	[ -n "$check" ] || return 0
	set -- "$dir"/*.o
	[ $# = "$objects" ] || stale "there are $# objects, the sources make $objects"
	echo "$where: what $(clang-19 --version | head -n 1) makes of the sources is what is committed ($objects)"
}

stale() {
	echo "$where: $1: run its build.sh and commit" >&2
	exit 1
}
