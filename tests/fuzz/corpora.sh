#!/bin/sh
# Runs every fuzz target over its corpus; "X" over tests/fuzz/corpus/X.
# FUZZ_TARGETS names the programs, relative to the build folder.
set -u
: "${top_srcdir:?}"
status=0
for program in $FUZZ_TARGETS; do
	name=${program##*/fuzz_}
	corpus=$top_srcdir/tests/fuzz/corpus/$name
	if [ ! -d "$corpus" ]; then
		echo "$name: no corpus in $corpus"
		status=1
	elif "./$program" "$corpus"/* >"$program.out" 2>&1; then
		echo "$name: $(find "$corpus" -type f | wc -l) inputs"
	else
		echo "$name: failed:"
		tail -n 40 "$program.out"
		status=1
	fi
done
exit $status
