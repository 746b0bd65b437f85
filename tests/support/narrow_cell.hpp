// SPDX-License-Identifier: BSD-3-Clause
//
// A cell, of no use but for tests, in which narrow vectors occur wherever a vector may:
//
//     [a, z] = W·[x_t, h_{t-1}] + b       a (U), z (R): sums of two widths of one node
//     s = tanh(z)                         (R), computed beside
//     c_t = p∘tanh(a) + c_{t-1} / 2       (U)
//     q = softmax(s)                      (R), over R entries
//     k = V·q                             (U), back to the width of the layer
//     m = c_t + k                         (U)
//     h_t = tanh(Y·m)                     (R), carried, but the output is m
#pragma once

#include <tuple>

#include <xrnn/gates.hpp>

namespace support {

template <std::size_t R>
struct narrow_cell {
    using a = xrnn::partial_sum<"a">;
    using z = xrnn::partial_sum<"z", R>;
    using k = xrnn::partial_sum<"k">;
    using y = xrnn::partial_sum<"y", R>;
    using s = xrnn::value<"s", R>;
    using q = xrnn::value<"q", R>;
    using m = xrnn::value<"m">;
    using c = xrnn::state<"c">;
    using h = xrnn::state<"h", R>;
    using p = xrnn::weight<"p", 1>;

    struct narrow : xrnn::lanes<xrnn::list<z>, xrnn::list<s>, xrnn::list<z>> {
        static auto next(auto sum) { return std::tuple{xrnn::tanh{}(sum), sum}; }
    };
    struct wide : xrnn::lanes<xrnn::list<a, p, xrnn::prev<c>>, xrnn::list<c>> {
        static auto next(auto sum, auto weight, auto c_prev) {
            return std::tuple{weight * xrnn::tanh{}(sum) + c_prev / 2};
        }
    };
    struct add : xrnn::lanes<xrnn::list<k, c>, xrnn::list<m>> {
        static auto next(auto sum, auto c_t) { return std::tuple{c_t + sum}; }
    };
    struct carry : xrnn::lanes<xrnn::list<y>, xrnn::list<h>> {
        static auto next(auto sum) { return std::tuple{xrnn::tanh{}(sum)}; }
    };

    static constexpr std::string_view name = "narrow";
    using states = xrnn::list<c, h>;
    using output = m;
    using flow =
        xrnn::list<xrnn::affine<xrnn::list<a, z>, xrnn::list<xrnn::x_t, xrnn::prev<h>>>,
                   xrnn::learned<p>, narrow, wide, xrnn::softmax_over<s, q>,
                   xrnn::project<k, q, "widening_kernel">, add, xrnn::project<y, m>, carry>;
};

} // namespace support
