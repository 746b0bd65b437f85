// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// LSTM whose hidden state has P entries, fewer than it has units:
///
///     i_t = σ(W_i·[h_{t-1}, x_t] + b_i)
///     f_t = σ(W_f·[h_{t-1}, x_t] + b_f)
///     g_t = tanh(W_g·[h_{t-1}, x_t] + b_g)
///     o_t = σ(W_o·[h_{t-1}, x_t] + b_o)
///     c_t = f_t∘c_{t-1} + i_t∘g_t              (U)
///     m_t = o_t∘tanh(c_t)                      (U)
///     h_t = W_r·m_t                            (P), the output
///
/// Parameters, columns i|f|g|o: kernel (in, 4U), recurrent_kernel (P, 4U), bias (4U),
/// projection_kernel (U, P).
/// Sources: Sak, Senior and Beaufays 2014, arXiv:1402.1128; PyTorch's LSTM with proj_size = P.
template <std::size_t P, class RecurrentActivation = sigmoid, class Activation = tanh>
struct projected_lstm_cell {
    static_assert(P > 0, "xrnn: a projection needs at least one entry");

    using input_gate = gate<"i", RecurrentActivation>;
    using forget_gate = gate<"f", RecurrentActivation>;
    using new_content = candidate<"g", Activation>;
    using output_gate = gate<"o", RecurrentActivation>;
    using r = partial_sum<"r", P>;
    using m = value<"m">;
    using h = state<"h", P>;
    using c = state<"c">;
    using gates = list<input_gate, forget_gate, new_content, output_gate>;

    struct cell_state : lanes<list<input_gate, forget_gate, new_content, prev<c>>, list<c>,
                              list<input_gate, forget_gate, new_content>> {
        static auto next(auto i, auto f, auto g, auto c_prev) {
            auto const i_t = input_gate{}(i);
            auto const f_t = forget_gate{}(f);
            auto const g_t = new_content{}(g);
            return std::tuple{f_t * c_prev + i_t * g_t, i_t, f_t, g_t};
        }
    };
    struct memory : lanes<list<output_gate, c>, list<m>, list<output_gate>> {
        static auto next(auto o, auto c_t) {
            auto const o_t = output_gate{}(o);
            return std::tuple{o_t * Activation{}(c_t), o_t};
        }
    };
    struct hand_over : lanes<list<r>, list<h>> {
        static auto next(auto r_t) { return std::tuple{r_t}; }
    };

    static constexpr std::string_view name = "projected_lstm";
    using states = list<h, c>;
    using output = h;
    using flow =
        list<affine<gates, list<x_t, prev<h>>>, cell_state, memory, project<r, m>, hand_over>;
    using bias_starts_at_one = list<forget_gate>;
};

} // namespace xrnn::inline XRNN_ABI
