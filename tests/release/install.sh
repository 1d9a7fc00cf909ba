#!/bin/sh
# The package that package.sh left, in the same root: from its installation to
# the first answer with a key in less than two minutes, where all it needs was
# downloaded before; purge leaves nothing but keys; then autopkgtest, last, as
# it installs further packages.
set -eu
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive
deb=$(echo "$PWD"/../sallyport_*.deb)
apt-get install -y -qq --no-install-recommends autopkgtest curl openssl \
    python3 >/dev/null
apt-get install -y -qq --no-install-recommends --download-only "$deb" >/dev/null

# What is there before and after, but for what packages itself keeps.
listing()
{
	find / -xdev \( -path /proc -o -path /root -o -path /tmp \
	    -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg \
	    -o -path /var/log/apt \) -prune -o -print | LC_ALL=C sort
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# The package and nothing beside it goes, so what it needs stays.
apt-get install -y -qq --no-install-recommends "$deb" >"$work/install" 2>&1
dpkg --purge sallyport >/dev/null
listing >"$work/before"

begin=$(date +%s)
apt-get install -y -qq --no-install-recommends "$deb" >"$work/install" 2>&1 || {
	cat "$work/install"
	exit 1
}
debian/tests/main-job
took=$(($(date +%s) - begin))
echo "install: from apt to the first answers in $took seconds"
[ $took -lt 120 ]

# As `sallyport init` leaves a machine.
# shellcheck disable=SC2016
python3 -B -c 'import sys; sys.path.insert(0, "tests/lib"); import elastic
print(elastic.new_key()); print("team-a")' | sallyport init >/dev/null
dpkg --remove sallyport >/dev/null
[ -f /etc/sallyport/sallyport.conf ]
dpkg --purge sallyport >/dev/null
listing >"$work/after"
LC_ALL=C comm -13 "$work/before" "$work/after" >"$work/left"
# The folder of the identity is systemd's, and may be there before.
LC_ALL=C comm -13 "$work/before" - >"$work/keys" <<'END'
/etc/credstore
/etc/credstore/sallyport.identity
/etc/sallyport
/etc/sallyport/keys.age
END
diff "$work/keys" "$work/left" || {
	echo 'install: purge left other things than keys'
	exit 1
}
echo 'install: purge left the keys and nothing else'

# Nothing of before is in the way of its tests.
rm -f /etc/credstore/sallyport.identity /etc/sallyport/keys.age
rmdir /etc/sallyport
status=0
autopkgtest --no-built-binaries "$deb" ./ -- null >"$work/autopkgtest" 2>&1 ||
    status=$?
# 2: a test was skipped, or 8: there was none; neither is what we want.
[ $status -eq 0 ] || {
	cat "$work/autopkgtest"
	echo "install: autopkgtest ended with status $status"
	exit 1
}
sed -n '/ summary$/,$p' "$work/autopkgtest"
echo 'install: autopkgtest passes'
