#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What it costs to compile minimal programs: time, peak memory, size of the stripped program.
#
#   bash benchmarks/compile_time/run.sh [--rounds N] [--json FILE]      CXX names the compiler
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/measure.py" "$@"
