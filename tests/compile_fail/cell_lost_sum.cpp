// SPDX-License-Identifier: BSD-3-Clause
// A sum is read behind the next affine node, where it is gone.
// expect: static.*xrnn: .*sums last up to the next affine node
// most-lines: 20
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

struct my_cell {
    using gate_z = gate<"z", sigmoid>;
    using h = state<"h">;
    using gate_r = gate<"r", sigmoid>;
    using kept = value<"kept">;
    struct opening : lanes<list<gate_r, prev<h>>, list<kept>> {
        static auto next(auto r, auto h_prev) { return std::tuple{gate_r{}(r)*h_prev}; }
    };
    using gate_n = gate<"n", sigmoid>;
    struct equations : lanes<list<gate_r, gate_n, prev<h>>, list<h>, list<>> {
        static auto next(auto r, auto n, auto h_prev) {
            return std::tuple{gate_r{}(r)*h_prev + gate_n{}(n)};
        }
    };
    static constexpr std::string_view name = "mine";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<gate_r>, list<x_t, prev<h>>>, opening,
                      affine<list<gate_n>, list<x_t, kept>>, equations>;
};

int main() {
    sequential model{input<3>{}, recurrent<my_cell, 4>{}, dense<1>{}};
}
