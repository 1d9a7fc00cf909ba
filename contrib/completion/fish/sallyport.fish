# Completion of sallyport for fish.  Put it where fish looks, for instance
# /usr/share/fish/vendor_completions.d or ~/.config/fish/completions.
#
# All it knows comes from `sallyport help`, so it cannot be out of date.

# The verbs as "NAME<TAB>SUMMARY", one per line: "run", "key add".
function __sallyport_verbs --argument-names program
	$program help 2>/dev/null |
	    sed -n '/^Verbs:/,/^$/p' |
	    string replace -rf -- '^  ([a-z][a-z ]*[a-z])  +(\S.*)$' '$1'\t'$2'
end

# The second words of those of the verbs that begin with the first argument.
function __sallyport_second
	set -l first (string escape --style=regex -- $argv[1])
	string replace -rf -- "^$first "'(\S+\t.*)$' '$1' $argv[2..]
end

# The first words of the verbs.
function __sallyport_first
	string replace -r -- '^(\w+) \w+\t.*$' '$1'\t'$1 ...' $argv | uniq
end

# The help of a verb with its usage, and the text of each option, in one line.
function __sallyport_help
	$argv 2>/dev/null | awk '
		NR == 1 { line = $0; next }
		(NF && !body) || substr($0, 1, 33) ~ /^ +$/ {
			sub(/^ +/, " ")
			line = line $0
			next
		}
		{ body = 1; print line; line = $0 }
		END { if (NR) print line }'
end

# The options of the lines of a help text, each as "NAME<TAB>TEXT<TAB>WORD",
# where WORD is the usage's name for its value.
function __sallyport_options
	for line in $argv
		set -l part (string match -rg -- \
		    '^  (-.|  ).? (--[a-z-]+) ([A-Z]+(?= )|) *(.*)$' $line)
		or continue
		for name in (string match -- '-*' $part[1..2])
			printf '%s\t%s\t%s\n' $name $part[4] $part[3]
		end
	end
end

# The first operand of the help text on standard input: "[FILE]", "METHOD".
function __sallyport_operand
	sed -n '1{
		s/ \[-[^]]*\]//g
		s/ --*[a-zA-Z-]* [A-Z]*\( \.\.\.\)\{0,1\}//g
		s/^Usage: sallyport [a-z ]*//p
	}' | tr -d '[].|' | cut -d' ' -f1
end

# What may stand where the usage has this word.
function __sallyport_value --argument-names word
	switch "$word"
	case FILE OUT CSV IDENTITY
		__fish_complete_path (commandline -ct)
	case DIR
		__fish_complete_directories (commandline -ct) ''
	case METHOD
		printf '%s\n' GET HEAD POST PUT PATCH DELETE OPTIONS
	end
end

# What may follow "help" and these words.
function __sallyport_topics --argument-names program first
	if test -z "$first"
		__sallyport_first (__sallyport_verbs $program)
		printf '%s\t%s\n' configuration 'every option' \
		    metrics 'every metric' states 'the states of keys'
	else if test "$first" = configuration
		$program help configuration 2>/dev/null | sed -n '
			s/^Options of: \([a-z]*\)$/\1/p
			s/^    \([a-z][a-z0-9_]*\): .*/\1/p' | sort -u
	else
		__sallyport_second $first (__sallyport_verbs $program)
	end
end

function __sallyport_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -l program $words[1]
	set -l verbs (__sallyport_verbs $program)
	set -e words[1]

	if not set -q words[1]
		__sallyport_first $verbs
		printf '%s\n' --help --version
		return
	end
	if test "$words[1]" = help; and not string match -q -- '-*' $current
		set -q words[3]; or __sallyport_topics $program $words[2]
		return
	end
	set -l verb $words[1]
	set -l second (__sallyport_second $verb $verbs)
	if set -q second[1]
		if not set -q words[2]
			printf '%s\n' $second
			return
		end
		set -a verb $words[2]
	end
	set -l help (__sallyport_help $program help $verb)
	set -q help[1]; or return
	set -l options (__sallyport_options $help)
	for option in $options
		set -l part (string split \t -- $option)
		if test "$part[1]" = "$words[-1]"; and test -n "$part[3]"
			__sallyport_value $part[3]
			return
		end
	end
	if string match -q -- '-*' $current
		printf '%s\n' $options | cut -f1,2
		printf '%s\n' --help
	else
		__sallyport_value (printf '%s\n' $help | __sallyport_operand)
	end
end

complete -c sallyport -f -a '(__sallyport_complete)'
