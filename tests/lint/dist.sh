#!/bin/sh
# The tarball has everything in the repository, except files that only matter
# there: each file, or its folder, is named in a Makefile.
set -u
cd "${top_srcdir:-.}" || exit 99
if ! git rev-parse --git-dir >/dev/null 2>&1; then
	echo 'not a checkout: skipped'
	exit 77
fi
failed=0
for file in $(git ls-files); do
	case $file in
	.ci/* | .clang-format | .editorconfig | .gitignore) continue ;;
	# Automake takes these by itself, or takes the whole folder.
	Makefile.am | configure.ac | m4/*.m4) continue ;;
	*/Makefile.inc | tests/fuzz/corpus/* | tests/sim/plants/*) continue ;;
	esac
	grep -qwF -- "$file" Makefile.am src/Makefile.inc tests/Makefile.inc ||
	    {
		echo "$file is not in the tarball"
		failed=1
	}
done
exit $failed
