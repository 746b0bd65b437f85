// SPDX-License-Identifier: BSD-3-Clause
//
// FastGRNN (Kusupati et al. 2018, arXiv:1901.02358), made for microcontrollers: gate and candidate
// share one product, a = W·x_t + U·h_{t-1}:
//
//     z_t = σ(a + b_z)    n_t = tanh(a + b_n)    h_t = (ζ∘(1 - z_t) + ν)∘n_t + z_t∘h_{t-1}
//
// ζ and ν, one number each in the paper, are learned for each unit here.
#pragma once

#include <xrnn/xrnn.hpp>

namespace example {
using namespace xrnn;

// [cell]
struct fast_grnn_cell {
    using z = gate<"z", sigmoid>;
    using n = candidate<"n", xrnn::tanh>;
    using sum = partial_sum<"a">;
    using h = state<"h">;
    using b_z = weight<"b_z", 1>; // starts at 1
    using b_n = weight<"b_n", 1>;
    using zeta = weight<"zeta", 1>;
    using nu = weight<"nu">;

    struct equations : lanes<list<sum, b_z, b_n, zeta, nu, prev<h>>, list<h>, list<z, n>> {
        static auto next(auto a, auto bz, auto bn, auto zeta_, auto nu_, auto h_prev) {
            auto const z_t = z{}(a + bz);
            auto const n_t = n{}(a + bn);
            return std::tuple{(zeta_ * (1 - z_t) + nu_) * n_t + z_t * h_prev, z_t, n_t};
        }
    };

    static constexpr std::string_view name = "fast_grnn";
    using states = list<h>;
    using output = h;
    using flow =
        list<affine<list<sum>, list<x_t, prev<h>>>, learned<b_z, b_n, zeta, nu>, equations>;
    static constexpr std::size_t bias_rows = 0; // b_z and b_n are the biases
};

template <std::size_t Units, class... Options>
using fast_grnn = recurrent<fast_grnn_cell, Units, Options...>;
// [/cell]

} // namespace example
