#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fetch.sh DIR SERIES SUITE gets the newest cloud kernel of a series, such as
# 6.12, from a suite of Debian, such as bookworm-backports, and unpacks what has
# BTF into DIR: vmlinux and modules/*.ko. Nothing is installed. The mirror is the
# one this machine gets its own packages from.
#
# Exit status: 0 done, 1 failed, 3 not possible here, with one line that says why.

set -eu

if [ $# -ne 3 ]; then
	echo "usage: fetch.sh DIR SERIES SUITE" >&2
	exit 2
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd) series=$2 suite=$3

cannot() {
	echo "fetch.sh: Linux $series is not looked at: $*" >&2
	exit 3
}

for tool in apt-get apt-cache dpkg-deb xz; do
	command -v "$tool" >/dev/null || cannot "$tool is missing: apt-get install xz-utils on Debian"
done

if [ -f "$dir/done" ]; then
	exit 0
fi

# The mirror of the machine's own Debian, in either format of apt's lists.
mirror=$(
	{
		cat /etc/apt/sources.list 2>/dev/null || true
		cat /etc/apt/sources.list.d/*.list 2>/dev/null || true
	} | sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([a-z+]*:[^ ]*\/debian\/\{0,1\}\) .*/\2/p'
	cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\/debian\/\{0,1\}\)\( .*\)\{0,1\}$/\1/p'
)
mirror=$(echo "$mirror" | head -n 1)
[ -n "$mirror" ] || cannot "apt's lists name no mirror of Debian"

state=$dir/apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$state/sources.list"
apt() {
	tool=$1
	shift
	"$tool" -qq -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
		-o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- -o APT::Architecture=amd64 \
		-o APT::Architectures=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}
apt apt-get update >"$dir/apt.log" 2>&1 || cannot "the lists of $suite cannot be read: no network, or no such suite: see $dir/apt.log"

# Old builds are taken out of the archive: only the newest is sure to be there.
image=$(apt apt-cache search --names-only "^linux-image-${series}[.0-9+~a-z]*-cloud-amd64\$" | cut -d ' ' -f 1 | sort -V | tail -n 1)
[ -n "$image" ] || cannot "$suite has no cloud kernel of that series"
version=${image#linux-image-}
packages="$image linux-headers-$version"
# Newer ones have their modules apart.
if apt apt-cache show "linux-modules-$version" >/dev/null 2>&1; then
	packages="$packages linux-modules-$version"
fi

cd "$dir"
# shellcheck disable=SC2086 # several words
apt apt-get download $packages >>"$dir/apt.log" 2>&1 || cannot "$packages cannot be downloaded: see $dir/apt.log"
rm -rf root modules
mkdir root modules
for deb in ./*.deb; do
	dpkg-deb -x "$deb" root
	rm "$deb"
done
# The image is packed; the headers have the same kernel unpacked, for building
# modules with BTF.
find root -name vmlinux -type f -exec cp {} vmlinux \;
[ -f vmlinux ] || { echo "fetch.sh: linux-headers-$version has no vmlinux" >&2; exit 1; }
find root -name '*.ko.xz' -exec mv {} modules/ \;
find root -name '*.ko' -exec mv {} modules/ \;
find modules -name '*.xz' -exec xz -d {} +
rm -rf root "$state"
[ -n "$(ls modules)" ] || { echo "fetch.sh: $packages have no modules" >&2; exit 1; }
echo "$version" >"$dir/done"
