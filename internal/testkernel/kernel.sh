#!/bin/sh
# SPDX-License-Identifier: MIT
#
# kernel.sh runs the tests of bpf/kerneltest in Debian's 7.3 and 6.12 kernels under
# QEMU, with bpf/testmod in revision 2, 3 and 4. "make kernel" is this script. It
# gets and builds all it needs in a directory that it removes; nothing is
# installed. The environment may have
#
#	KERNELS   a directory to keep what was got and built in
#	KERNEL    7.3 or 6.12: only this one
#	REVISION  R2, R3 or R4: only this one
#	RUN       which tests, as go test -run takes it
#	ARGS      further arguments of the test binary
#
# Exit status: 0 where everything ran and passed.

set -eu
cd "$(dirname "$0")"

command -v qemu-system-x86_64 >/dev/null || {
	echo "kernel.sh: qemu-system-x86_64 is missing: on Debian it is in qemu-system-x86" >&2
	exit 3
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
dir=${KERNELS:-$tmp/kernels}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

GO=${GO:-go}
"$GO" build -o "$tmp/testkernel" .
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 "$GO" test -c -trimpath -ldflags '-s -w' -o "$tmp/kerneltest" ../../bpf/kerneltest
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 "$GO" build -trimpath -ldflags '-s -w' -o "$tmp/abigen" ../../cmd/abigen
# Of a module of its own: kerneltest runs it.
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 "$GO" -C ../../examples test -c -trimpath -ldflags '-s -w' -o "$tmp/stripefs.test" ./stripefs

failed='' ran=''
for kernel in 7.3:trixie-backports 6.12:bookworm-backports; do
	series=${kernel%%:*} suite=${kernel#*:}
	[ "${KERNEL:-$series}" = "$series" ] || continue
	ran=yes
	start=$(date +%s)
	# Whoever shares the directory waits here.
	(
		flock 9
		sh ../kernels/fetch.sh "$dir/$series" "$series" "$suite"
		sh ./toolchain.sh "$dir/$series" "$suite"
		sh ./module.sh "$dir/$series"
	) 9>"$dir/$series.lock"
	ready=$(date +%s)
	set -- -file "/bin/abigen=$tmp/abigen"
	for revision in R2 R3 R4; do
		[ "${REVISION:-$revision}" = "$revision" ] || continue
		set -- "$@" -file "/modules/$revision/abigen_testmod.ko=$dir/$series/testmod/$revision/abigen_testmod.ko"
	done
	# shellcheck disable=SC2086 # ARGS is several words
	"$tmp/testkernel" -kernel "$dir/$series/vmlinuz" "$@" -file "/examples/stripefs.test=$tmp/stripefs.test" \
		"$tmp/kerneltest" -test.v -test.timeout=20m ${RUN:+"-test.run=$RUN"} ${ARGS:-} ||
		failed="$failed $series"
	echo "kernel.sh: Linux $(cat "$dir/$series/done"): ready in $((ready - start)) s, ran in $(($(date +%s) - ready)) s"
done
[ -n "$ran" ] || {
	echo "kernel.sh: KERNEL=$KERNEL is neither 7.3 nor 6.12" >&2
	exit 2
}
[ -z "$failed" ] || {
	echo "kernel.sh: FAILED:$failed" >&2
	exit 1
}
