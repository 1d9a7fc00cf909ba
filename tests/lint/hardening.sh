#!/bin/sh
# What configure asked of compiler and linker is in the files they made.
#
# Each object of ours says that indirect jumps land where they may and that a
# second stack can guard returns (x86: IBT and SHSTK; arm64: BTI and PAC).  The
# program says so only where all that is linked into it does: the start files
# of Debian's C library for x86 do not, so no program there has the note, and
# to claim it by -z ibt would be a lie, for _start has no landing place.
set -u
program=${SALLYPORT:-./sallyport}
command -v readelf >/dev/null || { echo 'no readelf: skipped'; exit 77; }
flags=$(sed -n 's/^SP_CFLAGS = //p; s/^SP_LDFLAGS = //p' Makefile 2>/dev/null)
given=$(sed -n 's/^CFLAGS = //p' Makefile 2>/dev/null)
case $given in
*-flto* | *-fcf-protection=none*)
	echo "CFLAGS has others: skipped"
	exit 77
	;;
esac
failed=0
lacks()
{
	echo "$*"
	failed=1
}

# Every object of ours has this property: FLAG PROPERTY.
all_have()
{
	case $flags in
	*"$1"*) ;;
	*)	return 0 ;;
	esac
	# shellcheck disable=SC2086
	without=$(readelf -nW $objects 2>/dev/null | awk -v property="$2" '
		/^File: / { if (file) print file; file = $2 }
		/Properties:/ && $0 ~ property { file = "" }
		END { if (file) print file }')
	[ -z "$without" ] ||
	    lacks "without $2, though built with $1:" "$without"
}
objects=$(find src -name '*.o')
all_have -fcf-protection=full IBT
all_have -fcf-protection=full SHSTK
all_have -mbranch-protection=standard BTI
all_have -mbranch-protection=standard PAC

# program_has FLAG WHAT PATTERN, in what readelf says of the program.
said=$(readelf -hldW "$program" 2>/dev/null)
program_has()
{
	case $flags in
	*"$1"*) echo "$said" | grep -q -e "$3" || lacks "$program: no $2" ;;
	esac
}
program_has -pie 'position-independent code' '^ *Type: *DYN'
program_has -z,relro 'memory that is read-only once it is linked' GNU_RELRO
program_has -z,now 'linking at the start' 'BIND_NOW\|FLAGS_1.*NOW'
program_has -z,noexecstack 'stack without code' 'GNU_STACK.* RW '
if echo "$said" | grep -q 'LOAD.* RWE '; then
	lacks "$program: memory that can be written and run"
fi
exit $failed
