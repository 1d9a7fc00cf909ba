#!/bin/sh
# Words that can be turned round are no names of types: which side is "up",
# who is the "peer"?  See the words in ARCHITECTURE.md.
set -u
cd "${top_srcdir:-.}" || exit 99
words='up|down|remote|peer|backend'
if grep -rnE "\\b(struct|enum|union)[ 	]+([a-z0-9]+_)*($words)(_[a-z0-9]+)*\\b" \
    --include='*.[ch]' --include='*.tbl' src tests; then
	echo 'these words say nothing that cannot be turned round' >&2
	exit 1
fi
exit 0
