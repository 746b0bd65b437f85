// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// LSTM whose gates and candidate see the input alone, the two gates scaled to a sum of 1:
///
///     f_t = σ(W_f·x_t + b_f)
///     i_t = σ(W_i·x_t + b_i)
///     n_t = W_n·x_t + b_n
///     h_t = (f_t∘h_{t-1} + i_t∘n_t) / (f_t + i_t)
///
/// Columns f|i|n: kernel (in, 3U), bias (3U); no recurrent_kernel.
/// Source: Feng et al. 2024, arXiv:2410.01201 (there without biases).
template <class RecurrentActivation = sigmoid, class Activation = linear>
struct min_lstm_cell {
    using forget_gate = gate<"f", RecurrentActivation>;
    using input_gate = gate<"i", RecurrentActivation>;
    using new_content = candidate<"n", Activation>;
    using h = state<"h">;

    struct equations : lanes<list<forget_gate, input_gate, new_content, prev<h>>, list<h>,
                             list<forget_gate, input_gate, new_content>> {
        static auto next(auto f, auto i, auto n, auto h_prev) {
            auto const f_t = forget_gate{}(f);
            auto const i_t = input_gate{}(i);
            auto const n_t = new_content{}(n);
            return std::tuple{(f_t * h_prev + i_t * n_t) / (f_t + i_t), f_t, i_t, n_t};
        }
    };

    static constexpr bool scans_over_time = true;
    static constexpr std::string_view name = "min_lstm";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<forget_gate, input_gate, new_content>, list<x_t>>, equations>;
};

} // namespace xrnn::inline XRNN_ABI
