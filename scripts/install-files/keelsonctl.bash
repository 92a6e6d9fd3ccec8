# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for keelsonctl(8); the words come from `keelsonctl --help`

_keelsonctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i object="" verb="" netns=() words=""

	# Options come first; then the object and what is to be done with it.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-n | --netns)
			netns=(-n "${COMP_WORDS[++i]}")
			;;
		-o | --output | -b | --batch)
			((i++))
			;;
		-*) ;;
		*)
			if [[ -z $object ]]; then
				object=${COMP_WORDS[i]}
			elif [[ -z $verb ]]; then
				verb=${COMP_WORDS[i]}
			fi
			;;
		esac
	done

	case $prev in
	-n | --netns | netns)
		words=$(ip netns list 2>/dev/null | cut -d' ' -f1)
		;;
	-o | --output)
		words="text json"
		;;
	-b | --batch)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	dev)
		words=$(ls /sys/class/net)
		;;
	via)
		words=$(keelsonctl "${netns[@]}" node show 2>/dev/null | awk 'NR > 1 {print $1}')
		;;
	*)
		case "$object $verb" in
		" ")
			if [[ $cur == -* ]]; then
				words="--netns --output --batch --help --version"
			else
				words=$(keelsonctl --help | awk '/^  [a-z]/ {print $1}' | sort -u)
			fi
			;;
		"service del" | "service show" | "flow flush")
			words=service
			[[ "$object $prev" == "flow flush" ]] ||
				words=$(keelsonctl "${netns[@]}" service show 2>/dev/null | awk 'NR > 1 && $1 ~ "/" {print $1}')
			;;
		"node del")
			words=$(keelsonctl "${netns[@]}" node show 2>/dev/null | awk 'NR > 1 {print $1}')
			;;
		"route del")
			words=$(keelsonctl "${netns[@]}" route show 2>/dev/null | awk 'NR > 1 {print $1}')
			;;
		*" ")
			words=$(keelsonctl --help | awk -v o="$object" '/^  [a-z]/ && $1 == o {print $2}')
			[[ $object == sweep ]] && words="node route service"
			;;
		*)
			# The words in lower case of the line that shows this command.
			words=$(keelsonctl --help | awk -v o="$object" -v v="$verb" '
				/^  [a-z]/ && $1 == o && $2 == v {
					gsub(/[][.|]/, " ")
					for (i = 3; i <= NF; i++)
						if ($i ~ /^[a-z-]+$/)
							print $i
				}')
			;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	[[ $(type -t __ltrim_colon_completions) == function ]] && __ltrim_colon_completions "$cur"
}
complete -F _keelsonctl keelsonctl
