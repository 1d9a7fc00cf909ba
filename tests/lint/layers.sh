#!/bin/sh
# The order of the layers, by what files include and by what objects use, see
# layers.py.  It runs in the build folder, where the objects are.
set -u
top=${top_srcdir:-.}
for tool in python3 nm ldd; do
	command -v $tool >/dev/null || { echo "no $tool: skipped"; exit 77; }
done
[ -n "$(nm -g src/base/text.o 2>/dev/null)" ] || {
	echo 'no objects here that nm can read: skipped'
	exit 77
}
exec python3 "$top/tests/lint/layers.py" "$top/src" src \
    "${SALLYPORT:-./sallyport}"
