// SPDX-License-Identifier: BSD-3-Clause
// Equations on vectors of two widths.
// expect: static.*xrnn: let the Ins, Outs and Shown of a node be of one width
// most-lines: 20
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

struct my_cell {
    using gate_z = gate<"z", sigmoid>;
    using h = state<"h", 2>;
    struct equations : lanes<list<gate_z, prev<h>>, list<h>, list<gate_z>> {
        static auto next(auto z, auto h_prev) {
            auto const z_t = gate_z{}(z);
            return std::tuple{z_t * h_prev, z_t};
        }
    };
    static constexpr std::string_view name = "mine";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<gate_z>, list<x_t, prev<h>>>, equations>;
};

int main() {
    sequential model{input<3>{}, recurrent<my_cell, 4>{}, dense<1>{}};
}
