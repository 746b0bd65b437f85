#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Plants a cell's name where no cell is known, and cells that are none: cells.sh must say so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

sound_library() {
    rm -rf "${work:?}"/*
    mkdir -p "$work"/{cells,layers,training}
    cat >"$work/cells/lstm.hpp" <<'END'
template <class A>
struct lstm_cell {
    // a comment
    struct equations : lanes<list<i>, list<h>> {
        static auto next(auto i,
                         auto g) {
            auto const c = i * g; // another

            return std::tuple{A{}(c)};
        }
    };
    struct keep : lanes<list<h>, list<k>> {
        static auto next(auto h) { return std::tuple{h}; }
    };
};
END
    echo 'template <int U> using lstm = recurrent<lstm_cell<tanh>, U>;' >"$work/layers/recurrent.hpp"
    {
        echo '/// stacked<lstm<16>>'
        echo 'static_assert(good, "write bidirectional<lstm<16>>"); // not lstm'
        echo 'int lstm_like = 0, no_lstm = 1;'
    } >"$work/layers/stacked.hpp"
    echo 'struct trainer {};' >"$work/training/trainer.hpp"
}

expect() { # status regex
    local output status=0
    output=$(bash "$here/cells.sh" "$work" 2>&1) || status=$?
    if [ $status -ne "$1" ] || ! grep -qE -e "$2" <<<"$output"; then
        echo "FAIL: expected status $1 and '$2', got status $status and:"
        echo "$output"
        failures=$((failures + 1))
    fi
    sound_library
}

sound_library
expect 0 '^lstm_cell +15 +12 +3$'
expect 0 '^layers and training know no cell$'
echo 'if constexpr (is_same<Cell, lstm_cell<tanh>>) special();' >>"$work/layers/stacked.hpp"
expect 1 '^layers/stacked.hpp:4: lstm_cell: layers and training know no cell'
echo '#include <xrnn/cells/lstm.hpp>' >>"$work/training/trainer.hpp"
expect 1 '^training/trainer.hpp:2: lstm: layers and training know no cell'
echo 'using any = lstm<1>; // "' >>"$work/layers/stacked.hpp"
expect 1 '^layers/stacked.hpp:4: lstm: '
echo 'struct gru {};' >"$work/cells/gru.hpp"
expect 1 '^gru.hpp: no struct whose name ends in _cell'
printf 'struct gru_cell {\n};\n' >"$work/cells/gru.hpp"
expect 1 '^gru.hpp: gru_cell has no equations'
rm "$work/cells/lstm.hpp"
expect 1 '^no cell in'

[ $failures -eq 0 ] || exit 1
echo 'every planted fault was found'
