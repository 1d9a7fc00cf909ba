#!/bin/sh
# Configured and compiled with musl's C library, without a warning, where
# musl-gcc is installed (Debian: musl-tools).  The libraries it needs are not
# to be had for musl in Debian: their headers are those of this system, and
# nothing is linked.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/headers" "$work/build"
"$top/tests/lint/musl.sh" --headers "$work/headers"
[ -x "$top/configure" ] || (cd "$top" && ./autogen.sh >/dev/null 2>&1)
cd "$work/build"
"$top/configure" -q --enable-werror CC=musl-gcc \
    CPPFLAGS="-idirafter $work/headers"
make -s -j"$(nproc)" libsallyport.a src/main.o
echo 'musl: configured and compiled'
