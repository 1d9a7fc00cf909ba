#!/bin/sh
# Some seconds of simulated worlds, always from the first one on; and tests
# that a seed is one world, however often it is run, and that all plants apply.
set -eu
: "${top_srcdir:?}"
sim=tests/sim/sim
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for run in 1 2; do
	for seed in 1 2 3 4 5 6 7 8; do
		$sim --history --seed $seed
	done >/dev/null 2>"$dir/$run"
done
cmp "$dir/1" "$dir/2"
python3 "$top_srcdir/tests/sim/plant" --apply
$sim --from 1 --seconds "${SIM_SECONDS:-4}"
