#!/bin/sh
# SPDX-License-Identifier: MIT
#
# module.sh DIR builds bpf/testmod for the kernel in DIR, with what toolchain.sh
# has put beside it, in each revision: DIR/testmod/R2/abigen_testmod.ko, R3 and
# R4. What has been built from the same sources stays.
#
# Exit status: 0 done, 1 failed, 3 not possible here, with one line that says why.

set -eu

if [ $# -ne 1 ]; then
	echo "usage: module.sh DIR" >&2
	exit 2
fi
dir=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../../bpf/testmod" && pwd)
version=$(cat "$dir/done")
root=$dir/root

# The compiler is run in the root, with a /proc that it has for itself.
unshare -m true 2>/dev/null || {
	echo "module.sh: no modules for Linux $version: this process may not use chroot and mount: this needs root" >&2
	exit 3
}

sum=$(cat "$0" "$source/Kbuild" "$source"/*.[ch] "$root/done" | cksum)
if [ "$(cat "$dir/testmod/done" 2>/dev/null)" = "$sum" ]; then
	exit 0
fi
rm -rf "$dir/testmod"
for revision in 2 3 4; do
	build=$root/build/R$revision
	rm -rf "$build"
	mkdir -p "$build" "$dir/testmod/R$revision"
	cp "$source/Kbuild" "$source"/*.[ch] "$build"
	# shellcheck disable=SC2016 # it is the inner shell's
	unshare -m sh -c 'mount -t proc proc "$1/proc" && shift && exec "$@"' sh "$root" \
		chroot "$root" /usr/bin/env -i PATH=/usr/bin:/usr/sbin HOME=/ \
		make -s -j2 -C "/usr/src/linux-headers-$version" "M=/build/R$revision" "FUSE_IOMAP_BPF_REV=$revision" modules \
		>"$build/log" 2>&1 || {
		cat "$build/log" >&2
		echo "module.sh: revision $revision of bpf/testmod does not build for Linux $version" >&2
		exit 1
	}
	cp "$build/abigen_testmod.ko" "$dir/testmod/R$revision/"
	rm -rf "$build"
done
echo "$sum" >"$dir/testmod/done"
