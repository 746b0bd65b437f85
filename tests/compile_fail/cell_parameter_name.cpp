// SPDX-License-Identifier: BSD-3-Clause
// A learned value named as the matrix is.
// expect: static.*xrnn: give each gate, .* a name of its own
// most-lines: 20
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

struct my_cell {
    using gate_z = gate<"z", sigmoid>;
    using w = weight<"kernel">;
    using h = state<"h">;
    struct equations : lanes<list<gate_z, w, prev<h>>, list<h>, list<gate_z>> {
        static auto next(auto z, auto w_, auto h_prev) {
            auto const z_t = gate_z{}(z);
            return std::tuple{w_ * z_t * h_prev, z_t};
        }
    };
    static constexpr std::string_view name = "mine";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<gate_z>, list<x_t, prev<h>>>, learned<w>, equations>;
};

int main() {
    sequential model{input<3>{}, recurrent<my_cell, 4>{}, dense<1>{}};
}
