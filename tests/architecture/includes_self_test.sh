#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Plants each kind of broken include in a small library of its own: includes.sh must name it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

header() { # path include...
    mkdir -p "$work/$(dirname "$1")"
    {
        echo '// SPDX-License-Identifier: BSD-3-Clause'
        echo '#pragma once'
        for name in "${@:2}"; do echo "#include $name"; done
    } >"$work/$1"
}

sound_library() {
    rm -rf "${work:?}"/*
    header errors.hpp '<stdexcept>'
    header layout.hpp '"xrnn/errors.hpp"'
    header simd/batch.hpp '<xsimd/xsimd.hpp>' '"xrnn/layout.hpp"'
    header simd/math.hpp '<xrnn/simd/batch.hpp>'
    header tensor/tensor.hpp '<xtensor/xtensor.hpp>'
    header layers/dense.hpp '"xrnn/simd/math.hpp"'
    header models/stream.hpp '"xrnn/layers/dense.hpp"'
    header io/files.hpp '<nlohmann/json.hpp>' '"xrnn/errors.hpp"'
}

expect() { # status regex
    local output status=0
    output=$(bash "$here/includes.sh" "$work" 2>&1) || status=$?
    if [ $status -ne "$1" ] || ! grep -qE -e "$2" <<<"$output"; then
        echo "FAIL: expected status $1 and '$2', got status $status and:"
        echo "$output"
        failures=$((failures + 1))
    fi
    sound_library
}

sound_library
expect 0 '^8 headers in order$'
header simd/math.hpp '"xrnn/layers/dense.hpp"'
expect 1 '^simd/math.hpp includes xrnn/layers/dense.hpp, which lies on a higher floor'
header layers/dense.hpp '<xsimd/xsimd.hpp>'
expect 1 '^layers/dense.hpp includes <xsimd/xsimd.hpp>, which only'
header models/summary.hpp '  <xtensor/xview.hpp>'
expect 1 '^models/summary.hpp includes <xtensor/xview.hpp>, which only'
header models/summary.hpp '<xtensor.hpp>'
expect 1 '^models/summary.hpp includes <xtensor.hpp>, which only'
header models/summary.hpp '<nlohmann/json.hpp>'
expect 1 '^models/summary.hpp includes <nlohmann/json.hpp>, which only'
header simd/math.hpp '"../layout.hpp"'
expect 1 '^simd/math.hpp includes ../layout.hpp: write'
header simd/math.hpp '"xrnn/simd/none.hpp"'
expect 1 'simd/none.hpp, which does not exist'
header cellar/wine.hpp
expect 1 '^cellar/wine.hpp: its folder has no floor'
header layers/dense.hpp '"xrnn/tensor/tensor.hpp"'
expect 1 '^models/stream.hpp reaches tensor/tensor.hpp'
header layers/a.hpp '"xrnn/layers/b.hpp"'
header layers/b.hpp '"xrnn/layers/a.hpp"'
expect 1 'in a ring: .*layers/a.hpp'
sed -i 1d "$work/layout.hpp"
expect 1 '^layout.hpp does not begin with its SPDX line'
sed -i 2d "$work/layout.hpp"
expect 1 '^layout.hpp lacks #pragma once'
rm -rf "${work:?}"/*
expect 1 '^no header in'

[ $failures -eq 0 ] || exit 1
echo 'every planted fault was found'
