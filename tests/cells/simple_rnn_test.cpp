// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/cells/simple_rnn.hpp>

#include "support/cell.hpp"

namespace {

template <class Cell, class T, std::size_t W>
double rnn_difference(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                      bool with_bias, std::uint64_t seed, naive::function act) {
    support::cell_run<Cell, T, W> const r(units, features, time, batch, with_bias, seed);
    std::vector<T> const records = r.run();
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        naive::steps const expected =
            naive::simple_rnn(r.naive_parameters(), r.naive_x(b), r.naive_state(b, 0), act);
        for (std::size_t t = 0; t < time; ++t)
            for (std::size_t u = 0; u < units; ++u)
                worst = std::max(worst,
                                 support::difference(r.output(records, t, b)[u], expected[t][u]));
    }
    return worst;
}

struct check_rnn {
    double worst[2] = {0, 0};
    std::size_t runs = 0;

    template <class T, std::size_t W>
    void operator()(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                    bool with_bias, std::uint64_t seed) {
        double const found = rnn_difference<xrnn::simple_rnn_cell<>, T, W>(
            units, features, time, batch, with_bias, seed, naive::tanh);
        double& largest = worst[sizeof(T) == 8];
        largest = std::max(largest, found);
        ++runs;
    }
};

} // namespace

TEST_CASE("simple_rnn_cell gives what its equation gives, whatever the sizes and lanes") {
    check_rnn check;
    support::over_types(check);
    CHECK(check.worst[1] <= 1e-14);
    CHECK(check.worst[0] <= 2e-6);
    MESSAGE(check.runs, " runs; largest difference in double ", check.worst[1], ", in float ",
            check.worst[0]);
}

TEST_CASE("simple_rnn_cell with other activations") {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<double>;
    CHECK(rnn_difference<xrnn::simple_rnn_cell<xrnn::relu>, double, lanes>(9, 3, 7, 5, true, 7,
                                                                           naive::relu) <= 1e-14);
    CHECK(rnn_difference<xrnn::simple_rnn_cell<xrnn::linear>, double, lanes>(
              9, 3, 7, 5, true, 7, naive::linear) <= 1e-14);
    CHECK(rnn_difference<xrnn::simple_rnn_cell<xrnn::relu>, double, lanes>(9, 3, 7, 5, true, 7,
                                                                           naive::linear) > 1e-3);
}
