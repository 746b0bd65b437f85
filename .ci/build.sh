#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Configures, builds and tests a preset in build/ci/NAME.
#
#   build.sh NAME PRESET [CMAKE_OPTION...]
set -euo pipefail
. cmake/bootstrap.sh

build=build/ci/$1
cmake --preset "$2" -B "$build" "${@:3}"
cmake --build "$build" --parallel "$(jobs)"
ctest --test-dir "$build" --output-on-failure --parallel "$(jobs)"
