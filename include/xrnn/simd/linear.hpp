// SPDX-License-Identifier: BSD-3-Clause
//
// A value that is known up to one vector h on which it depends linearly: a·h + b. Equations evaluated on
// it give a and b, and do not compile where they are not linear in h.
#pragma once

#include <type_traits>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

/// a·h + b. V is a number or a vector.
template <class V>
struct linear {
    V a, b;

    friend linear operator+(linear const& x, linear const& y) { return {x.a + y.a, x.b + y.b}; }
    friend linear operator-(linear const& x, linear const& y) { return {x.a - y.a, x.b - y.b}; }
    friend linear operator-(linear const& x) { return {-x.a, -x.b}; }
    friend linear operator+(linear const& x, V const& y) { return {x.a, x.b + y}; }
    friend linear operator+(V const& x, linear const& y) { return {y.a, x + y.b}; }
    friend linear operator-(linear const& x, V const& y) { return {x.a, x.b - y}; }
    friend linear operator-(V const& x, linear const& y) { return {-y.a, x - y.b}; }
    friend linear operator*(linear const& x, V const& y) { return {x.a * y, x.b * y}; }
    friend linear operator*(V const& x, linear const& y) { return {x * y.a, x * y.b}; }
    friend linear operator/(linear const& x, V const& y) { return {x.a / y, x.b / y}; }

    template <class Other>
    static constexpr bool there = sizeof(Other) == 0;
    template <class Other>
    friend linear operator*(linear const& x, linear<Other> const&) {
        static_assert(there<Other>, "xrnn: a cell that scans over time is linear in its state: no "
                                    "product of the state with itself");
        return x;
    }
    template <class Other>
    friend linear operator/(Other const&, linear const& y) {
        static_assert(there<Other>, "xrnn: a cell that scans over time is linear in its state: no "
                                    "division by the state");
        return y;
    }
};

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
