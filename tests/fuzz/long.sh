#!/bin/sh
# make fuzz: runs each fuzz target for FUZZ_SECONDS (900), starting from its
# corpus, at random unless FUZZ_SEED is a number above 0.  Findings go
# to fuzz-X/ in the build folder: new inputs to fuzz-X/corpus, crashes beside
# it.  FUZZ_TARGETS names the programs, of which one runs on each processor.
set -u
: "${top_srcdir:?}"

run_target()
{
	program=$1
	name=${program##*/fuzz_}
	mkdir -p "fuzz-$name/corpus"
	dict=$top_srcdir/tests/fuzz/$name.dict
	[ -f "$dict" ] && dict=-dict=$dict || dict=
	# shellcheck disable=SC2086
	"./$program" -max_total_time="${FUZZ_SECONDS:-900}" -timeout=10 \
	    -seed="${FUZZ_SEED:-0}" -rss_limit_mb=2048 \
	    -print_final_stats=1 $dict \
	    -artifact_prefix="fuzz-$name/" "fuzz-$name/corpus" \
	    "$top_srcdir/tests/fuzz/corpus/$name" \
	    >"fuzz-$name/log" 2>&1
	result=$?
	echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' \
	    "fuzz-$name/log") runs, exit $result"
	[ $result -eq 0 ] || tail -n 40 "fuzz-$name/log"
	return $result
}

if [ $# -gt 0 ]; then
	run_target "$1"
	exit
fi
# shellcheck disable=SC2086
printf '%s\n' $FUZZ_TARGETS | xargs -n 1 -P "$(nproc)" sh "$0"
