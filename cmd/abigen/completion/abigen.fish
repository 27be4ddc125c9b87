# SPDX-License-Identifier: MIT
#
# Completion of abigen for fish: abigen completion fish | source

function __abigen_complete
	set -l before (commandline -opc)
	set -l current (commandline -ct)
	set -l command $before[1]
	set -e before[1]
	for line in ($command completion words -- $before "$current" 2>/dev/null)
		switch $line
			case ':files'
				__fish_complete_path "$current"
			case ':directories'
				__fish_complete_directories "$current"
			case '*'
				echo $line
		end
	end
end

complete -c abigen -f -k -a '(__abigen_complete)'
