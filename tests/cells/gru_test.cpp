// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/cells/gru.hpp>

#include "support/cell.hpp"

namespace {

template <class Cell, class T, std::size_t W>
double gru_difference(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                      bool with_bias, std::uint64_t seed, bool reset_after,
                      naive::function gate = naive::sigmoid, naive::function act = naive::tanh) {
    support::cell_run<Cell, T, W> const r(units, features, time, batch, with_bias, seed);
    std::vector<T> const records = r.run();
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        naive::gru_steps const expected = naive::gru(r.naive_parameters(), r.naive_x(b),
                                                     r.naive_state(b, 0), reset_after, gate, act);
        for (std::size_t t = 0; t < time; ++t)
            for (std::size_t u = 0; u < units; ++u)
                worst = std::max(worst,
                                 support::difference(r.output(records, t, b)[u], expected.h[t][u]));
    }
    return worst;
}

template <class Cell, bool ResetAfter>
struct check_gru {
    double worst[2] = {0, 0};
    std::size_t runs = 0;

    template <class T, std::size_t W>
    void operator()(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                    bool with_bias, std::uint64_t seed) {
        double const found =
            gru_difference<Cell, T, W>(units, features, time, batch, with_bias, seed, ResetAfter);
        double& largest = worst[sizeof(T) == 8];
        largest = std::max(largest, found);
        ++runs;
    }
};

template <bool ResetAfter>
void check_sizes() {
    check_gru<xrnn::gru_cell<xrnn::sigmoid, xrnn::tanh, ResetAfter>, ResetAfter> check;
    support::over_types(check);
    CHECK(check.worst[1] <= 1e-14);
    CHECK(check.worst[0] <= 2e-6);
    MESSAGE(check.runs, " runs; largest difference in double ", check.worst[1], ", in float ",
            check.worst[0]);
}

constexpr std::size_t lanes = xrnn::simd::max_lanes<double>;

} // namespace

TEST_CASE("gru_cell, reset after the product, gives what its equations give") {
    check_sizes<true>();
}

TEST_CASE("gru_cell, reset before the product, gives what its equations give") {
    check_sizes<false>();
}

TEST_CASE("gru_cell with other activations") {
    using after = xrnn::gru_cell_reset_after<xrnn::hard_sigmoid, xrnn::relu>;
    using before = xrnn::gru_cell_reset_before<xrnn::hard_sigmoid, xrnn::linear>;
    CHECK(gru_difference<after, double, lanes>(9, 3, 7, 5, true, 7, true, naive::hard_sigmoid,
                                               naive::relu) <= 1e-14);
    CHECK(gru_difference<before, double, lanes>(9, 3, 7, 5, true, 7, false, naive::hard_sigmoid,
                                                naive::linear) <= 1e-14);
}

TEST_CASE("gru_cell: the two places of the reset gate differ, and the harness notices") {
    using after = xrnn::gru_cell_reset_after<>;
    CHECK(gru_difference<after, double, lanes>(9, 3, 7, 5, false, 7, true) <= 1e-14);
    CHECK(gru_difference<after, double, lanes>(9, 3, 7, 5, false, 7, false) > 1e-3);
}

TEST_CASE("gru_cell's parameters have Keras's names and shapes") {
    using after = xrnn::detail::plan<xrnn::gru_cell<>>;
    using before = xrnn::detail::plan<xrnn::gru_cell_reset_before<>>;
    using extents = std::array<std::size_t, 2>;
    CHECK(after::kernel(145, 5).extents == extents{145, 15});
    CHECK(after::recurrent_kernel(5).extents == extents{5, 15});
    CHECK(after::bias(5).extents == extents{2, 15});
    CHECK(before::kernel(145, 5).extents == extents{145, 15});
    CHECK(before::recurrent_kernel(5).extents == extents{5, 15});
    CHECK(before::bias(5).extents == extents{15, 0});
}
