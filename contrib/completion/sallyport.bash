# Completion of sallyport for bash.  Put it where bash-completion looks, for
# instance /usr/share/bash-completion/completions/sallyport, or source it.
#
# All it knows comes from `sallyport help`, so it cannot be out of date.

# The verbs, one per line: "run", "key add".
_sallyport_verbs()
{
	"$1" help 2>/dev/null |
	    sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p'
}

# The first words of the verbs on standard input.
_sallyport_first()
{
	cut -d' ' -f1 | uniq
}

# The second words of the verbs that begin with $1.
_sallyport_second()
{
	local first second

	while read -r first second; do
		[[ $first != "$1" || -z $second ]] || echo "$second"
	done
}

# The help of a verb with its usage, and the text of each option, in one line.
_sallyport_help()
{
	"$@" 2>/dev/null | awk '
		NR == 1 { line = $0; next }
		(NF && !body) || substr($0, 1, 33) ~ /^ +$/ {
			sub(/^ +/, " ")
			line = line $0
			next
		}
		{ body = 1; print line; line = $0 }
		END { if (NR) print line }'
}

# The options of the help text on standard input, one per line: "--to FILE".
_sallyport_options()
{
	sed -n '/^Options:/,/^$/{
		s/^  \(-.\), \(--[a-z-]*\) \([A-Z]*\) .*/\1 \3\n\2 \3/p
		t
		s/^  \(-.\), \(--[a-z-]*\) .*/\1\n\2/p
		t
		s/^      \(--[a-z-]*\) \([A-Z]*\) .*/\1 \2/p
		t
		s/^      \(--[a-z-]*\) .*/\1/p
	}'
}

_sallyport_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_sallyport_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# The usage's name for the word to complete.
_sallyport_value()
{
	case $1 in
	FILE|OUT|CSV|IDENTITY)	_sallyport_files -f "$2" ;;
	DIR)			_sallyport_files -d "$2" ;;
	METHOD)			_sallyport_words \
		'GET HEAD POST PUT PATCH DELETE OPTIONS' "$2" ;;
	esac
}

# The operands of the help text on standard input: "[FILE]", "METHOD TARGET".
_sallyport_operands()
{
	sed -n '1{
		s/ \[-[^]]*\]//g
		s/ --*[a-zA-Z-]* [A-Z]*\( \.\.\.\)\{0,1\}//g
		s/^Usage: sallyport [a-z ]*//p
	}' | tr -d '[].|'
}

# The options of the configuration, and with them its parts.
_sallyport_parts()
{
	"$1" help configuration 2>/dev/null |
	    sed -n 's/^    \([a-z][a-z0-9_]*\): .*/\1/p' | sort -u
}

# The words behind "help": any verb; its first word may be $1.
_sallyport_topics()
{
	if ((COMP_CWORD == 2)); then
		_sallyport_words "$(_sallyport_first <<<"$2")
		    configuration metrics states" "$3"
	elif ((COMP_CWORD == 3)) && [[ $1 == configuration ]]; then
		_sallyport_words "$(_sallyport_parts "$4")" "$3"
	elif ((COMP_CWORD == 3)); then
		_sallyport_words "$(_sallyport_second "$1" <<<"$2")" "$3"
	fi
}

_sallyport()
{
	local program=$1 cur=$2 prev=$3 verbs verb help options option
	local operands value wanted=
	local first=${COMP_WORDS[1]-} second=${COMP_WORDS[2]-}

	COMPREPLY=()
	verbs=$'\n'$(_sallyport_verbs "$program")$'\n'
	if ((COMP_CWORD == 1)); then
		_sallyport_words "$(_sallyport_first <<<"$verbs")
		    --help --version" "$cur"
		return
	fi
	if [[ $first == help && $cur != -* ]]; then
		_sallyport_topics "$second" "$verbs" "$cur" "$program"
		return
	fi
	verb=$first
	if [[ $verbs == *$'\n'"$first "* ]]; then
		if ((COMP_CWORD == 2)); then
			_sallyport_words \
			    "$(_sallyport_second "$first" <<<"$verbs")" "$cur"
			return
		fi
		verb="$first $second"
	fi
	[[ $verbs == *$'\n'"$verb"$'\n'* ]] || return
	# shellcheck disable=SC2086
	help=$(_sallyport_help "$program" help $verb)
	options=$(_sallyport_options <<<"$help")
	while read -r option value; do
		[[ $option == "$prev" ]] && wanted=$value
	done <<<"$options"
	if [[ $wanted ]]; then
		_sallyport_value "$wanted" "$cur"
	elif [[ $cur == -* ]]; then
		_sallyport_words "$(cut -d' ' -f1 <<<"$options") --help" \
		    "$cur"
	else
		operands=$(_sallyport_operands <<<"$help")
		_sallyport_value "${operands%% *}" "$cur"
	fi
}

complete -F _sallyport sallyport
