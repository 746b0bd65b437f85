// SPDX-License-Identifier: BSD-3-Clause
//
// Each optimizer over 20 steps against NumPy's evaluation of Keras's formulas.
#include <doctest/doctest.h>

#include <vector>

#include <xrnn/training/optimizers.hpp>

#include "reference/training.hpp"
#include "support/numbers.hpp"

namespace reference = training_reference;
using namespace xrnn;

namespace {

/// Largest relative difference over all steps.
template <class T, class Optimizer, std::size_t N>
double worst(Optimizer const& optimizer, double const (&expected)[N]) {
    std::size_t const n = reference::n;
    std::vector<T> w(reference::start, reference::start + n), g(n);
    std::array<std::vector<T>, Optimizer::slots> slots;
    for (std::vector<T>& slot : slots)
        slot.assign(n, T(0));
    double result = 0;
    for (std::size_t t = 1; t <= reference::steps; ++t) {
        T const shift = T(0.125) * static_cast<T>(static_cast<int>(t % 3) - 1);
        for (std::size_t k = 0; k < n; ++k)
            g[k] =
                static_cast<T>(reference::slope[k]) * (w[k] - static_cast<T>(reference::goal[k])) +
                shift;
        detail::update(optimizer, t, n, w.data(), g.data(), slots);
        for (std::size_t k = 0; k < n; ++k)
            result = std::max(result, support::difference(w[k], expected[(t - 1) * n + k]));
    }
    return result;
}

template <class Optimizer, std::size_t N>
void check(Optimizer const& optimizer, double const (&expected)[N]) {
    CHECK(worst<double>(optimizer, expected) <= 1e-12);
    CHECK(worst<float>(optimizer, expected) <= 1e-5);
}

} // namespace

TEST_CASE("sgd") {
    check(sgd{}, reference::sgd);
    check(sgd{.learning_rate = 0.02, .momentum = 0.9}, reference::sgd_momentum);
    check(sgd{.learning_rate = 0.02, .momentum = 0.9, .nesterov = true}, reference::sgd_nesterov);
}

TEST_CASE("rmsprop") {
    check(rmsprop{}, reference::rmsprop);
    check(rmsprop{.learning_rate = 0.01, .rho = 0.8, .momentum = 0.9, .epsilon = 1e-3},
          reference::rmsprop_momentum);
}

TEST_CASE("adam") {
    check(adam{}, reference::adam);
    check(adam{.learning_rate = 0.05, .beta_1 = 0.8, .beta_2 = 0.99, .epsilon = 1e-3},
          reference::adam_settings);
}

TEST_CASE("other settings are noticed") {
    CHECK(worst<double>(adam{.epsilon = 1e-6}, reference::adam) > 1e-10);
    CHECK(worst<double>(sgd{.learning_rate = 0.02, .momentum = 0.9}, reference::sgd_nesterov) >
          1e-4);
    CHECK(worst<double>(rmsprop{.rho = 0.91}, reference::rmsprop) > 1e-6);
}

TEST_CASE("defaults and names are Keras's") {
    CHECK(sgd{}.learning_rate == 0.01);
    CHECK(sgd{}.momentum == 0);
    CHECK(rmsprop{}.learning_rate == 0.001);
    CHECK(rmsprop{}.rho == 0.9);
    CHECK(rmsprop{}.epsilon == 1e-7);
    CHECK(adam{}.learning_rate == 0.001);
    CHECK(adam{}.beta_1 == 0.9);
    CHECK(adam{}.beta_2 == 0.999);
    CHECK(adam{}.epsilon == 1e-7);
    CHECK(sgd::name == "sgd");
    CHECK(rmsprop::name == "rmsprop");
    CHECK(adam::name == "adam");
}

TEST_CASE("each parameter for itself: how many there are changes nothing") {
    auto const last = [](std::size_t n) {
        std::vector<double> w(n, 0.5), g(n, 0.25);
        std::array<std::vector<double>, 2> slots{std::vector<double>(n), std::vector<double>(n)};
        for (std::size_t t = 1; t <= 3; ++t)
            detail::update(adam{}, t, n, w.data(), g.data(), slots);
        return w;
    };
    for (std::size_t n = 1; n < 20; ++n)
        for (double const w : last(n))
            CHECK(w == last(1)[0]);
}
