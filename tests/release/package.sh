#!/bin/sh
# The Debian packages, built where nothing but their build-dependencies is:
# with the unit tests, without a word from lintian, and a second time, at
# another path, zone and language, with the same bytes.  The sources, too.
# Leaves the packages beside the clone.  For a fresh root, as root:
#
#	contrib/in-release trixie tests/release/package.sh
set -eu
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends build-essential devscripts \
    dpkg-dev fakeroot git lintian python3 >/dev/null
apt-get build-dep -y -qq --no-install-recommends ./ >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# build FOLDER KIND: from a clone of its own; its log is FOLDER.log.
build()
{
	mkdir -p "$1"
	git clone -q . "$1/sallyport"
	(cd "$1/sallyport" && dpkg-buildpackage -us -uc "$2") \
	    >"$1.log" 2>&1 || {
		cat "$1/sallyport/test-suite.log" 2>/dev/null || :
		tail -n 60 "$1.log"
		echo "package: dpkg-buildpackage $2 failed"
		exit 1
	}
}

begin=$(date +%s)
build "$work/one" --build=full
echo "package: built and tested by unit tests in" \
    "$(($(date +%s) - begin)) seconds"
grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR):' "$work/one.log"
# Every vector of the age test kit, with what this OpenSSL can do, where the
# corpora lie beside the checkout.
export SALLYPORT_SHARED="${SALLYPORT_SHARED:-$PWD/../shared}"
make -s -C "$work/one/sallyport" check TESTS=tests/unit/seal/vectors.py >/dev/null 2>&1 || {
	cat "$work/one/sallyport/tests/unit/seal/vectors.log"
	exit 1
}
sed 's/^/package: /' "$work/one/sallyport/tests/unit/seal/vectors.log"

# Nobody will be asked whether a bug is closed by the first upload, and the
# release of Debian need not be the newest.
lintian --fail-on error,warning,info \
    --suppress-tags initial-upload-closes-no-bugs,newer-standards-version \
    "$work"/one/*.changes
echo 'package: lintian has nothing to say'

# Without the tests, which change nothing about the packages.
DEB_BUILD_OPTIONS=nocheck TZ=Pacific/Chatham LC_ALL=C.UTF-8 USER=somebody \
    build "$work/another/path" --build=full
for file in "$work"/one/*.deb "$work"/one/*.dsc "$work"/one/*.tar.*; do
	cmp "$file" "$work/another/path/${file##*/}"
done
echo 'package: another build has the same bytes'
cp "$work"/one/*.deb "$work"/one/*.dsc "$work"/one/*.tar.* ..
