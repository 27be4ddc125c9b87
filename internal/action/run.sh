#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What action.yml does, step by step, so that it can be run and tested anywhere:
#
#	run.sh install   build the abigen that comes with the action, or install ABIGEN_VERSION
#	run.sh check     run abigen, write the reports, print annotations
#	run.sh comment   put the Markdown report on the pull request, one comment that is kept up to date
#	run.sh finish    fail where abigen did
#
# "check" itself succeeds whatever abigen finds, so that the reports of a failing
# run are uploaded as well; its outputs say what came of it. A step fails where
# the action itself does.
#
# Everything comes in by environment variables, which are never expanded twice:
# no input can become a command.
#
#	ABIGEN                    the command (default: abigen)
#	ABIGEN_VERB               check (default), diff, matrix or vet
#	ABIGEN_SOURCES            its arguments, one a line
#	ABIGEN_PROFILE            --profile, for diff
#	ABIGEN_FAIL_ON            --fail-on
#	ABIGEN_BASELINE           --baseline
#	ABIGEN_ONLY_NEW           --only-new
#	ABIGEN_CONFIG             --config
#	ABIGEN_ARGS               further flags, one a line
#	ABIGEN_WORKING_DIRECTORY  where abigen runs, relative to GITHUB_WORKSPACE
#	ABIGEN_REPORTS            where the reports go (default: RUNNER_TEMP/abigen)
#	ABIGEN_TITLE              tells several comments on one pull request apart
#	ABIGEN_STATUS             for finish: the output "status" of check
#	ABIGEN_PULL_REQUEST       for comment: the number of the pull request
#	GH_TOKEN                  for comment: what gh signs in with

set -eu

workspace=${GITHUB_WORKSPACE:-$PWD}
reports=${ABIGEN_REPORTS:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/abigen}
abigen=${ABIGEN:-abigen}
title=${ABIGEN_TITLE:-abigen}

# escape makes text the message of a workflow command, which is one line.
escape() {
	awk '{ gsub(/%/, "%25"); gsub(/\r/, "%0D"); printf "%s%s", sep, $0; sep = "%0A" } END { print "" }'
}

# fail reports what is wrong with the action itself.
fail() {
	echo "::error title=abigen::$(printf '%s\n' "$*" | escape)"
	exit 1
}

# output NAME VALUE sets an output of the step.
output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/stdout}"; }

# under DIR prints DIR relative to the workspace, "" for the workspace itself, and
# fails for what is not in it.
under() {
	dir=$1
	case $dir in
	"$workspace") dir= ;;
	"$workspace"/*) dir=${dir#"$workspace"/} ;;
	/* | .. | ../* | */.. | */../*) return 1 ;;
	esac
	while :; do
		case $dir in
		./*) dir=${dir#./} ;;
		*/) dir=${dir%/} ;;
		.) dir= ;;
		*) break ;;
		esac
	done
	printf '%s' "$dir"
}

# rooted BEFORE AFTER rewrites the file names that stand between what two
# regular expressions match, from relative to the working directory to relative
# to the workspace, which is what annotations and code scanning want.
rooted() {
	DIR=$directory TOP=$workspace awk -v before="$1" -v after="$2" '
		function join(dir, path) {
			sub(/^file:\/\//, "", path)
			if (index(path, ENVIRON["TOP"] "/") == 1)
				return substr(path, length(ENVIRON["TOP"]) + 2)
			if (path ~ /^\//)
				return path
			while (dir != "" && path ~ /^\.\.\//) {
				path = substr(path, 4)
				if (!sub(/\/[^\/]*$/, "", dir))
					dir = ""
			}
			return dir == "" ? path : dir "/" path
		}
		match($0, before) {
			head = substr($0, 1, RLENGTH)
			rest = substr($0, RLENGTH + 1)
			if (match(rest, after)) {
				print head join(ENVIRON["DIR"], substr(rest, 1, RSTART - 1)) substr(rest, RSTART)
				next
			}
		}
		{ print }'
}

# count NAME prints a number of the JSON report.
count() { sed -n 's/^ *"'"$1"'": \([0-9][0-9]*\),*$/\1/p' "$reports/abigen.json" | tail -n 1; }

# configured reports whether abigen.toml is here or above.
configured() (
	while ! [ -f abigen.toml ]; do
		[ "$PWD" != / ] || return 1
		cd ..
	done
)

install() {
	command -v go >/dev/null || fail "there is no go on this runner: add a step with actions/setup-go before this one"
	mkdir -p "$reports/bin"
	# The toolchain that the module asks for is fetched where the runner's is older.
	export CGO_ENABLED=0 GOTOOLCHAIN="${GOTOOLCHAIN:-auto}" GOFLAGS="${GOFLAGS:-} -trimpath"
	if [ -n "${ABIGEN_VERSION:-}" ]; then
		GOBIN=$(cd "$reports/bin" && pwd) go install "github.com/fuseiomap/abigen/cmd/abigen@$ABIGEN_VERSION"
	else
		bin=$(cd "$reports/bin" && pwd)
		(cd "$(dirname "$0")/../.." && go build -o "$bin/abigen" ./cmd/abigen)
	fi
	"$reports/bin/abigen" version
	[ -z "${GITHUB_PATH:-}" ] || (cd "$reports/bin" && pwd) >>"$GITHUB_PATH"
}

# broken prints what abigen said when it failed as annotations, at the place
# that it names.
broken() {
	sed 's/^abigen: //' "$reports/stderr" | awk '
		{ gsub(/%/, "%25"); gsub(/\r/, "%0D") }
		# What is indented, and the hint at a verb, belong to what was said before.
		NR > 1 && (/^[ \t]/ || /^see: /) { message = message "%0A" $0; next }
		{ say(); message = $0 }
		END { say() }
		function say(   at, place) {
			if (message == "")
				return
			place = ""
			if (match(message, /^[^ :]+:[0-9]+:[0-9]+: /)) {
				split(substr(message, 1, RLENGTH - 2), at, ":")
				place = "file=" at[1] ",line=" at[2] ",col=" at[3] ","
				gsub(/,/, "%2C", at[1])
				message = substr(message, RLENGTH + 1)
			}
			print "::error " place "title=abigen::" message
		}' | rooted '^::error file=' ','
	{
		printf '### abigen failed\n\nNothing was compared:\n\n'
		sed 's/^/    /' "$reports/stderr"
	} >"$reports/abigen.md"
}

check() {
	mkdir -p "$reports"
	reports=$(cd "$reports" && pwd)
	rm -f "$reports"/abigen.* "$reports/stderr"
	verb=${ABIGEN_VERB:-check}
	case $verb in
	check | diff | matrix | vet) ;;
	*) fail "verb: \"$verb\" prints no findings: choose check, diff, matrix or vet" ;;
	esac
	directory=$(under "${ABIGEN_WORKING_DIRECTORY:-.}") ||
		fail "working-directory: $ABIGEN_WORKING_DIRECTORY: is outside the checkout, $workspace: name a directory in it"
	cd "$workspace/$directory" || fail "working-directory: there is no $ABIGEN_WORKING_DIRECTORY in the checkout"

	set --
	[ -z "${ABIGEN_PROFILE:-}" ] || set -- "$@" --profile "$ABIGEN_PROFILE"
	[ -z "${ABIGEN_FAIL_ON:-}" ] || set -- "$@" --fail-on "$ABIGEN_FAIL_ON"
	[ -z "${ABIGEN_BASELINE:-}" ] || set -- "$@" --baseline "$ABIGEN_BASELINE"
	[ -z "${ABIGEN_ONLY_NEW:-}" ] || set -- "$@" --only-new "$ABIGEN_ONLY_NEW"
	[ -z "${ABIGEN_CONFIG:-}" ] || set -- "$@" --config "$ABIGEN_CONFIG"
	while read -r line; do
		[ -z "$line" ] || set -- "$@" "$line"
	done <<-END
		${ABIGEN_ARGS:-}
	END
	flags=$#
	set -- "$@" --
	while read -r line; do
		[ -z "$line" ] || set -- "$@" "$line"
	done <<-END
		${ABIGEN_SOURCES:-}
	END
	if [ $# = $((flags + 1)) ] && [ "$verb" = check ] && [ -z "${ABIGEN_CONFIG:-}${ABIGEN_BASELINE:-}" ] && ! configured; then
		# abigen would check the contract that is built into it, and pass.
		fail "sources: there are none, and no abigen.toml in ${ABIGEN_WORKING_DIRECTORY:-.} or above says what to compare: nothing of this repository would be checked"
	fi

	status=0
	"$abigen" "$verb" --format json "$@" >"$reports/abigen.json" 2>"$reports/stderr" || status=$?
	cat "$reports/stderr" >&2
	output status "$status"
	case $status in
	0 | 100) ;;
	*)
		rm -f "$reports/abigen.json"
		broken
		output markdown "$reports/abigen.md"
		[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$reports/abigen.md" >>"$GITHUB_STEP_SUMMARY"
		return
		;;
	esac
	for format in text sarif markdown github; do
		same=0
		"$abigen" "$verb" --format "$format" "$@" >"$reports/abigen.$format" 2>/dev/null || same=$?
		[ "$same" = "$status" ] || fail "abigen $verb --format $format: exit status $same, with --format json it was $status: this is a mistake in abigen: please report it"
	done
	rooted '^ *"uri": "' '"' <"$reports/abigen.sarif" >"$reports/rooted"
	mv "$reports/rooted" "$reports/abigen.sarif"
	mv "$reports/abigen.markdown" "$reports/abigen.md"
	mv "$reports/abigen.text" "$reports/abigen.txt"

	# Names in what is compared come from others: nothing in the text is a command.
	stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	echo "::stop-commands::$stop"
	cat "$reports/abigen.txt"
	echo "::$stop::"
	rooted '^::[a-z]+ file=' ',' <"$reports/abigen.github"
	rm "$reports/abigen.github"

	for name in findings breaking risk info; do output "$name" "$(count "$name")"; done
	output not-checked "$(count not_checked)"
	output json "$reports/abigen.json"
	output sarif "$reports/abigen.sarif"
	output markdown "$reports/abigen.md"
	[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$reports/abigen.md" >>"$GITHUB_STEP_SUMMARY"
}

# The most that a comment may have is 65536 characters; a report that has more
# ends after a whole finding.
mostBytes=60000

shortened() {
	LC_ALL=C awk -v most="$mostBytes" '
		{ block = block $0 "\n"; size += length($0) + 1 }
		size > most { cut = 1; exit }
		/^<\/details>$/ || !details { printf "%s", block; block = "" }
		/^<details/ { details = 1 }
		/^<\/details>$/ { details = 0 }
		END {
			if (!cut)
				printf "%s", block
			else
				print "\n**There is more than a comment can hold: the summary of the workflow has all of it.**"
		}' "$1"
}

comment() {
	[ -n "${ABIGEN_PULL_REQUEST:-}" ] || { echo "no pull request: no comment"; return; }
	command -v gh >/dev/null || fail "there is no gh on this runner: install it, or set comment: false"
	report=$reports/abigen.md
	[ -s "$report" ] || fail "$report: there is no report: the step that runs abigen comes first"
	marker="<!-- $title -->"
	log=$reports/gh.log
	# A comment that has the marker on its first line is ours.
	if ! id=$(MARKER=$marker gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$ABIGEN_PULL_REQUEST/comments" \
		--jq '.[] | select(.body | startswith(env.MARKER)) | .id' 2>"$log"); then
		unwritten
		return
	fi
	id=$(printf '%s\n' "$id" | head -n 1)
	if [ -z "$id" ] && [ "${ABIGEN_STATUS:-}" = 0 ]; then
		echo "nothing to report, and nothing was reported before: no comment"
		return
	fi
	{
		echo "$marker"
		shortened "$report"
	} >"$reports/comment.md"
	if [ -n "$id" ]; then
		gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F body=@"$reports/comment.md" >/dev/null 2>"$log" || unwritten
	else
		gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$ABIGEN_PULL_REQUEST/comments" -F body=@"$reports/comment.md" >/dev/null 2>"$log" || unwritten
	fi
}

# unwritten says why there is no comment. Pull requests from forks have a token
# that may not write any: that must not fail them.
unwritten() {
	echo "::notice title=abigen::$({
		echo "the comment on the pull request could not be written: the job needs the permission pull-requests: write, which pull requests from forks never have; the summary of the workflow has the report"
		cat "$log"
	} | escape)"
}

finish() {
	case ${ABIGEN_STATUS:-} in
	[0-9]*) exit "$ABIGEN_STATUS" ;;
	esac
	fail "abigen did not run"
}

case ${1:-} in
install | check | comment | finish) "$1" ;;
*) fail "run.sh: \"${1:-}\" is no step: install, check, comment or finish" ;;
esac
