// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// Independently recurrent unit: each unit sees, of the units before, itself alone.
///
///     h_t = relu(W·x_t + u∘h_{t-1} + b)
///
/// kernel (in, U), u (U), which starts at 1 (long memory), bias (U).
/// Source: Li et al. 2018, arXiv:1803.04831.
template <class Activation = relu>
struct indrnn_cell {
    using new_state = candidate<"a", Activation>;
    using h = state<"h">;

    struct equations : lanes<list<new_state, weight<"u", 1>, prev<h>>, list<h>> {
        static auto next(auto a, auto u, auto h_prev) {
            return std::tuple{new_state{}(a + u * h_prev)};
        }
    };

    static constexpr std::string_view name = "indrnn";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<new_state>, list<x_t>>, learned<weight<"u", 1>>, equations>;
};

} // namespace xrnn::inline XRNN_ABI
