#!/bin/sh
# The order of the layers, as ARCHITECTURE.md draws it: a file includes its
# own directory and lower ones, modules of one directory form no cycle, and
# each library is known to the layer that wraps it only.
set -u
cd "${top_srcdir:-.}/src" || exit 99
LC_ALL=C
export LC_ALL
failed=0

fail()
{
	echo "$1"
	failed=1
}

below_conn='base http seal cert net conf policy stats'

# What each layer may include.
allowed()
{
	case $1 in
	base)	echo base ;;
	http)	echo base http ;;
	seal)	echo base seal ;;
	cert)	echo base cert ;;
	net)	echo base cert net ;;
	conf)	echo base http seal cert conf ;;
	policy)	echo base http conf policy ;;
	stats)	echo base http conf policy stats ;;
	conn)	echo base http net conf policy stats conn ;;
	upstream) echo "$below_conn conn upstream" ;;
	client)	echo "$below_conn conn upstream client" ;;
	daemon)	echo "$below_conn conn upstream client daemon" ;;
	tty)	echo base seal conf tty ;;
	keyfile) echo base seal conf tty keyfile ;;
	cli)	echo "$below_conn conn upstream client daemon tty keyfile cli" ;;
	.)	echo base cli ;;
	esac
}

# "FILE INCLUDED" for every #include "..." below src.
includes()
{
	find . \( -name '*.[ch]' -o -name '*.tbl' \) -exec \
	    grep -H '^#[ 	]*include[ 	]*"' {} + |
	    sed 's,^\./\([^:]*\):[^"]*"\([^"]*\)".*,\1 \2,' | sort
}

check_order()
{
	while read -r file included; do
		[ "$included" = config.h ] && continue
		case $included in
		*/*)	;;
		*)	fail "$file: \"$included\" is not a full path"
			continue ;;
		esac
		layer=$(dirname "$file")
		case " $(allowed "$layer") " in
		*" ${included%%/*} "*) ;;
		*)	fail "$file: $layer must not include $included" ;;
		esac
	done
}

# A module is a .c file with what shares its name; tsort finds the cycles.
# Headers without code, which only draw data, are part of no cycle.
check_cycles()
{
	for layer in */; do
		layer=${layer%/}
		loop=$(awk -v layer="$layer/" '
			function module(path) {
				sub(/\.[^.\/]*$/, "", path)
				return path
			}
			$1 ~ /\.c$/ { code[module($1)] = 1 }
			index($1, layer) == 1 && index($2, layer) == 1 {
				from[++n] = module($1)
				to[n] = module($2)
			}
			END {
				for (i = 1; i <= n; i++)
					if (from[i] in code && to[i] in code)
						print from[i], to[i]
			}' "$list" | tsort 2>&1 >/dev/null)
		[ -z "$loop" ] || fail "$layer: a cycle: $loop"
	done
}

# HEADER LAYERS: the header may be included in these layers only.
check_library()
{
	header=$1
	shift
	for file in $(grep -rl "^#[ 	]*include[ 	]*<$header" . |
	    sed 's,^\./,,'); do
		case " $* " in
		*" $(dirname "$file") "*) ;;
		*)	fail "$file: $header is the business of: $*" ;;
		esac
	done
}

for layer in */; do
	[ -n "$(allowed "${layer%/}")" ] ||
	    fail "$layer is no layer: see ARCHITECTURE.md"
done
list=$(mktemp) || exit 99
trap 'rm -f "$list"' EXIT
includes >"$list"
[ -s "$list" ] || fail 'no includes found: is this the source tree?'
check_order <"$list"
check_cycles
check_library event2/ net daemon
check_library openssl/ssl.h net
check_library openssl/x509 cert net
check_library openssl/pem.h cert
check_library ares.h net
check_library libconfig.h conf
check_library nghttp2/ http
check_library sys/socket.h base net daemon cli
exit $failed
