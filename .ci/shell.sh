#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every shell script passes shellcheck.
set -euo pipefail
command -v shellcheck >/dev/null || {
    echo "skipped: no shellcheck"
    exit 77
}
find . -path ./build -prune -o -name '*.sh' -print0 | xargs -0 shellcheck -x .ci/run
