// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/training/gradient_check.hpp>
#include <xrnn/training/trace_gradients.hpp>

using namespace xrnn;

namespace {

/// A sequence of any numbers.
xt::xtensor<double, 3> sequence(std::size_t time, std::size_t features) {
    xt::xtensor<double, 3> x(std::array<std::size_t, 3>{1, time, features});
    for (std::size_t k = 0; k < x.size(); ++k)
        x.data()[k] = static_cast<double>(k * 7 % 11) / 5 - 1;
    return x;
}

/// ∂L/∂state_t as the difference of the loss when the state after step t is moved: the rest of the
/// sequence is predicted from the states at that point.
template <class Model>
double by_difference(Model const& model, xt::xtensor<double, 3> const& x, double truth,
                     std::size_t t, std::string const& layer, std::string const& state,
                     std::size_t unit) {
    auto const loss = [&](double by) {
        model_states<Model> s{model, 1};
        model.predict(xt::view(x, xt::all(), xt::range(std::size_t{0}, t + 1), xt::all()), s);
        auto h = s.get(layer, state);
        h(0, unit) += by;
        s.set(layer, state, h);
        double const y =
            model.predict(xt::view(x, xt::all(), xt::range(t + 1, x.shape(1)), xt::all()), s)(0, 0);
        return (y - truth) * (y - truth);
    };
    double const step = 1e-4;
    return (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step);
}

} // namespace

TEST_CASE("the gradients of the states are what moving a state does to the loss") {
    auto const model = [] {
        auto m = sequential{input<3, double>{}, lstm<5>{}, dense<1>{}};
        m.initialize(4);
        return m;
    }();
    auto const x = sequence(6, 3);
    xt::xtensor<double, 2> const y{{0.7}};
    auto const g = trace_gradients(model, mean_squared_error{}, x, y);
    REQUIRE(g["lstm"]["h"].shape(0) == 6);
    REQUIRE(g["lstm"]["h"].shape(1) == 5);
    double worst = 0, largest = 0;
    for (std::size_t t = 0; t < 5; ++t)
        for (std::size_t u = 0; u < 5; ++u)
            for (std::string const state : {"h", "c"}) {
                double const found = g["lstm"][state](t, u);
                double const expected = by_difference(model, x, 0.7, t, "lstm", state, u);
                worst = std::max(worst, std::abs(found - expected));
                largest = std::max(largest, std::abs(expected));
            }
    CHECK(worst <= 1e-9);
    CHECK(largest > 1e-3);
}

TEST_CASE("one sequence as a matrix or a batch of one; layers by their names") {
    auto const model = sequential{input<3, double>{}, bidirectional<gru<4, return_sequences>>{},
                                  gru<2>{}, dense<1>{}};
    auto const x = sequence(5, 3);
    xt::xtensor<double, 2> const y{{0.1}};
    auto const g = trace_gradients(model, mean_squared_error{}, x, y);
    REQUIRE(g.layers.size() == 3);
    CHECK(g.layers[0].name == "bidirectional.forward");
    CHECK(g.layers[1].name == "bidirectional.backward");
    CHECK(g["gru"]["h"].shape(0) == 5);
    xt::xtensor<double, 2> const matrix = xt::view(x, 0, xt::all(), xt::all());
    CHECK(trace_gradients(model, mean_squared_error{}, matrix, y)["gru"]["h"] == g["gru"]["h"]);
    CHECK_THROWS_WITH_AS(
        trace_gradients(model, mean_squared_error{}, sequence(5, 2), y),
        "trace_gradients: x must have shape (time, 3) or (1, time, 3), but has (1, 5, 2)",
        shape_error);
    xt::xtensor<double, 2> const wide{{0.1, 0.2}};
    CHECK_THROWS_AS(trace_gradients(model, mean_squared_error{}, x, wide), shape_error);
}
