#!/bin/sh
# What passes once passes ten times: every test, in the build folder, one run
# after the other, of which every other one has the last system test first.
set -u
build=${1:-build-check}
cd "$(dirname "$0")/../.." && cd "$build" || exit 1
failed=0
for run in 1 2 3 4 5 6 7 8 9 10; do
	order=
	[ $((run % 2)) -eq 1 ] || order=--reverse
	if PYTEST_ADDOPTS=$order make -s check >ten-times.log 2>&1; then
		echo "ten-times: run $run passed"
	else
		failed=$((failed + 1))
		cp ten-times.log "ten-times-$run.log"
		echo "ten-times: run $run FAILED, see $build/ten-times-$run.log"
	fi
done
[ $failed -eq 0 ]
