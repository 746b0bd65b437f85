// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/cells/lstm.hpp>

#include "support/cell.hpp"

namespace {

/// Compares every h and c with the plain loops; returns the largest difference.
template <class Cell, class T, std::size_t W>
double lstm_difference(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                       bool with_bias, std::uint64_t seed, naive::function gate,
                       naive::function act) {
    using run = support::cell_run<Cell, T, W>;
    run const r(units, features, time, batch, with_bias, seed);
    std::vector<T> const records = r.run();
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        naive::lstm_steps const expected =
            naive::lstm(r.naive_parameters(), r.naive_x(b), r.naive_state(b, 0),
                        r.naive_state(b, 1), gate, act);
        for (std::size_t t = 0; t < time; ++t) {
            T const* const h = r.output(records, t, b);
            T const* const c = h + run::kernel::padded(units); // states lie in order: h, c
            for (std::size_t u = 0; u < units; ++u) {
                worst = std::max(worst, support::difference(h[u], expected.h[t][u]));
                worst = std::max(worst, support::difference(c[u], expected.c[t][u]));
            }
        }
    }
    return worst;
}

struct check_lstm {
    double worst[2] = {0, 0};
    std::size_t runs = 0;

    template <class T, std::size_t W>
    void operator()(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                    bool with_bias, std::uint64_t seed) {
        double const found = lstm_difference<xrnn::lstm_cell<>, T, W>(
            units, features, time, batch, with_bias, seed, naive::sigmoid, naive::tanh);
        double& largest = worst[sizeof(T) == 8];
        largest = std::max(largest, found);
        ++runs;
    }
};

} // namespace

TEST_CASE("lstm_cell gives what its equations give, whatever the sizes and lanes") {
    check_lstm check;
    support::over_types(check);
    CHECK(check.worst[1] <= 1e-14);
    CHECK(check.worst[0] <= 2e-6);
    MESSAGE(check.runs, " runs; largest difference in double ", check.worst[1], ", in float ",
            check.worst[0]);
}

TEST_CASE("lstm_cell with other activations") {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<double>;
    using relu_cell = xrnn::lstm_cell<xrnn::hard_sigmoid, xrnn::relu>;
    using linear_cell = xrnn::lstm_cell<xrnn::sigmoid, xrnn::linear>;
    CHECK(lstm_difference<relu_cell, double, lanes>(5, 3, 7, 5, true, 7, naive::hard_sigmoid,
                                                    naive::relu) <= 1e-14);
    CHECK(lstm_difference<linear_cell, double, lanes>(5, 3, 7, 5, false, 8, naive::sigmoid,
                                                      naive::linear) <= 1e-14);
    // the harness can fail
    CHECK(lstm_difference<linear_cell, double, lanes>(5, 3, 7, 5, false, 8, naive::sigmoid,
                                                      naive::tanh) > 1e-3);
}

TEST_CASE("lstm_cell's parameters have Keras's names and shapes") {
    using plan = xrnn::detail::plan<xrnn::lstm_cell<>>;
    CHECK(plan::kernel(145, 4).name == "kernel");
    CHECK(plan::kernel(145, 4).extents == std::array<std::size_t, 2>{145, 16});
    CHECK(plan::recurrent_kernel(4).name == "recurrent_kernel");
    CHECK(plan::recurrent_kernel(4).extents == std::array<std::size_t, 2>{4, 16});
    CHECK(plan::bias(4).name == "bias");
    CHECK(plan::bias(4).extents == std::array<std::size_t, 2>{16, 0});
}
