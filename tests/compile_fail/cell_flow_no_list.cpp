// SPDX-License-Identifier: BSD-3-Clause
// One node instead of a list.
// expect: static.*xrnn: the flow of a cell is a list of nodes
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
    using flow = equations;
};

int main() {
    sequential model{input<3>{}, recurrent<my_cell, 4>{}, dense<1>{}};
}
