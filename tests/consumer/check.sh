#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs tests/consumer/project as a user would who got xrnn
#   installed    by `cmake --install`, from a prefix that has been moved since
#   source       by add_subdirectory
#   pkg-config   by `pkg-config --cflags xrnn`, from an installed prefix
# and looks at what xrnn's interface adds to the user's compile line.
#
#   check.sh WAY SOURCE_DIR BUILD_DIR WORK_DIR COMPILER CMAKE_PREFIX_PATH
set -euo pipefail
way=$1 source=$2 build=$3 work=$4 compiler=$5 prefix_path=$6
project=$source/tests/consumer/project

rm -rf "$work"
mkdir -p "$work"

install_xrnn() {
    cmake --install "$build" --prefix "$work/first" >"$work/install.log"
    mv "$work/first" "$work/prefix" # a package must not remember where it was
    if grep -rnE -e '-march|XTENSOR_USE_XSIMD' "$work/prefix/share"; then
        echo "the installed package sets -march or XTENSOR_USE_XSIMD (above)"
        exit 1
    fi
    if grep -rnF -e "$work/first" -e "$source" "$work/prefix/share"; then
        echo "the installed package names a folder of this machine (above)"
        exit 1
    fi
}

build_project() {
    cmake -S "$project" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_BUILD_TYPE=None -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@"
    cmake --build "$work/build"
    (cd "$work" && build/consumer)
    "$work/build/core"
    if grep -nE -e '-march|XTENSOR_USE_XSIMD|-W' "$work/build/compile_commands.json"; then
        echo "xrnn's interface adds options that belong to the program (above)"
        exit 1
    fi
    if ls "$work/build/xrnn/tests" "$work/build/xrnn/examples" 2>/dev/null; then
        echo "a program that uses xrnn builds xrnn's tests or examples too"
        exit 1
    fi
}

case $way in
installed)
    install_xrnn
    build_project "-DCMAKE_PREFIX_PATH=$work/prefix;$prefix_path"
    ;;
source)
    build_project "-DXRNN_FOLDER=$source" "-DCMAKE_PREFIX_PATH=$prefix_path"
    ;;
pkg-config)
    command -v pkg-config >/dev/null || {
        echo "skipped: no pkg-config"
        exit 77
    }
    [ -z "$prefix_path" ] || {
        echo "skipped: pkg-config would find the system's xtensor"
        exit 77
    }
    install_xrnn
    export PKG_CONFIG_PATH=$work/prefix/share/pkgconfig
    read -ra flags < <(pkg-config --cflags xrnn)
    "$compiler" -std=c++20 "${flags[@]}" "$project/main.cpp" "$project/other.cpp" \
        -o "$work/consumer"
    (cd "$work" && ./consumer)
    ;;
esac
