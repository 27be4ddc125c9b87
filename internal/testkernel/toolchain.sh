#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
#
# toolchain.sh DIR SUITE gets what builds modules for the kernel that
# internal/kernels/fetch.sh has put into DIR: its headers, and of the same
# release of Debian the compiler, make and pahole that they ask for. All of it is
# unpacked into DIR/root, to be used with chroot; nothing is installed, and
# nothing of this machine's compilers is used.
#
# Exit status: 0 done, 1 failed, 3 not possible here, with one line that says why.

set -eu

if [ $# -ne 2 ]; then
	echo "usage: toolchain.sh DIR SUITE" >&2
	exit 2
fi
# shellcheck source=/dev/null
. "$(dirname "$0")/../kernels/archive.sh"
dir=$(cd "$1" && pwd) suite=$2
version=$(cat "$dir/done")
root=$dir/root

cannot() {
	echo "toolchain.sh: no modules for Linux $version: $*" >&2
	exit 3
}

if [ "$(cat "$root/done" 2>/dev/null)" = "$version" ]; then
	exit 0
fi
rm -rf "$root"
mkdir -p "$root"
archive_open "$dir/apt-toolchain" "$suite" "${suite%-backports}" || cannot "$archive_error"
# What the headers depend on, as apt resolves it for a machine that has nothing.
archive_retry archive apt-get install -y --download-only --no-install-recommends "linux-headers-$version" \
	binutils make dash coreutils sed grep mawk findutils >>"$archive_dir/log" 2>&1 ||
	cannot "what builds them cannot be downloaded: see $archive_dir/log"

# All Debian has today is under /usr, and packages of before say so or not.
for d in bin sbin lib lib64; do
	mkdir -p "$root/usr/$d"
	ln -s "usr/$d" "$root/$d"
done
archive_unpack "$root" "$archive_dir"/cache/archives/*.deb
rm -rf "$archive_dir"

# What the packages would do as they are installed.
ln -sf mawk "$root/usr/bin/awk"
[ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
mkdir -p "$root/dev" "$root/proc" "$root/tmp" "$root/build"
mknod -m 666 "$root/dev/null" c 1 3 || cannot "no device can be made: this needs root"
echo "$version" >"$root/done"
