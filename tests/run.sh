#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds xrnn and runs all its tests; installs what is missing (Debian). Works from any folder.
#
#   bash tests/run.sh [CMAKE_OPTION...]      e.g. bash tests/run.sh -DXRNN_NATIVE=ON
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. cmake/bootstrap.sh

install_packages "${build_packages[@]}" libopenmpi-dev openmpi-bin protobuf-compiler python3
cmake --preset release "$@"
cmake --build --preset release --parallel "$(jobs)"
ctest --preset release --parallel "$(jobs)"
