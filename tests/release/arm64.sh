#!/bin/sh
# Configured and built for arm64 on another machine, without a warning, with
# the notes of its hardening; and the unit tests run under qemu.  For a fresh
# root, as root, since packages of another architecture come in:
#
#	contrib/in-release bookworm tests/release/arm64.sh
set -eu
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive
host=aarch64-linux-gnu
dpkg --add-architecture arm64
apt-get update -qq
apt-get install -y -qq --no-install-recommends autoconf automake \
    crossbuild-essential-arm64 make openssl pkg-config qemu-user \
    libevent-dev:arm64 libssl-dev:arm64 libconfig-dev:arm64 \
    libc-ares-dev:arm64 libseccomp-dev:arm64 zlib1g-dev:arm64 \
    libcmocka-dev:arm64 >/dev/null
./autogen.sh >/dev/null 2>&1
mkdir build-arm64
cd build-arm64
export PKG_CONFIG_LIBDIR=/usr/lib/$host/pkgconfig:/usr/share/pkgconfig
../configure -q --host=$host --enable-werror
make -s -j"$(nproc)"
top_srcdir=.. sh ../tests/lint/hardening.sh
qemu-aarch64 ./sallyport version
echo 'arm64: configured and built'
make -s check-unit LOG_COMPILER=qemu-aarch64 || {
	cat test-suite.log
	exit 1
}
echo 'arm64: the unit tests pass under qemu'
