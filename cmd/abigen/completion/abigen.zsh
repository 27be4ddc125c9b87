#compdef abigen
# SPDX-License-Identifier: MIT
#
# Completion of abigen for zsh: eval "$(abigen completion zsh)" after compinit

_abigen() {
	local line text doc
	local -a whole wholeDocs open openDocs ask
	for line in "${(@f)$("${(Q)words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		text=${line%%$'\t'*}
		doc=
		[[ $line != *$'\t'* ]] || doc="  -- ${line#*$'\t'}"
		case $text in
		'') ;;
		:files | :directories) ask+=$text ;;
		*[:/=]) open+=$text openDocs+="$text$doc" ;;
		*) whole+=$text wholeDocs+="$text$doc" ;;
		esac
	done
	(( ! $#whole )) || compadd -V abigen -l -d wholeDocs -- $whole
	(( ! $#open )) || compadd -V abigen-more -S '' -l -d openDocs -- $open
	for text in $ask; do
		case $text in
		:files) _files ;;
		:directories) _files -/ ;;
		esac
	done
}

if [[ $funcstack[1] == _abigen ]]; then
	_abigen "$@"
elif (( $+functions[compdef] )); then
	compdef _abigen abigen
fi
