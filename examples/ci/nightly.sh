#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What .github/workflows/abi-nightly.yml does, step by step, to be run anywhere:
#
#	nightly.sh header            fetch HEADER_URL and compare it with KNOWN
#	nightly.sh unpack DIR        in a container of Debian: get its newest cloud kernel into DIR
#	nightly.sh kernel DIR…       compare the kernels in these directories with KNOWN
#	nightly.sh issue TITLE       open an issue with the report, or bring the open one up to date
#
# header and kernel write report.md into OUT, print the report, and set the output
# status: 0 nothing differs, 100 something does. They fail where nothing could be
# compared, after RETRIES tries, 5 if it is not set, where it is to be fetched.

set -eu

out=${OUT:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/abi-nightly}
known=${KNOWN:-embedded:R2}

fail() {
	echo "::error title=nightly.sh::$*"
	exit 1
}

# compare OLD NEW adds what differs to the report.
compare() {
	status=0
	abigen diff --format markdown --fail-on info -- "$1" "$2" >>"$out/report.md" || status=$?
	case $status in
	0) ;;
	100) found=100 ;;
	*) fail "$2 cannot be compared with $1" ;;
	esac
}

finish() {
	cat "$out/report.md"
	[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/report.md" >>"$GITHUB_STEP_SUMMARY"
	echo "status=$found" >>"${GITHUB_OUTPUT:-/dev/stdout}"
}

begin() {
	mkdir -p "$out"
	found=0
	: >"$out/report.md"
}

header() {
	begin
	mkdir -p upstream
	header=upstream/fuse_iomap_bpf.h
	curl -fsSL --retry "${RETRIES:-5}" --retry-all-errors -o "$header" "$HEADER_URL" || fail "$HEADER_URL cannot be fetched"
	# Which revision it is comes first: often that says it all.
	abigen matrix --format markdown --fail-on never -- "header:$header" >>"$out/report.md" || fail "$HEADER_URL cannot be read"
	compare "$known" "header:$header"
	finish
}

unpack() {
	dir=$1
	mkdir -p "$dir"
	apt-get -qq update
	image=$(apt-cache search --names-only '^linux-headers-[0-9].*-cloud-amd64$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
	[ -n "$image" ] || fail "there is no cloud kernel in this suite"
	# The headers have the kernel unpacked, with BTF.
	cd "$dir"
	apt-get -qq download "$image"
	dpkg-deb -x ./*.deb root
	find root -name vmlinux -type f -exec cp {} vmlinux \;
	rm -rf root ./*.deb
	[ -s vmlinux ] || fail "$image has no vmlinux"
	echo "$image" >name
}

kernel() {
	begin
	for dir; do
		set -- "$@" "btf:$dir/vmlinux"
		shift
	done
	abigen matrix --format markdown --fail-on never -- "$@" >>"$out/report.md" || fail "the kernels cannot be read"
	for btf; do
		# A kernel without the type is no news.
		if abigen matrix --format json --fail-on never -- "$btf" | grep -q '"revision": "unknown"'; then
			continue
		fi
		compare "$known" "$btf"
	done
	finish
}

issue() {
	[ -s "$out/report.md" ] || fail "$out/report.md: there is no report: header or kernel comes first"
	number=$(TITLE=$1 gh issue list --state open --limit 200 --json number,title --jq '[.[] | select(.title == env.TITLE) | .number] | first // empty')
	if [ -n "$number" ]; then
		gh issue edit "$number" --body-file "$out/report.md"
	else
		gh issue create --title "$1" --body-file "$out/report.md"
	fi
}

step=${1:-}
case $step in
header | unpack | kernel | issue)
	shift
	"$step" "$@"
	;;
*) fail "\"$step\" is no step: header, unpack, kernel or issue" ;;
esac
