#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
#
# fetch.sh DIR SERIES SUITE gets the newest cloud kernel of a series, such as
# 6.12, from a suite of Debian, such as bookworm-backports, and unpacks into DIR
# what has BTF, vmlinux and modules/*.ko, and what boots, vmlinuz. DIR/done then
# has the version. Nothing is installed.
#
# Exit status: 0 done, 1 failed, 3 not possible here, with one line that says why.

set -eu

if [ $# -ne 3 ]; then
	echo "usage: fetch.sh DIR SERIES SUITE" >&2
	exit 2
fi
# shellcheck source=/dev/null
. "$(dirname "$0")/archive.sh"
mkdir -p "$1"
dir=$(cd "$1" && pwd) series=$2 suite=$3

cannot() {
	echo "fetch.sh: no Linux $series: $*" >&2
	exit 3
}

if [ -f "$dir/done" ]; then
	exit 0
fi
archive_open "$dir/apt" "$suite" || cannot "$archive_error"

# Old builds are taken out of the archive: only the newest is sure to be there.
# The headers come last, so what they are for is complete.
headers=$(archive apt-cache search --names-only "^linux-headers-${series}[.0-9+~a-z]*-cloud-amd64\$" | cut -d ' ' -f 1 | sort -V | tail -n 1)
[ -n "$headers" ] || cannot "$suite has no cloud kernel of that series"
version=${headers#linux-headers-}
packages="$headers linux-image-$version"
# Newer ones have their image and their modules apart.
for package in "linux-binary-$version" "linux-modules-$version"; do
	if archive apt-cache show "$package" >/dev/null 2>&1; then
		packages="$packages $package"
	fi
done

cd "$dir"
rm -rf root modules ./*.deb
# shellcheck disable=SC2086 # several words
archive_retry archive apt-get download $packages >>apt/log 2>&1 || cannot "$packages cannot be downloaded: see $dir/apt/log"
mkdir root modules
archive_unpack root ./*.deb
rm ./*.deb
# The image is packed; the headers have the same kernel unpacked, for building
# modules with BTF.
find root -name vmlinux -type f -exec cp {} vmlinux \;
[ -f vmlinux ] || { echo "fetch.sh: $headers has no vmlinux" >&2; exit 1; }
find root -name 'vmlinuz*' -type f -exec cp {} vmlinuz \;
[ -f vmlinuz ] || { echo "fetch.sh: $packages have no image" >&2; exit 1; }
find root -name '*.ko.xz' -exec mv {} modules/ \;
find root -name '*.ko' -exec mv {} modules/ \;
find modules -name '*.xz' -exec xz -d {} +
rm -rf root apt
[ -n "$(ls modules)" ] || { echo "fetch.sh: $packages have no modules" >&2; exit 1; }
echo "$version" >"$dir/done"
