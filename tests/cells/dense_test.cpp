// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/cells/dense.hpp>

#include "support/cell.hpp"

namespace {

/// After one "step" of the cell, which has no state; act: null for softmax.
template <class Cell, class T, std::size_t W>
double dense_difference(std::size_t units, std::size_t features, std::size_t batch, bool with_bias,
                        std::uint64_t seed, naive::function act) {
    support::cell_run<Cell, T, W> const r(units, features, 1, batch, with_bias, seed);
    std::vector<T> const records = r.run();
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        naive::vec const x = r.naive_x(b).front();
        naive::vec const expected =
            act == nullptr
                ? naive::softmax(naive::dense(r.naive_parameters(), x, units, naive::linear))
                : naive::dense(r.naive_parameters(), x, units, act);
        for (std::size_t u = 0; u < units; ++u)
            worst = std::max(worst, support::difference(r.output(records, 0, b)[u], expected[u]));
    }
    return worst;
}

template <class Cell>
struct check_dense {
    naive::function act;
    double worst[2] = {0, 0};

    template <class T, std::size_t W>
    void operator()(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                    bool with_bias, std::uint64_t seed) {
        if (time > 1)
            return;
        double const found =
            dense_difference<Cell, T, W>(units, features, batch, with_bias, seed, act);
        double& largest = worst[sizeof(T) == 8];
        largest = std::max(largest, found);
    }
};

template <class Activation>
void check_sizes(naive::function act) {
    check_dense<xrnn::dense_cell<Activation>> check{act};
    support::over_types(check);
    CHECK(check.worst[1] <= 1e-14);
    CHECK(check.worst[0] <= 2e-6);
}

/// Softmax of given sums: kernel 0, the sums come from the bias.
template <class T>
std::vector<T> softmax_of(std::vector<T> const& sums) {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<T>;
    support::cell_run<xrnn::dense_cell<xrnn::softmax>, T, lanes> r(sums.size(), 1, 1, 1, true, 1);
    std::fill(r.kernel_values.begin(), r.kernel_values.end(), T(0));
    r.bias_values = sums;
    std::vector<T> const records = r.run();
    T const* const y = r.output(records, 0, 0);
    return {y, y + sums.size()};
}

} // namespace

TEST_CASE("dense_cell gives what its equation gives, for each activation, sizes and lanes") {
    check_sizes<xrnn::linear>(naive::linear);
    check_sizes<xrnn::relu>(naive::relu);
    check_sizes<xrnn::sigmoid>(naive::sigmoid);
    check_sizes<xrnn::tanh>(naive::tanh);
}

TEST_CASE("dense_cell with softmax, over all units and over nothing else") {
    check_sizes<xrnn::softmax>(nullptr);
}

TEST_CASE("softmax does not overflow, adds up to 1 and does not see a common shift") {
    std::vector<float> const large = softmax_of<float>({1e30F, -1e30F, 0.F});
    CHECK(large == std::vector<float>{1, 0, 0});
    std::vector<double> const a = softmax_of<double>({1, 2, 3, 4, 5});
    std::vector<double> const b = softmax_of<double>({1001, 1002, 1003, 1004, 1005});
    double total = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        CHECK(std::abs(a[k] - b[k]) <= 1e-16);
        total += a[k];
    }
    CHECK(std::abs(total - 1) <= 4e-16);
    CHECK(softmax_of<double>({-3}) == std::vector<double>{1});
    CHECK(softmax_of<double>({-700, -700}) == std::vector<double>{0.5, 0.5});
}
