#!/bin/sh
# SPDX-License-Identifier: MIT
#
# notes.sh VERSION prints what CHANGELOG.md says of a version, v0.1.0 for the
# section "## 0.1.0"; it fails where that has nothing.

set -eu
[ $# = 1 ] || { echo "usage: notes.sh VERSION" >&2; exit 2; }
cd "$(dirname "$0")/../.."
awk -v version="${1#v}" '
	/^## / { inside = $2 == version; next }
	inside && (text != "" || $0 != "") { text = text $0 "\n" }
	END {
		if (text == "") {
			print "notes.sh: CHANGELOG.md has no section \"## " version "\": write it before the tag" > "/dev/stderr"
			exit 1
		}
		sub(/\n+$/, "\n", text)
		printf "%s", text
	}' CHANGELOG.md
