#!/bin/sh
# Names.  Words that depend on the point of view are no names of types: which
# side is "up" or the "peer"?  See the words in ARCHITECTURE.md.  And names of
# code in ARCHITECTURE.md and CONTRIBUTING.md exist.
# shellcheck disable=SC2013,SC2016  # no name of a file here has a space
set -u
cd "${top_srcdir:-.}" || exit 99
LC_ALL=C
export LC_ALL
failed=0

words='up|down|remote|peer|backend'
if grep -rnE "\\b(struct|enum|union)[ 	]+([a-z0-9]+_)*($words)(_[a-z0-9]+)*\\b" \
    --include='*.[ch]' --include='*.tbl' src tests; then
	echo 'these words say nothing that cannot be turned round' >&2
	failed=1
fi

# A module, a file or a word of the code.
is_there()
{
	for file in "src/$1" "src/$1.c" "src/$1.h" src/*/"$1" src/*/"$1.c" \
	    src/*/"$1.h"; do
		[ -e "$file" ] && return 0
	done
	case $1 in
	*/*)	return 1 ;;
	esac
	grep -rqwF -- "$1" src
}

lacks()
{
	echo "$1: there is no $2"
	failed=1
}

# Names written as code, and modules with their folder.
document=ARCHITECTURE.md
folders=$(echo src/*/ | sed 's,src/\([a-z]*\)/,\1,g; s, ,|,g')
for name in $(grep -o '`[^`]*`' $document | tr -d '`' |
    grep -xE '(struct )?[a-z0-9_/.]+(\(\))?' | sed 's/^struct //; s/()$//'
    grep -oE "(^|[^/])\\b($folders)/[a-z0-9_]+(\.[a-z]+)?" $document |
	tr -d ' (`'); do
	[ -e "$name" ] || is_there "$name" || lacks $document "$name"
done

# Paths.
for document in ARCHITECTURE.md CONTRIBUTING.md README.md; do
	for name in $(grep -oE '(^|[^/])\b(src|tests|contrib|etc)/[A-Za-z0-9_./-]*' \
	    $document | sed 's/^[^a-z]//; s/[.-]*$//'); do
		[ -e "$name" ] || [ -e "$name.c" ] || lacks $document "$name"
	done
done
exit $failed
