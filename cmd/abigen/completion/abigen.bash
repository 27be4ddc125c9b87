# SPDX-License-Identifier: MIT
#
# Completion of abigen for bash, from 3.2 on: eval "$(abigen completion bash)"

_abigen() {
	local line=${COMP_LINE:0:COMP_POINT} words current text c strip='' IFS=$' \t\n'
	# Bash ends words at : and =, where abigen does not.
	read -ra words <<<"$line"
	case $line in
	*[[:space:]]) words[${#words[@]}]='' ;;
	esac
	current=${words[${#words[@]} - 1]}
	# It replaces what is behind the last of them.
	for c in : =; do
		case $COMP_WORDBREAKS in
		*$c*)
			c=${current%"${current##*"$c"}"}
			[ ${#c} -le ${#strip} ] || strip=$c
			;;
		esac
	done
	COMPREPLY=()
	while IFS=$'\t' read -r text _; do
		case $text in
		:files | :directories)
			c=-f
			[ "$text" = :files ] || c=-d
			compopt -o filenames 2>/dev/null
			while IFS= read -r text; do
				COMPREPLY[${#COMPREPLY[@]}]=${text#"$strip"}
			done < <(compgen "$c" -- "$current")
			;;
		*)
			COMPREPLY[${#COMPREPLY[@]}]=${text#"$strip"}
			case $text in
			*[:/=]) compopt -o nospace 2>/dev/null ;;
			esac
			;;
		esac
	done < <("${words[0]/#\~/$HOME}" completion words -- "${words[@]:1}" 2>/dev/null)
}

complete -F _abigen abigen
