// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// LSTM that forgets as much as it lets in: one gate less.
///
///     i_t = σ(W_i·[h_{t-1}, x_t] + b_i)
///     g_t = tanh(W_g·[h_{t-1}, x_t] + b_g)
///     o_t = σ(W_o·[h_{t-1}, x_t] + b_o)
///     c_t = (1 - i_t)∘c_{t-1} + i_t∘g_t
///     h_t = o_t∘tanh(c_t)
///
/// Columns i|g|o: kernel (in, 3U), recurrent_kernel (U, 3U), bias (3U).
/// Sources: Greff et al. 2017, arXiv:1503.04069 (CIFG); ONNX's LSTM with input_forget = 1.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct coupled_lstm_cell {
    using input_gate = gate<"i", RecurrentActivation>;
    using new_content = candidate<"g", Activation>;
    using output_gate = gate<"o", RecurrentActivation>;
    using h = state<"h">;
    using c = state<"c">;
    using gates = list<input_gate, new_content, output_gate>;

    struct cell_state
        : lanes<list<input_gate, new_content, prev<c>>, list<c>, list<input_gate, new_content>> {
        static auto next(auto i, auto g, auto c_prev) {
            auto const i_t = input_gate{}(i);
            auto const g_t = new_content{}(g);
            return std::tuple{(1 - i_t) * c_prev + i_t * g_t, i_t, g_t};
        }
    };
    struct hidden_state : lanes<list<output_gate, c>, list<h>, list<output_gate>> {
        static auto next(auto o, auto c_t) {
            auto const o_t = output_gate{}(o);
            return std::tuple{o_t * Activation{}(c_t), o_t};
        }
    };

    static constexpr std::string_view name = "coupled_lstm";
    using states = list<h, c>;
    using output = h;
    using flow = list<affine<gates, list<x_t, prev<h>>>, cell_state, hidden_state>;
};

} // namespace xrnn::inline XRNN_ABI
