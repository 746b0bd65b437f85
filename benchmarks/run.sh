#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the benchmarks for the processor at hand and measures xrnn beside whichever of libtorch,
# oneDNN and OpenBLAS is installed, and the machine's limits. Installs what it needs itself (Debian).
# Works from any folder.
#
#   bash benchmarks/run.sh [--json FILE] [--report DIR] [--suite NAME[,NAME...]] [--rounds N] [--quick]
#                          [--install-peers] [--build DIR]
#
#   --install-peers   install libtorch, oneDNN and OpenBLAS first
#   --build DIR       where the programs are built (default: build/benchmark)
#   --help            what the other options mean
set -euo pipefail
here=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. cmake/bootstrap.sh

build=$PWD/build/benchmark
peers=()
options=()
suites=,limits,compile_time,
compile_rounds=3
while [ $# -gt 0 ]; do
    case $1 in
    --install-peers) peers=(libtorch-dev libdnnl-dev libopenblas-dev) ;;
    --build | --json | --report | --suite | --rounds)
        [ $# -gt 1 ] || {
            echo "$1 wants a value" >&2
            exit 2
        }
        value=$2
        case $1 in # files are named from where the user stands
        --build | --json | --report) [[ $value = /* ]] || value=$here/$value ;;
        --suite) suites=,$value, ;;
        esac
        if [ "$1" = --build ]; then build=$value; else options+=("$1" "$value"); fi
        shift
        ;;
    -h | --help) exec python3 benchmarks/report --help ;;
    *)
        if [ "$1" = --quick ]; then compile_rounds=1; fi
        options+=("$1")
        ;;
    esac
    shift
done

install_packages g++ cmake ninja-build libxtensor-dev libxsimd-dev libbenchmark-dev python3 \
    gnuplot-nox "${peers[@]}"
python3 benchmarks/report --programs "$build/benchmarks" "${options[@]}" --check
if [ "$suites" != ,compile_time, ]; then
    cmake --preset benchmark -B "$build"
    cmake --build "$build" --parallel "$(jobs)"
fi
if [[ $suites = *,compile_time,* ]]; then
    rows=$build/compile_time.json
    bash benchmarks/compile_time/run.sh --rounds "$compile_rounds" --json "$rows"
    options+=(--rows "$rows")
fi
python3 benchmarks/report --programs "$build/benchmarks" "${options[@]}"
