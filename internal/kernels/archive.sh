# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034
#
# What the scripts here need to get packages of Debian without installing them.
# It is sourced. The mirror is the one this machine gets its own packages from.
#
#	archive_open DIR SUITE…   reads the lists of suites into DIR
#	archive TOOL ARGUMENT…    apt-get or apt-cache, on these lists
#	archive_unpack DIR DEB…   unpacks packages over each other
#
# They return 1 where it is not possible, having said why in $archive_error.

# The mirror of the machine's own Debian, in either format of apt's lists.
archive_mirror() {
	{
		{
			cat /etc/apt/sources.list 2>/dev/null || true
			cat /etc/apt/sources.list.d/*.list 2>/dev/null || true
		} | sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([a-z+]*:[^ ]*\/debian\/\{0,1\}\) .*/\2/p'
		cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\/debian\/\{0,1\}\)\( .*\)\{0,1\}$/\1/p'
	} | head -n 1
}

archive_open() {
	archive_dir=$1
	shift
	archive_error=
	for archive_tool in apt-get apt-cache dpkg-deb xz tar; do
		command -v "$archive_tool" >/dev/null || {
			archive_error="$archive_tool is missing: apt-get install xz-utils on Debian"
			return 1
		}
	done
	archive_uri=$(archive_mirror)
	[ -n "$archive_uri" ] || {
		archive_error="apt's lists name no mirror of Debian"
		return 1
	}
	mkdir -p "$archive_dir/lists/partial" "$archive_dir/cache/archives/partial"
	: >"$archive_dir/status"
	: >"$archive_dir/sources.list"
	for archive_suite; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive_uri $archive_suite main" >>"$archive_dir/sources.list"
	done
	archive_retry archive apt-get update >"$archive_dir/log" 2>&1 || {
		archive_error="the lists of $* cannot be read: no network, or no such suite: see $archive_dir/log"
		return 1
	}
}

archive() {
	archive_tool=$1
	shift
	"$archive_tool" -qq -o Dir::State="$archive_dir" -o Dir::State::status="$archive_dir/status" -o Dir::Cache="$archive_dir/cache" \
		-o Dir::Etc::sourcelist="$archive_dir/sources.list" -o Dir::Etc::sourceparts=- -o APT::Architecture=amd64 \
		-o APT::Architectures=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# Networks fail now and then.
archive_retry() {
	for archive_try in 1 2 3; do
		"$@" && return 0
		sleep $((archive_try * 3))
	done
	return 1
}

archive_unpack() {
	archive_to=$1
	shift
	for archive_deb; do
		dpkg-deb --fsys-tarfile "$archive_deb" | tar -x -C "$archive_to" --keep-directory-symlink || return 1
	done
}
