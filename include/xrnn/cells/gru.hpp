// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// Gated recurrent unit, the reset gate applied after the recurrent product (Keras's
/// reset_after=True, PyTorch's and cuDNN's GRU):
///
///     z_t = σ(W_z·x_t + U_z·h_{t-1} + b_z)                         update gate
///     r_t = σ(W_r·x_t + U_r·h_{t-1} + b_r)                         reset gate
///     n_t = tanh(W_n·x_t + b_n + r_t∘(U_n·h_{t-1} + b'_n))         candidate
///     h_t = z_t∘h_{t-1} + (1 - z_t)∘n_t                            hidden state, the output
///
/// Parameters as in Keras, columns z|r|n (Keras writes h for n): kernel (in, 3U),
/// recurrent_kernel (U, 3U), bias (2, 3U): row 0 is added to W·x, row 1 to U·h.
/// Source: Cho et al. 2014, arXiv:1406.1078, first version.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct gru_cell_reset_after {
    using update_gate = gate<"z", RecurrentActivation>;
    using reset_gate = gate<"r", RecurrentActivation>;
    using from_x = candidate<"n", Activation>;
    using from_h = partial_sum<"U_n·h">;
    using h = state<"h">;

    struct equations : lanes<list<update_gate, reset_gate, from_x, from_h, prev<h>>, list<h>,
                             list<update_gate, reset_gate, from_x>> {
        static auto next(auto z, auto r, auto n_x, auto n_h, auto h_prev) {
            // r_t before z_t: n_t waits for it
            auto const r_t = reset_gate{}(r);
            auto const z_t = update_gate{}(z);
            auto const n_t = from_x{}(n_x + r_t * n_h);
            auto const h_t = z_t * h_prev + (1 - z_t) * n_t;
            return std::tuple{h_t, z_t, r_t, n_t};
        }
    };

    static constexpr std::string_view name = "gru";
    using states = list<h>;
    using output = h;
    using flow =
        list<affine<list<update_gate, reset_gate>, list<x_t, prev<h>>>,
             affine<list<from_x>, list<x_t>>, affine<list<from_h>, list<prev<h>>>, equations>;
    static constexpr std::size_t bias_rows = 2;
};

/// Gated recurrent unit, the reset gate applied before the recurrent product (Keras's
/// reset_after=False, ONNX's linear_before_reset=0):
///
///     n_t = tanh(W_n·x_t + U_n·(r_t∘h_{t-1}) + b_n)
///
/// and the rest as above. kernel (in, 3U), recurrent_kernel (U, 3U), bias (3U).
/// Source: Cho et al. 2014, arXiv:1406.1078, third version.
template <class RecurrentActivation = sigmoid, class Activation = tanh>
struct gru_cell_reset_before {
    using update_gate = gate<"z", RecurrentActivation>;
    using reset_gate = gate<"r", RecurrentActivation>;
    using new_content = candidate<"n", Activation>;
    using h = state<"h">;
    using z_now = value<"z_t">;
    using reset_h = value<"r_t∘h">;

    struct reset : lanes<list<update_gate, reset_gate, prev<h>>, list<z_now, reset_h>,
                         list<update_gate, reset_gate>> {
        static auto next(auto z, auto r, auto h_prev) {
            auto const r_t = reset_gate{}(r);
            auto const z_t = update_gate{}(z);
            return std::tuple{z_t, r_t * h_prev, z_t, r_t};
        }
    };
    struct update : lanes<list<z_now, new_content, prev<h>>, list<h>, list<new_content>> {
        static auto next(auto z_t, auto n, auto h_prev) {
            auto const n_t = new_content{}(n);
            return std::tuple{z_t * h_prev + (1 - z_t) * n_t, n_t};
        }
    };

    static constexpr std::string_view name = "gru";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<update_gate, reset_gate>, list<x_t, prev<h>>>, reset,
                      affine<list<new_content>, list<x_t, reset_h>>, update>;
};

/// The GRU by Keras's argument reset_after.
template <class RecurrentActivation = sigmoid, class Activation = tanh, bool ResetAfter = true>
using gru_cell =
    std::conditional_t<ResetAfter, gru_cell_reset_after<RecurrentActivation, Activation>,
                       gru_cell_reset_before<RecurrentActivation, Activation>>;

} // namespace xrnn::inline XRNN_ABI
