#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs what depends on the width of vectors (simd, the kernels, predictions and streams)
# for another instruction set than the compiler's default. Another processor is emulated.
#
#   lanes.sh NAME COMPILER EMULATOR [FLAG...]      EMULATOR: what runs a program; `env` for none
set -euo pipefail
. cmake/bootstrap.sh

name=$1
export compiler=$2 emulator=$3 flags="${*:4}" build=$PWD/build/ci/$name
for command in "$compiler" "${emulator%% *}"; do
    command -v "$command" >/dev/null || {
        echo "skipped: no $command"
        exit 77
    }
done

# The headers alone, apart from those of this machine's own system.
mkdir -p "$build/include"
for folder in xtensor xsimd xtl doctest; do
    ln -sfn "/usr/include/$folder" "$build/include/$folder"
done

check() {
    local program
    program=$build/$(basename "$1" .cpp)
    # shellcheck disable=SC2086  # flags and the emulator are words
    if ! "$compiler" -std=c++20 $flags -isystem "$build/include" -Iinclude -Itests "$1" \
        "$build/main.o" -o "$program" || ! $emulator "$program"; then
        echo "$1 failed"
        return 1
    fi
}
export -f check
# shellcheck disable=SC2086
"$compiler" -std=c++20 $flags -isystem "$build/include" -c tests/main.cpp -o "$build/main.o"
printf '%s\n' tests/layers/{step_kernel,step_kernel_bfloat16,kernel,adjoint}_test.cpp \
    tests/simd/*_test.cpp tests/models/{predict,stream}_test.cpp |
    xargs -P "$(jobs)" -I{} bash -c 'check {}'
