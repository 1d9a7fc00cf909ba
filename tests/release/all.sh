#!/bin/sh
# make release-check: what takes too long, or too much of a machine, for every
# change, and is run by hand before a release.  Needs root and the tools of
# contrib/in-release, takes hours and 5 GB, and leaves nothing but a build in
# build-check.  Arguments are names of the steps to take, such as
# "trixie arm64"; without any, it takes all.
set -u
cd "$(dirname "$0")/../.." || exit 1
steps='shell musl bookworm trixie arm64 distcheck whole ten-times'

step()
{
	case $1 in
	shell)
		# shellcheck disable=SC2046
		shellcheck $(git grep -lE '^#!/bin/(ba)?sh' -- ':!debian/rules')
		;;
	bookworm | trixie)
		contrib/in-release "$1" sh -ec 'tests/release/package.sh
			tests/release/install.sh'
		;;
	arm64)	contrib/in-release bookworm tests/release/arm64.sh ;;
	musl)	tests/release/musl.sh ;;
	distcheck) tests/release/distcheck.sh ;;
	whole)	tests/release/whole.sh ;;
	ten-times)
		contrib/check && tests/release/ten-times.sh build-check ;;
	*)
		echo "release-check: no step '$1'; there are: $steps" >&2
		return 2
		;;
	esac
}

failed=
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $steps
for name; do
	echo "== $name, $(date -u +%H:%M)"
	step "$name" || failed="$failed $name"
done
if [ -n "$failed" ]; then
	echo "release-check: FAILED:$failed"
	exit 1
fi
echo 'release-check: all is well'
