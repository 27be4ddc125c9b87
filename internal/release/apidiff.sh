#!/bin/sh
# SPDX-License-Identifier: MIT
#
# apidiff.sh compares the public packages with those of the last tag, and fails for an
# incompatible change that docs/versioning.md does not allow: from 1.0 on for any,
# before that for one that CHANGELOG.md does not announce under "Unreleased". Where
# there is no tag yet it says so in one line.
#
# APIDIFF is the command: golang.org/x/exp/cmd/apidiff.

set -eu
cd "$(dirname "$0")/../.."
apidiff=${APIDIFF:-apidiff}

tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null) || {
	echo "apidiff.sh: there is no tag yet, so there is no API to be compatible with"
	exit 0
}

tmp=$(mktemp -d)
trap 'git worktree remove --force "$tmp/old" 2>/dev/null || true; rm -rf "$tmp"' EXIT
git worktree add -q --detach "$tmp/old" "$tag"

# public lists the packages that others may import and that have something in them
# besides tests.
public() {
	(cd "$1" && go list -f '{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}' ./... |
		grep -vE '/(internal|cmd|bench|golden|examples)(/|$)')
}

failed=
public "$tmp/old" >"$tmp/packages"
while read -r p; do
	(cd "$tmp/old" && "$apidiff" -w "$tmp/export" "$p")
	if ! go list "$p" >/dev/null 2>&1; then
		echo "$p: the package is gone"
		failed=yes
		continue
	fi
	"$apidiff" -incompatible "$tmp/export" "$p" >"$tmp/changes"
	if [ -s "$tmp/changes" ]; then
		echo "$p:"
		sed 's/^/  /' "$tmp/changes"
		failed=yes
	fi
done <"$tmp/packages"

if [ -z "$failed" ]; then
	echo "apidiff.sh: compatible with $tag"
	exit 0
fi
case $tag in
v0.*)
	if awk '/^## / { inside = $2 == "Unreleased" } inside && /^### (Changed|Removed)$/ { found = 1 } END { exit !found }' CHANGELOG.md; then
		echo "apidiff.sh: incompatible with $tag, which CHANGELOG.md announces"
		exit 0
	fi
	echo "apidiff.sh: incompatible with $tag: say under Changed or Removed of CHANGELOG.md what to write instead" >&2
	;;
*) echo "apidiff.sh: incompatible with $tag: that takes another major version" >&2 ;;
esac
exit 1
