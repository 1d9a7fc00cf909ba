#!/bin/sh
# Everything compiles with the headers of another C library than glibc, without
# a warning of those that this build's Makefile asks for, where musl-gcc is
# installed (Debian: musl-tools).  The libraries it needs are those of this
# system: their headers come last, beside musl's own.  With --headers DIR it
# only gathers them there.
set -u
top=$(cd "${top_srcdir:-.}" && pwd) || exit 99
build=$(pwd)
type musl-gcc >/dev/null 2>&1 || { echo 'no musl-gcc here'; exit 77; }

if [ "${1:-}" = --headers ]; then
	headers=$2
else
	headers=$(mktemp -d) || exit 99
	trap 'rm -rf "$headers"' EXIT
fi
for folder in "/usr/include/$(gcc -print-multiarch)" /usr/include; do
	for name in asm asm-generic linux event2 openssl libconfig.h; do
		[ -e "$folder/$name" ] && cp -RL "$folder/$name" "$headers/"
	done
	cp "$folder"/ares*.h "$folder"/seccomp*.h \
	    "$folder"/zlib.h "$folder"/zconf.h "$headers/" 2>/dev/null
done
[ "${1:-}" != --headers ] || exit 0

warnings=$(sed -n 's/^SP_CFLAGS = //p' Makefile | tr ' ' '\n' | grep '^-W')
[ -n "$warnings" ] || { echo 'no Makefile with warnings here'; exit 99; }
failed=0
for file in $(cd "$top" && find src -name '*.c'); do
	# shellcheck disable=SC2086
	musl-gcc -std=gnu11 -D_GNU_SOURCE $warnings -Werror -fsyntax-only \
	    -I"$top/src" -I"$build" -idirafter "$headers" \
	    "$top/$file" || failed=1
done
exit $failed
