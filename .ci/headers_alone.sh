#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Each header compiles without another before it, and without a warning.
#
#   headers_alone.sh COMPILER
set -euo pipefail
. cmake/bootstrap.sh

export compiler=$1
mpi=$(pkg-config --cflags-only-I ompi-c 2>/dev/null || true) # xrnn/mpi.hpp needs it
export mpi=${mpi//-I/-isystem }
check() {
    # shellcheck disable=SC2086  # several words
    echo "#include <$1>" |
        "$compiler" -std=c++20 -Iinclude $mpi -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
            -Wdouble-promotion -Werror -fsyntax-only -x c++ - || {
        echo "$1 does not compile alone under $compiler"
        return 1
    }
}
export -f check
find include -name '*.hpp' -printf '%P\n' | sort | xargs -P "$(jobs)" -I{} bash -c 'check {}'
