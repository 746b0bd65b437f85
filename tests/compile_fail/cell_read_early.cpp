// SPDX-License-Identifier: BSD-3-Clause
// A value is read before the node that computes it.
// expect: static.*xrnn: .*read before the node that computes it
// most-lines: 20
#include <xrnn/models/sequential.hpp>

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
    using states = list<h>;
    using output = h;
    using flow = list<equations, affine<list<gate_z>, list<x_t, prev<h>>>>;
};

int main() {
    sequential model{input<3>{}, recurrent<my_cell, 4>{}, dense<1>{}};
}
