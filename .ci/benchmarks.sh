#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The benchmarks build and run; their figures are not judged here.
set -euo pipefail
. cmake/bootstrap.sh

build=build/ci/benchmark
cmake --preset benchmark -B "$build" -DXRNN_WERROR=ON
cmake --build "$build" --parallel "$(jobs)"
for program in "$build"/benchmarks/benchmark.*; do
    "$program" --benchmark_min_time=0.01
done
