// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// LSTM whose gates see the cell state, each unit its own, through learned peepholes p:
///
///     i_t = σ(W_i·[h_{t-1}, x_t] + p_i∘c_{t-1} + b_i)
///     f_t = σ(W_f·[h_{t-1}, x_t] + p_f∘c_{t-1} + b_f)
///     g_t = tanh(W_g·[h_{t-1}, x_t] + b_g)
///     c_t = f_t∘c_{t-1} + i_t∘g_t
///     o_t = σ(W_o·[h_{t-1}, x_t] + p_o∘c_t + b_o)        sees the new c
///     h_t = o_t∘tanh(c_t)
///
/// Parameters as lstm_cell's, and p_i, p_f, p_o (U), which start at 0.
/// Sources: Gers, Schraudolph and Schmidhuber 2002; ONNX's LSTM with its input P.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct peephole_lstm_cell {
    using input_gate = gate<"i", RecurrentActivation>;
    using forget_gate = gate<"f", RecurrentActivation>;
    using new_content = candidate<"g", Activation>;
    using output_gate = gate<"o", RecurrentActivation>;
    using h = state<"h">;
    using c = state<"c">;
    using gates = list<input_gate, forget_gate, new_content, output_gate>;

    struct cell_state
        : lanes<list<input_gate, forget_gate, new_content, weight<"p_i">, weight<"p_f">, prev<c>>,
                list<c>, list<input_gate, forget_gate, new_content>> {
        static auto next(auto i, auto f, auto g, auto p_i, auto p_f, auto c_prev) {
            auto const i_t = input_gate{}(i + p_i * c_prev);
            auto const f_t = forget_gate{}(f + p_f * c_prev);
            auto const g_t = new_content{}(g);
            return std::tuple{f_t * c_prev + i_t * g_t, i_t, f_t, g_t};
        }
    };
    struct hidden_state : lanes<list<output_gate, weight<"p_o">, c>, list<h>, list<output_gate>> {
        static auto next(auto o, auto p_o, auto c_t) {
            auto const o_t = output_gate{}(o + p_o * c_t);
            return std::tuple{o_t * Activation{}(c_t), o_t};
        }
    };

    static constexpr std::string_view name = "peephole_lstm";
    using states = list<h, c>;
    using output = h;
    using flow =
        list<affine<gates, list<x_t, prev<h>>>,
             learned<weight<"p_i">, weight<"p_f">, weight<"p_o">>, cell_state, hidden_state>;
    using bias_starts_at_one = list<forget_gate>;
};

} // namespace xrnn::inline XRNN_ABI
