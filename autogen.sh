#!/bin/sh
# Makes configure from configure.ac, for builds from a checkout.
set -eu
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all
