// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// GRU whose gate and candidate see the input alone:
///
///     z_t = σ(W_z·x_t + b_z)
///     n_t = W_n·x_t + b_n
///     h_t = (1 - z_t)∘h_{t-1} + z_t∘n_t
///
/// Columns z|n: kernel (in, 2U), bias (2U); no recurrent_kernel.
/// Source: Feng et al. 2024, arXiv:2410.01201 (there without biases).
template <class RecurrentActivation = sigmoid, class Activation = linear>
struct min_gru_cell {
    using update_gate = gate<"z", RecurrentActivation>;
    using new_content = candidate<"n", Activation>;
    using h = state<"h">;

    struct equations
        : lanes<list<update_gate, new_content, prev<h>>, list<h>, list<update_gate, new_content>> {
        static auto next(auto z, auto n, auto h_prev) {
            auto const z_t = update_gate{}(z);
            auto const n_t = new_content{}(n);
            return std::tuple{(1 - z_t) * h_prev + z_t * n_t, z_t, n_t};
        }
    };

    static constexpr bool scans_over_time = true;
    static constexpr std::string_view name = "min_gru";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<update_gate, new_content>, list<x_t>>, equations>;
};

} // namespace xrnn::inline XRNN_ABI
