#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh looks at the running kernel and at Debian's 6.12 and 7.3 cloud kernels,
# which it gets with fetch.sh into a directory that it removes; KERNELS names one
# to keep. What cannot be looked at here is named in one line each, and is no
# failure.

set -eu
cd "$(dirname "$0")"

dir=${KERNELS:-}
if [ -z "$dir" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
fi
go build -o "$dir/kernels" .

# may runs a command; status 3 says that it is not possible here.
may() {
	status=0
	"$@" || status=$?
	[ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
	[ "$status" = 0 ]
}

may "$dir/kernels" || true
for kernel in 6.12:bookworm-backports 7.3:trixie-backports; do
	series=${kernel%%:*}
	if may sh ./fetch.sh "$dir/$series" "$series" "${kernel#*:}"; then
		may "$dir/kernels" "$dir/$series" || true
	fi
done
