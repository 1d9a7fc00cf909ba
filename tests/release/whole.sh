#!/bin/sh
# Every test there is, and those under sanitizers, too, that contrib/check and
# .ci/run leave out because they take long or need more of a machine: browsers,
# what is built as README says, schemas from npm, a real Prometheus.
set -eu
cd "$(dirname "$0")/../.."
contrib/install-deps --browser --clients --prometheus
export SALLYPORT_RELEASE=1
contrib/check
SALLYPORT_CHECK_DIR=build-asan \
    contrib/check --enable-sanitizers=address,undefined
