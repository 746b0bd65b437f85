// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// Long short-term memory. With [h_{t-1}, x_t] fed to every gate:
///
///     i_t = σ(W_i·[h_{t-1}, x_t] + b_i)        input gate
///     f_t = σ(W_f·[h_{t-1}, x_t] + b_f)        forget gate
///     g_t = tanh(W_g·[h_{t-1}, x_t] + b_g)     candidate (C~_t)
///     o_t = σ(W_o·[h_{t-1}, x_t] + b_o)        output gate
///     c_t = f_t∘c_{t-1} + i_t∘g_t              cell state
///     h_t = o_t∘tanh(c_t)                      hidden state, the output
///
/// Parameters as in Keras, columns i|f|g|o (Keras writes c for g): kernel (in, 4U),
/// recurrent_kernel (U, 4U), bias (4U).
/// Sources: Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct lstm_cell {
    using input_gate = gate<"i", RecurrentActivation>;
    using forget_gate = gate<"f", RecurrentActivation>;
    using new_content = candidate<"g", Activation>;
    using output_gate = gate<"o", RecurrentActivation>;
    using h = state<"h">;
    using c = state<"c">;
    using gates = list<input_gate, forget_gate, new_content, output_gate>;

    struct cell_state : lanes<list<input_gate, forget_gate, new_content, prev<c>>, list<c>,
                              list<input_gate, forget_gate, new_content>> {
        static auto next(auto i, auto f, auto g, auto c_prev) {
            auto const i_t = input_gate{}(i);
            auto const f_t = forget_gate{}(f);
            auto const g_t = new_content{}(g);
            auto const c_t = f_t * c_prev + i_t * g_t;
            return std::tuple{c_t, i_t, f_t, g_t};
        }
    };
    struct hidden_state : lanes<list<output_gate, c>, list<h>, list<output_gate>> {
        static auto next(auto o, auto c_t) {
            auto const o_t = output_gate{}(o);
            auto const h_t = o_t * Activation{}(c_t);
            return std::tuple{h_t, o_t};
        }
    };

    static constexpr std::string_view name = "lstm";
    using states = list<h, c>;
    using output = h;
    using flow = list<affine<gates, list<x_t, prev<h>>>, cell_state, hidden_state>;
    using bias_starts_at_one = list<forget_gate>; // Keras's unit_forget_bias
};

} // namespace xrnn::inline XRNN_ABI
