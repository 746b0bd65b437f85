// SPDX-License-Identifier: BSD-3-Clause
//
// What fit, evaluate and train_on_batch refuse, in which words, and that the weights stay as they were.
#include <doctest/doctest.h>

#include <xrnn/training/trainer.hpp>

#include "support/errors.hpp"
#include "support/models.hpp"

using namespace xrnn;
using support::message_of;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

template <class Model>
std::vector<float> weights(Model const& model) {
    return {model.flat().begin(), model.flat().end()};
}

auto make_model() {
    return sequential{input<3>{}, gru<4>{}, dense<1>{}};
}

/// Random values. One type for all shapes, which compiles faster.
template <std::size_t N>
xt::xarray<float> tensor(std::array<std::size_t, N> const& shape) {
    return support::tensor<float, N>(shape, 1);
}
xt::xarray<float> rows(xt::xarray<float> const& from, int first, int last) {
    return xt::view(from, xt::range(first, last));
}

xt::xarray<float> array(std::vector<std::size_t> const& shape) {
    xt::xarray<float> result(xt::xarray<float>::shape_type(shape.begin(), shape.end()));
    std::fill(result.begin(), result.end(), 0.5F);
    return result;
}

std::string const not_finite = " is not finite; the weights are as before this batch. Look for NaN "
                               "in x and y, or lower the learning rate";

} // namespace

TEST_CASE("NaN in x or y, infinity: named with epoch and batch, and no weight changes a bit") {
    auto x = tensor<3>({10, 4, 3});
    auto y = tensor<1>({10});
    fit_options const options{.epochs = 2, .batch_size = 4, .verbose = 0, .shuffle = false};
    auto model = make_model();
    auto t = compile(model, mse{}, adam{});
    std::vector<float> const before = weights(model);
    SUBCASE("in the first batch") {
        x(2, 1, 0) = not_a_number;
        CHECK(message_of<value_error>([&] { t.fit(x, y, options); }) ==
              "fit: epoch 1, batch 1: the loss" + not_finite);
        CHECK(weights(model) == before);
        CHECK(t.steps() == 0);
    }
    SUBCASE("in y") {
        y(0) = std::numeric_limits<float>::infinity();
        CHECK(message_of<value_error>([&] { t.fit(x, y, options); }) ==
              "fit: epoch 1, batch 1: the loss" + not_finite);
        CHECK(weights(model) == before);
    }
    SUBCASE("in the third batch: two steps were done") {
        auto twin = make_model();
        auto u = compile(twin, mse{}, adam{});
        u.train_on_batch(rows(x, 0, 4), rows(y, 0, 4));
        u.train_on_batch(rows(x, 4, 8), rows(y, 4, 8));
        x(9, 3, 2) = not_a_number;
        CHECK(message_of<value_error>([&] { t.fit(x, y, options); }) ==
              "fit: epoch 1, batch 3: the loss" + not_finite);
        CHECK(weights(model) == weights(twin));
        CHECK(t.steps() == 2);
        x(9, 3, 2) = 0; // and training goes on from there
        u.train_on_batch(rows(x, 8, 10), rows(y, 8, 10));
        t.train_on_batch(rows(x, 8, 10), rows(y, 8, 10));
        CHECK(weights(model) == weights(twin));
    }
    SUBCASE("train_on_batch") {
        x(2, 1, 0) = not_a_number;
        CHECK(message_of<value_error>([&] { t.train_on_batch(x, y); }) ==
              "train_on_batch: the loss" + not_finite);
        CHECK(weights(model) == before);
    }
    SUBCASE("not shuffled away") {
        x(2, 1, 0) = not_a_number;
        CHECK_THROWS_AS(t.fit(x, y, {.batch_size = 10, .verbose = 0}), value_error);
        CHECK(weights(model) == before);
    }
}

TEST_CASE("NaN passes through a relu, and so reaches the loss") {
    sequential model{input<3>{}, dense<2, relu>{}, gru<2>{}, dense<1, relu>{}};
    auto x = tensor<3>({4, 2, 3});
    x(1, 0, 1) = not_a_number;
    auto t = compile(model, mse{}, sgd{});
    std::vector<float> const before = weights(model);
    CHECK(message_of<value_error>([&] {
              t.fit(x, tensor<1>({4}), {.verbose = 0, .shuffle = false});
          }) == "fit: epoch 1, batch 1: the loss" + not_finite);
    CHECK(weights(model) == before);
}

// |x| as a root: at 0 its value is 0 and its derivative, 0 / 0, is NaN.
struct root_of_square {
    static constexpr std::string_view name = "root_of_square";
    auto operator()(auto const& v) const { return xrnn::simd::sqrt(v * v); }
};

TEST_CASE("where the loss is finite, the gradient tells") {
    sequential model{input<3>{}, simple_rnn<2>{}, dense<1, root_of_square>{}};
    xt::xtensor<float, 3> const x(std::array<std::size_t, 3>{4, 2, 3}, 0.0F);
    auto t = compile(model, mse{}, sgd{});
    std::vector<float> const before = weights(model);
    CHECK(message_of<value_error>([&] {
              t.fit(x, tensor<1>({4}), {.verbose = 0, .shuffle = false});
          }) == "fit: epoch 1, batch 1: the gradient" + not_finite);
    CHECK(weights(model) == before);
}

TEST_CASE("weights that run away are stopped before they are not finite") {
    auto model = make_model();
    auto t = compile(model, mse{}, sgd{.learning_rate = 1e18});
    std::string const said = message_of<value_error>([&] {
        t.fit(tensor<3>({8, 4, 3}), tensor<1>({8}), {.epochs = 50, .verbose = 0});
    });
    CHECK(said.find("is not finite") != std::string::npos);
    for (float const w : model.flat())
        CHECK(std::isfinite(w));
}

TEST_CASE("shapes of x") {
    auto model = make_model();
    auto t = compile(model, mse{}, sgd{});
    auto const fit = [&](xt::xarray<float> const& x) {
        return message_of<shape_error>([&] { t.fit(x, tensor<1>({4}), {.verbose = 0}); });
    };
    std::string const expected =
        "fit: x must have shape (batch, time, 3), none of them 0, but has ";
    CHECK(fit(array({4, 2, 5})) == expected + "(4, 2, 5)");
    CHECK(fit(array({4, 3})) == expected + "(4, 3)");
    CHECK(fit(array({12})) == expected + "(12,)");
    CHECK(fit(array({4, 2, 3, 1})) == expected + "(4, 2, 3, 1)");
    CHECK(fit(array({4, 0, 3})) == expected + "(4, 0, 3)");
    CHECK(fit(array({0, 2, 3})) == expected + "(0, 2, 3)");
    CHECK(message_of<shape_error>([&] {
              t.evaluate(array({4, 2, 5}), tensor<1>({4}));
          }) == "evaluate: x must have shape (batch, time, 3), none of them 0, but has (4, 2, 5)");
    CHECK(message_of<shape_error>([&] {
              t.train_on_batch(array({4, 2, 5}), tensor<1>({4}));
          }) ==
          "train_on_batch: x must have shape (batch, time, 3), none of them 0, but has (4, 2, 5)");
    CHECK(message_of<shape_error>([&] {
              t.fit(tensor<3>({4, 2, 3}), tensor<1>({4}), array({2, 2, 5}), tensor<1>({2}),
                    {.verbose = 0});
          }) == "fit (validation): x must have shape (batch, time, 3), none of them 0, but has "
                "(2, 2, 5)");
}

TEST_CASE("shapes of y") {
    auto model = make_model();
    auto t = compile(model, mse{}, sgd{});
    auto const x = tensor<3>({4, 2, 3});
    auto const fit = [&](auto const& y) {
        return message_of<shape_error>([&] { t.fit(x, y, {.verbose = 0}); });
    };
    std::string const expected =
        "fit: y must have shape (4, 1) or (4,), as the model's output for this x, but has ";
    CHECK(fit(array({3})) == expected + "(3,)");
    CHECK(fit(array({5, 1})) == expected + "(5, 1)");
    CHECK(fit(array({4, 2})) == expected + "(4, 2)");
    CHECK(fit(array({4, 2, 1})) == expected + "(4, 2, 1)");
    CHECK(fit(tensor<2>({4, 1})) == "(nothing thrown)");
    CHECK(fit(tensor<1>({4})) == "(nothing thrown)");

    sequential several{input<3>{}, gru<4, return_sequences>{}, dense<2>{}};
    auto u = compile(several, mse{}, sgd{});
    CHECK(
        message_of<shape_error>([&] {
            u.evaluate(x, array({4, 2}));
        }) ==
        "evaluate: y must have shape (4, 2, 2), as the model's output for this x, but has (4, 2)");
    CHECK(message_of<shape_error>([&] {
              u.train_on_batch(x, array({4, 3, 2}));
          }).find("train_on_batch: y must have shape (4, 2, 2)") == 0);
    CHECK(message_of<shape_error>([&] { u.evaluate(x, array({4, 2, 2})); }) == "(nothing thrown)");
}

TEST_CASE("options") {
    auto model = make_model();
    auto t = compile(model, mse{}, sgd{});
    auto const x = tensor<3>({4, 2, 3});
    auto const y = tensor<1>({4});
    auto const fit = [&](fit_options const& options) {
        return message_of<value_error>([&] { t.fit(x, y, options); });
    };
    CHECK(fit({.batch_size = 0, .verbose = 0}) == "fit: batch_size must be at least 1");
    CHECK(fit({.verbose = 0, .threads = 0}) == "fit: threads must be at least 1");
    CHECK(fit({.verbose = 0, .threads = 2}) ==
          "fit: 2 threads need OpenMP: compile with -fopenmp (CMake: link OpenMP::OpenMP_CXX), or "
          "give threads = 1");
    CHECK(fit({.verbose = 0, .validation_split = 1.0}) ==
          "fit: validation_split must be at least 0 and less than 1, not 1.000000");
    CHECK(fit({.verbose = 0, .validation_split = -0.5}) ==
          "fit: validation_split must be at least 0 and less than 1, not -0.500000");
    CHECK(fit({.verbose = 0, .validation_split = static_cast<double>(not_a_number)})
              .find("fit: validation_split must be") == 0);
    CHECK(fit({.verbose = 0, .validation_split = 0.9}) ==
          "fit: validation_split = 0.900000 leaves none of 4 rows for training");
    CHECK(message_of<value_error>([&] {
              t.fit(x, y, x, y, {.verbose = 0, .validation_split = 0.5});
          }) == "fit: give validation data or validation_split, not both");
    CHECK(message_of<value_error>([&] { t.evaluate(x, y, {.batch_size = 0}); }) ==
          "evaluate: batch_size must be at least 1");
}

TEST_CASE("a dynamic model is built by fit, and stays unbuilt where fit cannot begin") {
    sequential model{input<dynamic>{}, gru<4>{}, dense<1>{}};
    auto t = compile(model, mse{}, sgd{});
    CHECK_THROWS_AS(t.evaluate(tensor<3>({4, 2, 3}), tensor<1>({4})), value_error);
    CHECK(message_of<shape_error>([&] {
              t.fit(array({4, 3}), tensor<1>({4}), {.verbose = 0});
          }) == "fit: x must have shape (batch, time, features), none of them 0, but has (4, 3)");
    CHECK_THROWS_AS(t.fit(tensor<3>({4, 2, 3}), tensor<1>({5}), {.verbose = 0}), shape_error);
    CHECK_FALSE(model.built());
    t.fit(tensor<3>({4, 2, 3}), tensor<1>({4}), {.verbose = 0});
    CHECK(model.features() == 3);
    CHECK_THROWS_AS(t.fit(tensor<3>({4, 2, 5}), tensor<1>({4}), {.verbose = 0}), shape_error);
}
