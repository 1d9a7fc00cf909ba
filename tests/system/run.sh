#!/bin/sh
# The system tests, for make check and by hand; arguments go to pytest.  Skips
# where pytest or age is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${SALLYPORT:=$PWD/sallyport}"
export SALLYPORT PYTHONDONTWRITEBYTECODE=1
# Those of a make that runs tests side by side name descriptors that are closed.
unset MAKEFLAGS MFLAGS

# make check keeps the output of a test in its log; what people should see
# goes to descriptor 9, which is then their terminal.
if ! { true >&9; } 2>/dev/null; then
	exec 9>&2
fi

python=
for p in /usr/bin/python3 python3; do
	if "$p" -c 'import pytest, ssl' 2>/dev/null; then
		python=$p
		break
	fi
done
skip()
{
	echo "system tests skipped: $1" >&9
	exit 77
}
[ -n "$python" ] || skip "no python3 with pytest"
for tool in age age-keygen curl openssl; do
	command -v "$tool" >/dev/null || skip "no $tool"
done
# make alone does not build what only tests run, nor build it anew.
if [ -f Makefile ]; then
	make -s tests/bench/load tests/lib/steered tests/lib/recorder || exit 99
fi
# Slower, and nothing is said about its memory.
if grep -q __asan_init "$SALLYPORT" 2>/dev/null; then
	SALLYPORT_SANITIZED=1
	export SALLYPORT_SANITIZED
fi

# One more at once than there are processors, for mostly they wait; -n 0 among
# the arguments has one after the other.
at_once=
if "$python" -c 'import xdist' 2>/dev/null; then
	at_once="-n $(($(nproc) + 1))"
fi

out=$(mktemp) || exit 99
trap 'rm -f "$out" "$out.log"' EXIT
# shellcheck disable=SC2086
{ "$python" -m pytest -p no:cacheprovider -q -ra --durations=5 $at_once \
    "$@" "$here"; echo $? >"$out"; } 2>&1 | tee "$out.log"
status=$(cat "$out")
# Each client that could not be had, once.
sed -n 's/^SKIPPED.*lib\/clients\.py:[0-9]*: /clients skipped: /p' \
    "$out.log" >&9
echo "system tests: $(tail -n 1 "$out.log")" >&9
exit "$status"
