#!/bin/sh
# The style that a script can check: 80 columns with tabs of 8, also in the
# simulation, no function of more than 40 lines and no file of more than 500 in
# src, a first comment in every file there (the names of tests are sentences),
# no space at the end of a line anywhere, no sleeping in tests.
# shellcheck disable=SC2046,SC2086  # no name of a file here has a space
set -u
cd "${top_srcdir:-.}" || exit 99
LC_ALL=C
export LC_ALL
failed=0

# Lines that awk prints are faults.
report()
{
	if [ -n "$1" ]; then
		echo "$1"
		failed=1
	fi
}

sources=$(find src tests/sim -name '*.[ch]' | sort)
texts=$(find src tests contrib m4 \( -name '*.[ch]' -o -name '*.tbl' -o \
    -name '*.inc' -o -name '*.sh' -o -name '*.py' -o -name '*.m4' \) | sort)

report "$(awk '
	{
		line = ""
		n = split($0, part, "\t")
		for (i = 1; i < n; i++) {
			line = line part[i] " "
			while (length(line) % 8 != 0)
				line = line " "
		}
		line = line part[n]
		gsub(/[\200-\277]/, "", line)	# the rest of UTF-8 letters
	}
	length(line) > 80 {
		print FILENAME ":" FNR ": " length(line) " columns"
	}' $sources)"

report "$(awk '/[ \t]$/ {
		print FILENAME ":" FNR ": space at the end of the line"
	}' $texts)"

# A fixed sleep is longer than needed, and too short on a busy machine.
report "$(grep -nE '(time|world_module)\.sleep\(|[^a-z_]u?sleep\(' \
    $(find tests/system tests/lib tests/unit -name '*.py' -o -name '*.[ch]' |
    grep -v '^tests/lib/waiting.py$') |
    sed 's/$/	(wait for a condition, see tests\/lib\/waiting.py)/')"

report "$(awk 'FNR == 501 { print FILENAME ": more than 500 lines" }' \
    $(find src -name '*.[ch]'))"

# KNF: a body is between "{" and "}" in the first column.
report "$(awk '
	/^\{/ { start = FNR }
	/^\}/ && start != 0 {
		if (FNR - start - 1 > 40)
			print FILENAME ":" start ": a function of " \
			    FNR - start - 1 " lines"
		start = 0
	}' $(find src -name '*.c'))"

report "$(awk 'FNR == 1 && !/^\/\*/ {
		print FILENAME ":1: no comment that says what this file does"
	}' $sources)"

exit $failed
