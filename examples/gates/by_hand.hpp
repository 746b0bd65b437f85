// SPDX-License-Identifier: BSD-3-Clause
//
// Two steps of an LSTM with two units and round weights, every number printed, to be checked with a
// pocket calculator. docs/gates.md works through the same numbers.
#pragma once

#include <xrnn/xrnn.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

/// Returns how far the cell is from the sums printed here, which are formed apart from it.
inline double two_units_by_hand() {
    using namespace xrnn;
    // clang-format off
    //                                i          f          g           o
    std::vector<double> const w   {1.0, 0.5,  0.0, 1.0,  2.0, -1.0,  0.5, 0.0};
    std::vector<double> const u   {0.5, 0.0,  1.0, 0.0,  0.5,  1.0,  0.0, 1.0,  // from h of unit 1
                                   0.0, 0.5,  0.0, 1.0,  1.0,  0.5,  1.0, 0.0}; // from h of unit 2
    std::vector<double> const b   {0.0, 0.0,  1.0, 1.0,  0.0,  0.0,  0.0, 0.0};
    // clang-format on
    auto model = sequential{input<1, double>{}, lstm<2, return_sequences>{}};
    std::ranges::copy(w, model.parameter("lstm.kernel").begin());
    std::ranges::copy(u, model.parameter("lstm.recurrent_kernel").begin());
    std::ranges::copy(b, model.parameter("lstm.bias").begin());

    xt::xtensor<double, 2> const x{{1.0}, {-0.5}}; // two steps of one feature
    auto const all = trace(model, x);
    auto const& seen = all["lstm"];
    double error = 0, h[2] = {0, 0}, c[2] = {0, 0}; // the states before the step
    for (std::size_t t = 0; t < 2; ++t) {
        std::printf("Step %zu: x = %.1f, h = (%.5f, %.5f), c = (%.5f, %.5f)\n", t + 1, x(t, 0),
                    h[0], h[1], c[0], c[1]);
        for (std::size_t k = 0; k < 8; ++k) { // the columns: i, f, g, o of units 1 and 2
            double const sum = w[k] * x(t, 0) + u[k] * h[0] + u[8 + k] * h[1] + b[k];
            char const name[] = {"ifgo"[k / 2], 0};
            double const value = seen[name](t, k % 2);
            double const expected = k / 2 == 2 ? std::tanh(sum) : 1 / (1 + std::exp(-sum));
            error = std::max(error, std::abs(value - expected));
            std::printf("  %s of unit %zu: %4.1f·%.1f + %.1f·%.5f + %.1f·%.5f + %.1f = %8.5f,"
                        " %s of it %8.5f\n",
                        name, k % 2 + 1, w[k], x(t, 0), u[k], h[0], u[8 + k], h[1], b[k], sum,
                        k / 2 == 2 ? "tanh" : "   σ", value);
        }
        for (std::size_t n = 0; n < 2; ++n) {
            double const f = seen["f"](t, n), i = seen["i"](t, n), g = seen["g"](t, n);
            double const c_t = seen["c"](t, n), o = seen["o"](t, n), h_t = seen["h"](t, n);
            error = std::max(
                {error, std::abs(c_t - (f * c[n] + i * g)), std::abs(h_t - o * std::tanh(c_t))});
            std::printf(
                "  unit %zu: c = %.5f·%.5f + %.5f·%.5f = %.5f, h = %.5f·tanh(%.5f) = %.5f\n", n + 1,
                f, c[n], i, g, c_t, o, c_t, h_t);
            c[n] = c_t;
            h[n] = h_t;
        }
    }
    return error;
}
