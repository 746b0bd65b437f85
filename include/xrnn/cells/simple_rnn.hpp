// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// The plain recurrent unit, h_t = tanh(W·x_t + U·h_{t-1} + b): the baseline that gates improve on.
/// kernel (in, U), recurrent_kernel (U, U), bias (U). Source: Elman 1990.
template <class Activation = tanh>
struct simple_rnn_cell {
    using new_state = candidate<"a", Activation>;
    using h = state<"h">;

    struct equations : lanes<list<new_state>, list<h>> {
        static auto next(auto a) { return std::tuple{new_state{}(a)}; }
    };

    static constexpr std::string_view name = "simple_rnn";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<new_state>, list<x_t, prev<h>>>, equations>;
};

} // namespace xrnn::inline XRNN_ABI
