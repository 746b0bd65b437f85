// SPDX-License-Identifier: BSD-3-Clause
//
// fit, evaluate, train_on_batch: what is repeated, shuffled, held back and reported.
#include <doctest/doctest.h>

#include <cstring>

#include <xrnn/training/trainer.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

template <class Model>
std::vector<double> weights(Model const& model) {
    return {model.flat().begin(), model.flat().end()};
}

auto make_model() {
    return sequential{input<3, double>{}, stacked<gru<4>, gru<3>>{.dropout = 0.3}, dropout{0.2},
                      dense<1, sigmoid>{}};
}
using model_type = decltype(make_model());

struct problem {
    xt::xtensor<double, 3> x = support::tensor<double, 3>({10, 4, 3}, 1);
    xt::xtensor<double, 1> y = support::tensor<double, 1>({10}, 2, 0, 1);
};

auto compiled(model_type& model) {
    return compile(model, mean_squared_error{}, adam{.learning_rate = 0.01}, accuracy{}, mae{});
}

/// A metric that writes down each row's target: the order in which fit goes through the rows.
struct recorder {
    static constexpr std::string_view name = "recorder";
    static inline std::vector<std::size_t> seen;
    template <class T>
    static double value(T const* y, T const*, std::size_t) {
        seen.push_back(static_cast<std::size_t>(y[0]));
        return 0;
    }
};

/// The order of rows in each epoch.
std::vector<std::vector<std::size_t>> orders(std::size_t rows, fit_options const& options) {
    sequential model{input<1, double>{}, dense<1, linear>{}};
    xt::xtensor<double, 3> const x = support::tensor<double, 3>({rows, 1, 1}, 3);
    xt::xtensor<double, 3> y(std::array<std::size_t, 3>{rows, 1, 1});
    for (std::size_t k = 0; k < rows; ++k)
        y(k, 0, 0) = static_cast<double>(k);
    recorder::seen.clear();
    compile(model, mae{}, sgd{.learning_rate = 0}, recorder{}).fit(x, y, options);
    std::vector<std::vector<std::size_t>> result;
    for (auto it = recorder::seen.begin(); it != recorder::seen.end();
         it += static_cast<std::ptrdiff_t>(rows))
        result.emplace_back(it, it + static_cast<std::ptrdiff_t>(rows));
    return result;
}

} // namespace

TEST_CASE("the same seed gives the same bits, another seed others") {
    problem const p;
    auto const run = [&](std::uint64_t seed) {
        model_type model = make_model();
        history const h = compiled(model).fit(
            p.x, p.y, {.epochs = 3, .batch_size = 4, .verbose = 0, .seed = seed});
        std::vector<double> result = weights(model);
        result.insert(result.end(), h["loss"].begin(), h["loss"].end());
        return result;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}

TEST_CASE("a second fit goes on where the first stopped: weights, moments, order, masks") {
    problem const p;
    for (bool const shuffle : {false, true}) {
        fit_options options{.epochs = 2, .batch_size = 4, .verbose = 0, .shuffle = shuffle};
        model_type at_once = make_model(), in_two = make_model();
        auto one = compiled(at_once);
        history const both = one.fit(p.x, p.y, options);
        options.epochs = 1;
        auto two = compiled(in_two);
        history const first = two.fit(p.x, p.y, options);
        history const second = two.fit(p.x, p.y, options);
        CHECK(weights(at_once) == weights(in_two));
        CHECK(both["loss"] == std::vector<double>{first["loss"][0], second["loss"][0]});
        CHECK(two.steps() == 6);
        // a new trainer begins anew
        model_type third = make_model();
        compiled(third).fit(p.x, p.y, options);
        compiled(third).fit(p.x, p.y, options);
        CHECK(weights(third) != weights(at_once));
    }
}

TEST_CASE("fit is train_on_batch over its batches; history means are weighted by batch size") {
    problem const p;
    model_type fitted = make_model(), stepped = make_model();
    auto a = compiled(fitted);
    history const h = a.fit(p.x, p.y, {.batch_size = 4, .verbose = 0, .shuffle = false, .seed = 5});
    auto b = compiled(stepped);
    double loss = 0, accuracies = 0;
    for (auto const& [from, to] : {std::pair{0, 4}, std::pair{4, 8}, std::pair{8, 10}}) {
        logs const l = b.train_on_batch(xt::view(p.x, xt::range(from, to)),
                                        xt::view(p.y, xt::range(from, to)), 5);
        loss += l["loss"] * (to - from) / 10;
        accuracies += l["accuracy"] * (to - from) / 10;
    }
    CHECK(weights(fitted) == weights(stepped));
    CHECK(h["loss"][0] == doctest::Approx(loss).epsilon(1e-14));
    CHECK(h["accuracy"][0] == doctest::Approx(accuracies).epsilon(1e-14));
    CHECK(h["loss"].size() == 1);
    CHECK(h.size() == 3);
    CHECK_FALSE(h.contains("val_loss"));
}

TEST_CASE("a mean over batches of other sizes is the mean over the rows") {
    problem const p;
    sequential model{input<3, double>{}, gru<3>{}, dense<1>{}};
    auto t = compile(model, mse{}, sgd{.learning_rate = 0}, mae{});
    history const h = t.fit(p.x, p.y, {.batch_size = 4, .verbose = 0});
    logs const all = t.evaluate(p.x, p.y);
    CHECK(h["loss"][0] == doctest::Approx(all["loss"]).epsilon(1e-14));
    xt::xtensor<double, 2> const predicted = model.predict(p.x);
    double squares = 0, absolutes = 0;
    for (std::size_t k = 0; k < 10; ++k) {
        squares += (predicted(k, 0) - p.y(k)) * (predicted(k, 0) - p.y(k)) / 10;
        absolutes += std::abs(predicted(k, 0) - p.y(k)) / 10;
    }
    CHECK(all["loss"] == doctest::Approx(squares).epsilon(1e-14));
    CHECK(all["mean_absolute_error"] == doctest::Approx(absolutes).epsilon(1e-14));
    for (std::size_t const size : {1u, 3u, 10u, 100u})
        CHECK(t.evaluate(p.x, p.y, {.batch_size = size})["loss"] ==
              doctest::Approx(squares).epsilon(1e-14));
}

TEST_CASE("dropout is at work in fit, and in neither evaluate nor predict") {
    problem const p;
    model_type model = make_model();
    auto t = compile(model, mse{}, sgd{.learning_rate = 0});
    double const evaluated = t.evaluate(p.x, p.y)["loss"];
    double const logged = t.fit(p.x, p.y, {.verbose = 0})["loss"][0];
    CHECK(logged != doctest::Approx(evaluated).epsilon(1e-6));
    CHECK(t.evaluate(p.x, p.y)["loss"] == evaluated);
    sequential plain{input<3, double>{}, stacked<gru<4>, gru<3>>{}, dropout{0.0},
                     dense<1, sigmoid>{}};
    std::copy(model.flat().begin(), model.flat().end(), plain.flat().begin());
    CHECK(plain.predict(p.x) == model.predict(p.x));
    // on the very same weights, another batch number has another mask
    CHECK(t.fit(p.x, p.y, {.verbose = 0, .shuffle = false})["loss"][0] !=
          t.fit(p.x, p.y, {.verbose = 0, .shuffle = false})["loss"][0]);
}

TEST_CASE("shuffle: a permutation, anew before each epoch, a function of the seed; or none") {
    auto const shuffled = orders(50, {.epochs = 3, .batch_size = 7, .verbose = 0, .seed = 4});
    REQUIRE(shuffled.size() == 3);
    std::vector<std::size_t> in_order(50);
    std::iota(in_order.begin(), in_order.end(), std::size_t{0});
    for (auto const& order : shuffled) {
        CHECK(order != in_order);
        std::vector<std::size_t> sorted = order;
        std::sort(sorted.begin(), sorted.end());
        CHECK(sorted == in_order);
    }
    CHECK(shuffled[0] != shuffled[1]);
    CHECK(shuffled[1] != shuffled[2]);
    CHECK(shuffled == orders(50, {.epochs = 3, .batch_size = 50, .verbose = 0, .seed = 4}));
    CHECK(shuffled != orders(50, {.epochs = 3, .batch_size = 7, .verbose = 0, .seed = 5}));
    for (auto const& order : orders(50, {.epochs = 2, .verbose = 0, .shuffle = false}))
        CHECK(order == in_order);
}

TEST_CASE("shuffle: every row comes first about equally often") {
    std::vector<int> first(5), last(5);
    for (auto const& order : orders(5, {.epochs = 2000, .verbose = 0, .seed = 9})) {
        ++first[order.front()];
        ++last[order.back()];
    }
    for (std::size_t k = 0; k < 5; ++k) {
        CHECK(std::abs(first[k] - 400) < 90); // five standard deviations
        CHECK(std::abs(last[k] - 400) < 90);
    }
}

TEST_CASE("validation_split keeps the last rows back: floor(n·(1 - split)) are trained on") {
    problem const p;
    model_type split = make_model(), apart = make_model();
    fit_options const options{.epochs = 2, .batch_size = 4, .verbose = 0, .seed = 3};
    fit_options with_split = options;
    with_split.validation_split = 0.25; // 10 rows: 7 and 3
    auto a = compiled(split);
    history const h = a.fit(p.x, p.y, with_split);
    auto b = compiled(apart);
    auto const rows = [](int from, int to) { return xt::range(from, to); };
    history const same = b.fit(xt::view(p.x, rows(0, 7)), xt::view(p.y, rows(0, 7)),
                               xt::view(p.x, rows(7, 10)), xt::view(p.y, rows(7, 10)), options);
    CHECK(weights(split) == weights(apart));
    CHECK(h["loss"] == same["loss"]);
    CHECK(h["val_loss"] == same["val_loss"]);
    CHECK(h["val_loss"].size() == 2);
    CHECK(h.contains("val_accuracy"));
    CHECK(h.contains("val_mean_absolute_error"));
    CHECK(h["val_loss"][1] ==
          b.evaluate(xt::view(p.x, rows(7, 10)), xt::view(p.y, rows(7, 10)))["loss"]);
    with_split.validation_split = 0.3; // 10·(1 - 0.3) is 7 in Python too
    model_type again = make_model();
    compiled(again).fit(p.x, p.y, with_split);
    CHECK(weights(again) == weights(split));
}

TEST_CASE("settings of the optimizer may change between fits") {
    problem const p;
    model_type model = make_model();
    auto t = compiled(model);
    t.optimizer.learning_rate = 0;
    std::vector<double> const before = weights(model);
    t.fit(p.x, p.y, {.verbose = 0});
    CHECK(weights(model) == before);
    t.optimizer.learning_rate = 0.01;
    t.fit(p.x, p.y, {.verbose = 0});
    CHECK(weights(model) != before);
}

TEST_CASE("no epochs: an empty history, and nothing changed") {
    problem const p;
    model_type model = make_model();
    std::vector<double> const before = weights(model);
    CHECK(compiled(model).fit(p.x, p.y, {.epochs = 0, .verbose = 0}).size() == 0);
    CHECK(weights(model) == before);
}
