// SPDX-License-Identifier: BSD-3-Clause
// A cell that asks for a scan over time, but whose gate sees the state.
// expect: static.*xrnn: a cell that scans over time has one affine node, which sees x_t alone
// most-lines: 20
#include <xrnn/models/predict.hpp>

using namespace xrnn;

struct my_cell {
    using gate_z = gate<"z", sigmoid>;
    using h = state<"h">;
    struct equations : lanes<list<gate_z, prev<h>>, list<h>, list<gate_z>> {
        static auto next(auto z, auto h_prev) {
            auto const z_t = gate_z{}(z);
            return std::tuple{z_t * h_prev, z_t};
        }
    };
    static constexpr std::string_view name = "mine";
    static constexpr bool scans_over_time = true;
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<gate_z>, list<x_t, prev<h>>>, equations>;
};

int main() {
    sequential const model{input<3>{}, recurrent<my_cell, 4>{}, dense<1>{}};
    xt::xtensor<float, 3> const x({1, 2, 3}, 1.F);
    model.predict(x);
}
