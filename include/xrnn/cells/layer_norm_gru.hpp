// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// GRU with layer normalisation. N(a) = γ∘(a - mean a) / sqrt(variance a + 0.001) + β over the units
/// of one sum, with γ and β of that sum:
///
///     z_t = σ(N(W_z·x_t + U_z·h_{t-1}))
///     r_t = σ(N(W_r·x_t + U_r·h_{t-1}))
///     n_t = tanh(N(W_n·x_t) + r_t∘N(U_n·h_{t-1}))
///     h_t = z_t∘h_{t-1} + (1 - z_t)∘n_t
///
/// kernel and recurrent_kernel as gru_cell's, no bias; gamma_z, gamma_r, gamma_x, gamma_h (U), which start
/// at 1, and beta_z, beta_r, beta_x, beta_h (U), which start at 0.
/// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, with the sums of a gate normalised together.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct layer_norm_gru_cell {
    using update_gate = gate<"z", RecurrentActivation>;
    using reset_gate = gate<"r", RecurrentActivation>;
    using from_x = candidate<"n", Activation>;
    using from_h = partial_sum<"U_n·h">;
    using h = state<"h">;

    struct keep : lanes<list<update_gate, reset_gate, from_x, from_h>,
                        list<value<"a_z">, value<"a_r">, value<"a_x">, value<"a_h">>> {
        static auto next(auto z, auto r, auto x, auto u) { return std::tuple{z, r, x, u}; }
    };
    struct equations
        : lanes<
              list<value<"n_z">, value<"n_r">, value<"n_x">, value<"n_h">, weight<"gamma_z", 1>,
                   weight<"gamma_r", 1>, weight<"gamma_x", 1>, weight<"gamma_h", 1>,
                   weight<"beta_z">, weight<"beta_r">, weight<"beta_x">, weight<"beta_h">, prev<h>>,
              list<h>, list<update_gate, reset_gate, from_x>> {
        static auto next(auto z, auto r, auto n_x, auto n_h, auto gamma_z, auto gamma_r,
                         auto gamma_x, auto gamma_h, auto beta_z, auto beta_r, auto beta_x,
                         auto beta_h, auto h_prev) {
            auto const z_t = update_gate{}(gamma_z * z + beta_z);
            auto const r_t = reset_gate{}(gamma_r * r + beta_r);
            auto const n_t = from_x{}(gamma_x * n_x + beta_x + r_t * (gamma_h * n_h + beta_h));
            return std::tuple{z_t * h_prev + (1 - z_t) * n_t, z_t, r_t, n_t};
        }
    };

    static constexpr std::string_view name = "layer_norm_gru";
    using states = list<h>;
    using output = h;
    using flow = list<
        affine<list<update_gate, reset_gate>, list<x_t, prev<h>>>, affine<list<from_x>, list<x_t>>,
        affine<list<from_h>, list<prev<h>>>, keep, normalized_over<value<"a_z">, value<"n_z">>,
        normalized_over<value<"a_r">, value<"n_r">>, normalized_over<value<"a_x">, value<"n_x">>,
        normalized_over<value<"a_h">, value<"n_h">>,
        learned<weight<"gamma_z", 1>, weight<"gamma_r", 1>, weight<"gamma_x", 1>,
                weight<"gamma_h", 1>, weight<"beta_z">, weight<"beta_r">, weight<"beta_x">,
                weight<"beta_h">>,
        equations>;
    static constexpr std::size_t bias_rows = 0;
};

} // namespace xrnn::inline XRNN_ABI
