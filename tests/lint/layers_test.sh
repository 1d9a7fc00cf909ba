#!/bin/sh
# layering.py sees the faults it is for.  They are planted in a copy of two
# layers and their objects, one after the other, and each must be reported,
# and nothing else.
# shellcheck disable=SC2086  # no name of a file here has a space
set -u
top=${top_srcdir:-.}
program=${SALLYPORT:-./sallyport}
for tool in python3 nm ldd ${CC:=cc}; do
	command -v $tool >/dev/null || { echo "no $tool: skipped"; exit 77; }
done
[ -n "$(nm -g src/base/text.o 2>/dev/null)" ] || {
	echo 'no objects here that nm can read: skipped'
	exit 77
}
ldd "$program" >/dev/null 2>&1 || {
	echo "$program is linked with no shared library: skipped"
	exit 77
}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/src" "$work/o" || exit 99
failed=0

# plant FILE LINE...: a new file, and its object.
plant()
{
	file=$1
	shift
	printf '%s\n' "$@" >"$work/src/$file"
	case $file in
	*.c)	# shellcheck disable=SC2086
		$CC -I"$work/src" -c -o "$work/o/${file%.c}.o" \
		    "$work/src/$file" || exit 99 ;;
	esac
}

# sees WHAT [LINE...]: these are all lines of the report.  The next plant
# is made in a clean copy.
sees()
{
	what=$1
	shift
	printf '%s\n' "$@" | sed '/^$/d' >"$work/expected"
	python3 "$top/tests/lint/layering.py" "$work/src" "$work/o" "$program" \
	    >"$work/report"
	status=$?
	[ $# -eq 0 ] && expected=0 || expected=1
	if [ $status -eq $expected ] &&
	    cmp -s "$work/expected" "$work/report"; then
		echo "ok: $what"
	else
		echo "NOT SEEN: $what; the report, with status $status, was:"
		cat "$work/report"
		failed=1
	fi
	fresh
}

fresh()
{
	rm -rf "$work/src" "$work/o"
	mkdir "$work/src" "$work/o" "$work/src/conn" "$work/o/conn" &&
	    cp -R "$top/src/base" "$top/src/http" "$work/src/" &&
	    cp -R src/base src/http "$work/o/" || exit 99
}

fresh
sees 'nothing is wrong'

plant conn/a.h ''
plant base/a.h '#include "conn/a.h"'
sees 'an upward include' 'base/a.h includes conn/a.h: not below it'

plant conn/a.c 'void above(void); void above(void) { }'
plant http/a.c 'void above(void); void at(void); void at(void) { above(); }'
sees 'an upward call, declared by hand' \
    'http/a.c uses conn/a.c above: not below it'

plant conn/a.c 'extern int above; int above = 1;'
plant base/a.c 'extern int above; int *at(void); int *at(void) { return &above; }'
sees 'a variable of a higher layer' \
    'base/a.c uses conn/a.c above: not below it'

plant base/a.c 'extern void (*above)(void); void (*above)(void);' \
    'void at(void); void at(void) { above(); }'
plant conn/a.c 'extern void (*above)(void); static void here(void) { }' \
    'void start(void); void start(void) { above = here; }'
sees 'nothing wrong where a function is handed down by pointer'

plant base/a.c 'void a(void), c(void); void a(void) { c(); }'
plant base/b.c 'void b(void), a(void); void b(void) { a(); }'
plant base/c.c 'void c(void), b(void); void c(void) { b(); }'
sees 'a cycle of calls' 'a cycle:' '	base/a.c uses base/c.c c' \
    '	base/c.c uses base/b.c b' '	base/b.c uses base/a.c a'

plant base/a.c ''
plant base/b.h ''
plant base/a.h '#include "base/b.h"'
plant base/b.c '#include "base/a.h"'
sees 'a cycle of includes' 'a cycle:' '	base/a.h includes base/b.h' \
    '	base/b.c includes base/a.h'

plant http/a.c 'void SSL_new(void); void at(void); void at(void) { SSL_new(); }'
sees 'a call of a library, declared by hand' \
    "$(printf 'http/a.c uses <%s> SSL_new: the business of net' \
    "$(ldd "$program" | sed -n 's/^[ 	]*\(libssl[^ ]*\).*/\1/p')")"

plant http/a.h '#include <event2/event.h>'
sees 'a header of a library' 'http/a.h includes <event2/event.h>: the business of net daemon/admin daemon/listeners daemon/worker'

mkdir "$work/src/attic"
plant attic/a.h '#include "base/text.h"'
sees 'a folder that is no layer' 'attic/a.h: attic is no layer'
exit $failed
