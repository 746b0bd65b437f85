// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// LSTM with layer normalisation. N(a) = γ∘(a - mean a) / sqrt(variance a + 0.001) + β over the units
/// of one gate, with γ and β of that gate:
///
///     i_t = σ(N(W_i·[h_{t-1}, x_t]))      f_t = σ(N(W_f·[h_{t-1}, x_t]))
///     g_t = tanh(N(W_g·[h_{t-1}, x_t]))   o_t = σ(N(W_o·[h_{t-1}, x_t]))
///     c_t = f_t∘c_{t-1} + i_t∘g_t
///     h_t = o_t∘tanh(N(c_t))
///
/// kernel and recurrent_kernel as lstm_cell's, no bias; gamma_i ... gamma_c (U), which start at 1, and
/// beta_i ... beta_c (U), which start at 0, beta_f at 1.
/// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, appendix, with the sums of a gate normalised
/// together, as TensorFlow's LayerNormBasicLSTMCell does.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct layer_norm_lstm_cell {
    using input_gate = gate<"i", RecurrentActivation>;
    using forget_gate = gate<"f", RecurrentActivation>;
    using new_content = candidate<"g", Activation>;
    using output_gate = gate<"o", RecurrentActivation>;
    using gates = list<input_gate, forget_gate, new_content, output_gate>;
    using sums = list<value<"a_i">, value<"a_f">, value<"a_g">, value<"a_o">>;
    using o_now = value<"o_t">;
    using h = state<"h">;
    using c = state<"c">;

    struct keep : lanes<gates, sums> {
        static auto next(auto i, auto f, auto g, auto o) { return std::tuple{i, f, g, o}; }
    };
    struct cell_state : lanes<list<value<"n_i">, value<"n_f">, value<"n_g">, value<"n_o">,
                                   weight<"gamma_i", 1>, weight<"gamma_f", 1>, weight<"gamma_g", 1>,
                                   weight<"gamma_o", 1>, weight<"beta_i">, weight<"beta_f", 1>,
                                   weight<"beta_g">, weight<"beta_o">, prev<c>>,
                              list<c, o_now>, gates> {
        static auto next(auto i, auto f, auto g, auto o, auto gamma_i, auto gamma_f, auto gamma_g,
                         auto gamma_o, auto beta_i, auto beta_f, auto beta_g, auto beta_o,
                         auto c_prev) {
            auto const i_t = input_gate{}(gamma_i * i + beta_i);
            auto const f_t = forget_gate{}(gamma_f * f + beta_f);
            auto const g_t = new_content{}(gamma_g * g + beta_g);
            auto const o_t = output_gate{}(gamma_o * o + beta_o);
            return std::tuple{f_t * c_prev + i_t * g_t, o_t, i_t, f_t, g_t, o_t};
        }
    };
    struct hidden_state
        : lanes<list<o_now, value<"n_c">, weight<"gamma_c", 1>, weight<"beta_c">>, list<h>> {
        static auto next(auto o_t, auto n_c, auto gamma_c, auto beta_c) {
            return std::tuple{o_t * Activation{}(gamma_c * n_c + beta_c)};
        }
    };

    static constexpr std::string_view name = "layer_norm_lstm";
    using states = list<h, c>;
    using output = h;
    using flow =
        list<affine<gates, list<x_t, prev<h>>>, keep, normalized_over<value<"a_i">, value<"n_i">>,
             normalized_over<value<"a_f">, value<"n_f">>,
             normalized_over<value<"a_g">, value<"n_g">>,
             normalized_over<value<"a_o">, value<"n_o">>,
             learned<weight<"gamma_i", 1>, weight<"gamma_f", 1>, weight<"gamma_g", 1>,
                     weight<"gamma_o", 1>, weight<"beta_i">, weight<"beta_f", 1>, weight<"beta_g">,
                     weight<"beta_o">>,
             cell_state, normalized_over<c, value<"n_c">>,
             learned<weight<"gamma_c", 1>, weight<"beta_c">>, hidden_state>;
    static constexpr std::size_t bias_rows = 0;
};

} // namespace xrnn::inline XRNN_ABI
