#!/bin/sh
# make lint: cppcheck and clang-tidy must have no findings in src.  .clang-tidy
# and cppcheck.supp list the checks that are left out and why.  Skips a tool
# that is not installed; builddir is the folder of config.h.  LINT_FILES: only
# these files.  It takes some minutes.
set -u
builddir=$(cd "${builddir:-.}" && pwd) || exit 99
cd "${top_srcdir:-.}" || exit 99
LC_ALL=C
export LC_ALL builddir
failed=0
files=${LINT_FILES:-$(find src -name '*.c' | sort)}
jobs=$(nproc 2>/dev/null || echo 1)

if command -v cppcheck >/dev/null; then
	# shellcheck disable=SC2086
	cppcheck --quiet --std=c11 --language=c -j"$jobs" -Isrc -D_GNU_SOURCE \
	    --enable=warning,performance,portability --error-exitcode=1 \
	    --suppress=missingIncludeSystem \
	    --suppressions-list=tests/lint/cppcheck.supp $files || failed=1
else
	echo 'no cppcheck: skipped' >&2
fi

if command -v clang-tidy >/dev/null; then
	# Its standard error counts warnings of the system's headers.
	# shellcheck disable=SC2016
	echo "$files" | xargs -P"$jobs" -n4 sh -c 'clang-tidy --quiet "$@" \
	    -- -std=c11 -D_GNU_SOURCE -Isrc -I"$builddir" 2>/dev/null' sh ||
	    failed=1
else
	echo 'no clang-tidy: skipped' >&2
fi
[ $failed -eq 0 ] && echo 'lint: nothing to say'
exit $failed
