// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {

/// A dense layer is a cell without a state: y = a(W·x + b). kernel (in, U), bias (U).
template <class Activation = linear>
struct dense_cell {
    using sum = candidate<"a", Activation>;
    using y = value<"y">;

    struct equations : lanes<list<sum>, list<y>> {
        static auto next(auto a) { return std::tuple{sum{}(a)}; }
    };

    static constexpr std::string_view name = "dense";
    using states = list<>;
    using output = y;
    using flow = list<affine<list<sum>, list<x_t>>, equations>;
};

/// y = softmax(W·x + b): the one activation that looks at all units.
template <>
struct dense_cell<softmax> {
    using sum = partial_sum<"a">;
    using logit = value<"logit">;
    using y = value<"y">;

    struct equations : lanes<list<sum>, list<logit>> {
        static auto next(auto a) { return std::tuple{a}; }
    };

    static constexpr std::string_view name = "dense";
    using states = list<>;
    using output = y;
    using flow = list<affine<list<sum>, list<x_t>>, equations, softmax_over<logit, y>>;
};

} // namespace xrnn::inline XRNN_ABI
