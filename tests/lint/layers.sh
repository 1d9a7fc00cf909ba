#!/bin/sh
# The order of the layers, by what files include and by what objects use, see
# layering.py.  It runs in the build folder, where the objects are.
set -u
top=${top_srcdir:-.}
program=${SALLYPORT:-./sallyport}
for tool in python3 nm ldd; do
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
exec python3 "$top/tests/lint/layering.py" "$top/src" src "$program"
