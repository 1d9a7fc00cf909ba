#!/bin/sh
# The tarball has all that is needed to build, test, install and uninstall it,
# from a folder nobody may write to; so not as root, who may.  Of the system
# tests it runs those that see other things there than elsewhere, as they take
# long: those of a checkout are all run by contrib/check.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
work=$(mktemp -d)
clean()
{
	chmod -R u+w "$work" 2>/dev/null || :
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM
git clone -q "$top" "$work/sallyport"
mkdir "$work/home"
as_user=
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$work"
	chown -R nobody: "$work"
	as_user='setpriv --reuid=nobody --regid=nogroup --clear-groups'
fi
cd "$work/sallyport"
# On one line, as pytest wants it.
tests='test_install or test_main_job or test_completion or test_manual'
[ -n "${PYTEST_ADDOPTS:-}" ] || PYTEST_ADDOPTS="-k '$tests'"
# shellcheck disable=SC2086,SC2016
$as_user env HOME="$work/home" TMPDIR=/tmp \
    PYTEST_ADDOPTS="$PYTEST_ADDOPTS" \
    sh -ec './autogen.sh >/dev/null 2>&1
	mkdir build
	cd build
	../configure -q --enable-werror
	make -s -j"$(nproc)" distcheck' >"$work/log" 2>&1 || {
	tail -n 60 "$work/log"
	echo 'distcheck: FAILED'
	exit 1
}
grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR):|^system tests' "$work/log"
grep 'archives ready' "$work/log"
# What people look for before they trust it with keys.
tar -tf build/sallyport-*.tar.xz >"$work/contents"
for name in SECURITY.md CHANGELOG.md LICENSE sallyport.spdx.json; do
	grep -q "^sallyport-[^/]*/$name\$" "$work/contents" || {
		echo "distcheck: the tarball lacks $name"
		exit 1
	}
done
echo 'distcheck: all is well'
