// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// Minimal gated unit: one gate forgets and updates.
///
///     f_t = σ(W_f·x_t + U_f·h_{t-1} + b_f)
///     n_t = tanh(W_n·x_t + U_n·(f_t∘h_{t-1}) + b_n)
///     h_t = (1 - f_t)∘h_{t-1} + f_t∘n_t
///
/// Columns f|n: kernel (in, 2U), recurrent_kernel (U, 2U), bias (2U).
/// Source: Zhou et al. 2016, arXiv:1603.09420.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct mgu_cell {
    using forget_gate = gate<"f", RecurrentActivation>;
    using new_content = candidate<"n", Activation>;
    using h = state<"h">;
    using f_now = value<"f_t">;
    using kept = value<"f_t∘h">;

    struct forget : lanes<list<forget_gate, prev<h>>, list<f_now, kept>, list<forget_gate>> {
        static auto next(auto f, auto h_prev) {
            auto const f_t = forget_gate{}(f);
            return std::tuple{f_t, f_t * h_prev, f_t};
        }
    };
    struct update : lanes<list<f_now, new_content, prev<h>>, list<h>, list<new_content>> {
        static auto next(auto f_t, auto n, auto h_prev) {
            auto const n_t = new_content{}(n);
            return std::tuple{(1 - f_t) * h_prev + f_t * n_t, n_t};
        }
    };

    static constexpr std::string_view name = "mgu";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<forget_gate>, list<x_t, prev<h>>>, forget,
                      affine<list<new_content>, list<x_t, kept>>, update>;
};

} // namespace xrnn::inline XRNN_ABI
