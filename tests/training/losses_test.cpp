// SPDX-License-Identifier: BSD-3-Clause
//
// Losses against NumPy's evaluation of Keras's formulas. That their gradients are right is shown by
// tests/training/gradient_check_dense_test.cpp; here where they are cut off.
#include <doctest/doctest.h>

#include <xrnn/training/losses.hpp>

#include "reference/training.hpp"
#include "support/numbers.hpp"

namespace reference = training_reference;
using namespace xrnn;

namespace {

template <class L, class T>
double worst(double const (&expected)[reference::rows]) {
    std::size_t const n = reference::outputs;
    std::vector<T> const y(reference::truth, reference::truth + reference::rows * n);
    std::vector<T> const p(reference::guess, reference::guess + reference::rows * n);
    double result = 0;
    for (std::size_t row = 0; row < reference::rows; ++row) {
        std::vector<T> dp(n);
        double const loss =
            detail::row_loss(L{}, y.data() + row * n, p.data() + row * n, n, dp.data());
        double const plain =
            detail::row_loss(L{}, y.data() + row * n, p.data() + row * n, n, nullptr);
        CHECK(loss == plain);
        result = std::max(result, support::difference(loss, expected[row]));
    }
    return result;
}

template <class L>
std::vector<double> slope(std::vector<double> const& y, std::vector<double> const& p) {
    std::vector<double> dp(y.size(), 99);
    detail::row_loss(L{}, y.data(), p.data(), y.size(), dp.data());
    return dp;
}

struct no_loss {};

} // namespace

TEST_CASE("losses of rows of several outputs") {
    CHECK(worst<mean_squared_error, double>(reference::mean_squared_error) <= 1e-12);
    CHECK(worst<mean_absolute_error, double>(reference::mean_absolute_error) <= 1e-12);
    CHECK(worst<binary_crossentropy, double>(reference::binary_crossentropy) <= 1e-12);
    CHECK(worst<categorical_crossentropy, double>(reference::categorical_crossentropy) <= 1e-12);
    CHECK(worst<mean_squared_error, float>(reference::mean_squared_error) <= 1e-6);
    CHECK(worst<mean_absolute_error, float>(reference::mean_absolute_error) <= 1e-6);
    CHECK(worst<binary_crossentropy, double>(reference::mean_squared_error) > 0.01); // it can fail
}

TEST_CASE("crossentropies in float stay finite at certain probabilities") {
    // 1 - 1e-7 is no float: the logarithms there are off by a fifth, but of either sign
    for (float const p : {0.F, 1.F})
        for (float const y : {0.F, 1.F}) {
            float dp = 0;
            double const loss = detail::row_loss(binary_crossentropy{}, &y, &p, 1, &dp);
            CHECK(std::isfinite(loss));
            CHECK(std::isfinite(dp));
            CHECK(loss == doctest::Approx(p == y ? 0 : 16.1).epsilon(0.02));
        }
}

TEST_CASE("gradients at the cuts and ties") {
    using numbers = std::vector<double>;
    CHECK(slope<mean_absolute_error>({1, 1, 1, 1}, {0, 1, 2, 1}) == numbers{-0.25, 0, 0.25, 0});
    CHECK(slope<mean_squared_error>({1, 0}, {3, 0}) == numbers{2, 0}); // 2·(p - y) / n
    // a clipped probability has no slope
    CHECK(slope<binary_crossentropy>({1}, {0}) == numbers{0});
    CHECK(slope<binary_crossentropy>({0}, {1}) == numbers{0});
    CHECK(slope<binary_crossentropy>({1}, {0.5}) == numbers{-2});
    for (double const d : slope<categorical_crossentropy>({0, 1}, {1, 0}))
        CHECK(d == 0);
}

TEST_CASE("what is a loss, and under which name") {
    static_assert(Loss<mean_squared_error, float> && Loss<categorical_crossentropy, double>);
    static_assert(!Loss<no_loss, float> && !Loss<int, float>);
    static_assert(std::is_same_v<mse, mean_squared_error> &&
                  std::is_same_v<mae, mean_absolute_error>);
    CHECK(mean_squared_error::name == "mean_squared_error");
    CHECK(categorical_crossentropy::name == "categorical_crossentropy");
}
