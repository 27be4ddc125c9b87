#!/bin/sh
# SPDX-License-Identifier: MIT
#
# build.sh DIR builds the command for every platform that releases have into DIR,
# and writes SHA256SUMS. The same commit and the same Go give the same bytes, in
# whatever directory and whoever builds: no path, no clock, no C compiler and
# nothing from the environment takes part. PLATFORMS names others.
#
# What a binary is made of it says itself: abigen version, go version -m FILE.

set -eu
[ $# = 1 ] || { echo "usage: build.sh DIR" >&2; exit 2; }
mkdir -p "$1"
dist=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."

# Everything but attaching works where there is no Linux.
platforms=${PLATFORMS:-linux/amd64 linux/arm64 linux/riscv64 darwin/amd64 darwin/arm64}

# A clone knows its revision; an archive does not, and its binaries say so.
if git rev-parse --git-dir >/dev/null 2>&1; then vcs=true; else vcs=false; fi

unset GOFLAGS GOEXPERIMENT GOAMD64 GOARM64 GORISCV64
export CGO_ENABLED=0 GOENV=off GOWORK=off
rm -f "$dist"/abigen-* "$dist/SHA256SUMS"
for platform in $platforms; do
	GOOS=${platform%/*} GOARCH=${platform#*/} "${GO:-go}" build -trimpath -buildvcs="$vcs" -ldflags='-s -w' \
		-o "$dist/abigen-${platform%/*}-${platform#*/}" ./cmd/abigen
done
cd "$dist"
if command -v sha256sum >/dev/null; then sha256sum abigen-*; else shasum -a 256 abigen-*; fi >SHA256SUMS
cat SHA256SUMS
