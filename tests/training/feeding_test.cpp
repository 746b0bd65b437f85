// SPDX-License-Identifier: BSD-3-Clause
//
// Where batches come from and what their rows weigh: ranges of batches, sample and class weights,
// truncated backpropagation, accumulated gradients.
#include <doctest/doctest.h>

#include <list>

#include <xrnn/training/trainer.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

struct labelled_batch {
    xt::xtensor<double, 3> x;
    xt::xtensor<double, 2> y;
};
struct weighted_batch {
    xt::xtensor<double, 3> x;
    xt::xtensor<double, 2> y;
    std::vector<double> sample_weight;
    std::vector<std::size_t> lengths;
};

struct problem {
    xt::xtensor<double, 3> x = support::tensor<double, 3>({10, 5, 3}, 1);
    xt::xtensor<double, 2> y = support::tensor<double, 2>({10, 2}, 2);

    xt::xtensor<double, 3> x_of(std::size_t from, std::size_t to) const {
        return xt::view(x, xt::range(from, to));
    }
    xt::xtensor<double, 2> y_of(std::size_t from, std::size_t to) const {
        return xt::view(y, xt::range(from, to));
    }
    template <class Batch = labelled_batch>
    std::list<Batch> batches(std::size_t size) const {
        std::list<Batch> result;
        for (std::size_t k = 0; k < 10; k += size) {
            result.emplace_back();
            result.back().x = x_of(k, std::min<std::size_t>(k + size, 10));
            result.back().y = y_of(k, std::min<std::size_t>(k + size, 10));
        }
        return result;
    }
};

auto make_model() {
    return sequential{input<3, double>{}, lstm<4>{}, dropout{0.2}, dense<2>{}};
}
using model_type = decltype(make_model());

template <class Model>
std::vector<double> weights(Model const& model) {
    return {model.flat().begin(), model.flat().end()};
}
double difference(std::vector<double> const& a, std::vector<double> const& b) {
    double worst = 0;
    for (std::size_t k = 0; k < a.size(); ++k)
        worst = std::max(worst, std::abs(a[k] - b[k]));
    return worst;
}

fit_options const in_order{.epochs = 3, .batch_size = 4, .verbose = 0, .shuffle = false};

} // namespace

TEST_CASE("a range of batches trains as the same rows in memory, to the bit") {
    problem const p;
    model_type a = make_model(), b = make_model(), c = make_model();
    history const h = compile(a, mse{}, adam{}, mae{}).fit(p.x, p.y, p.x, p.y, in_order);
    auto batches = p.batches(4);
    history const g =
        compile(b, mse{}, adam{}, mae{}).fit(batches, p.x, p.y, {.epochs = 3, .verbose = 0});
    CHECK(weights(a) == weights(b));
    for (auto const& [name, values] : h)
        if (name.starts_with("val_"))
            for (std::size_t k = 0; k < 3; ++k) // batches of another size are added up otherwise
                CHECK(g[name][k] == doctest::Approx(values[k]).epsilon(1e-14));
        else
            CHECK(g[name] == values);
    auto t = compile(c, mse{}, adam{}, mae{});
    history const f = t.fit(batches, batches, {.epochs = 3, .verbose = 0});
    CHECK(weights(a) == weights(c));
    CHECK(f["val_loss"] == h["val_loss"]);
    // class weights are for training only
    auto still = compile(c, mse{}, sgd{.learning_rate = 0});
    history const weighted =
        still.fit(batches, batches, {.verbose = 0, .class_weight = {{0, 7.0}, {1, 5.0}}});
    CHECK(weighted["val_loss"][0] == still.evaluate(batches)["loss"]);
    CHECK(weighted["loss"][0] > 3 * weighted["val_loss"][0]);
    CHECK(t.evaluate(batches)["loss"] == doctest::Approx(t.evaluate(p.x, p.y)["loss"]));
}

TEST_CASE("a range's own weights and lengths; a range made as it goes") {
    problem const p;
    std::vector<double> const factors{1, 0, 2, 0.5, 1, 3, 1, 0, 0.25, 1};
    std::vector<std::size_t> const lengths{5, 4, 3, 5, 1, 2, 5, 5, 4, 5};
    model_type a = make_model(), b = make_model();
    fit_options options = in_order;
    options.sample_weight = factors;
    options.lengths = lengths;
    compile(a, mse{}, adam{}).fit(p.x, p.y, options);
    auto batches = p.batches<weighted_batch>(4);
    std::size_t row = 0;
    for (auto& batch : batches)
        for (std::size_t k = 0; k < batch.x.shape()[0]; ++k, ++row) {
            batch.sample_weight.push_back(factors[row]);
            batch.lengths.push_back(lengths[row]);
        }
    compile(b, mse{}, adam{}).fit(batches, {.epochs = 3, .verbose = 0});
    CHECK(weights(a) == weights(b));
}

TEST_CASE("a range builds a model of dynamic width; wrong batches are named") {
    problem const p;
    sequential model{input<dynamic, double>{}, gru<2>{}, dense<2>{}};
    auto t = compile(model, mse{}, adam{});
    auto batches = p.batches(4);
    t.fit(batches, {.verbose = 0});
    CHECK(model.features() == 3);
    std::next(batches.begin())->y = xt::xtensor<double, 2>({4, 3});
    CHECK_THROWS_WITH_AS(
        t.fit(batches, {.verbose = 0}),
        "batch 2 of the range: y must have shape (4, 2), as the model's output for "
        "this x, but has (4, 3)",
        shape_error);
    std::list<labelled_batch> none;
    CHECK_THROWS_WITH_AS(t.fit(none, {.verbose = 0}), "fit: epoch 1: the range of batches is empty",
                         value_error);
    CHECK_THROWS_AS(t.fit(batches, {.verbose = 0, .validation_split = 0.5}), value_error);
}

TEST_CASE("sample weights: a factor of the loss, the mean over the number of rows, as in Keras") {
    problem const p;
    sequential model{input<3, double>{}, gru<3>{}, dense<2>{}};
    auto t = compile(model, mse{}, sgd{.learning_rate = 0}, mae{});
    std::vector<double> const factors{1, 0, 2, 0.5, 1, 3, 1, 0, 0.25, 1};
    xt::xtensor<double, 2> const out = model.predict(p.x);
    double loss = 0, absolute = 0;
    for (std::size_t r = 0; r < 10; ++r)
        for (std::size_t k = 0; k < 2; ++k) {
            loss += factors[r] * std::pow(out(r, k) - p.y(r, k), 2) / 20;
            absolute += std::abs(out(r, k) - p.y(r, k)) / 20;
        }
    fit_options options = in_order;
    options.sample_weight = factors;
    history const h = t.fit(p.x, p.y, options);
    CHECK(h["loss"][0] == doctest::Approx(loss).epsilon(1e-13));
    CHECK(h["mean_absolute_error"][0] == doctest::Approx(absolute).epsilon(1e-13)); // no weights
    CHECK(t.evaluate(p.x, p.y, {.sample_weight = factors})["loss"] ==
          doctest::Approx(loss).epsilon(1e-13));
    // a row of weight 2 moves the weights as that row twice, at half the mean
    auto twice = model, weighted = model;
    xt::xtensor<double, 3> const x2 = xt::concatenate(xt::xtuple(p.x_of(0, 3), p.x_of(2, 3)));
    xt::xtensor<double, 2> const y2 = xt::concatenate(xt::xtuple(p.y_of(0, 3), p.y_of(2, 3)));
    compile(twice, mse{}, sgd{.learning_rate = 0.04}).fit(x2, y2, in_order);
    std::vector<double> const two{1, 1, 2};
    options.sample_weight = two;
    compile(weighted, mse{}, sgd{.learning_rate = 0.03}).fit(p.x_of(0, 3), p.y_of(0, 3), options);
    CHECK(difference(weights(twice), weights(weighted)) <= 1e-15);
    CHECK(difference(weights(model), weights(weighted)) > 1e-4);
}

TEST_CASE("weights of steps; class weights; what is refused") {
    auto const x = support::tensor<double, 3>({3, 4, 2}, 1);
    auto const y = support::tensor<double, 3>({3, 4, 1}, 2);
    sequential model{input<2, double>{}, gru<3, return_sequences>{}, dense<1>{}};
    auto t = compile(model, mae{}, sgd{.learning_rate = 0});
    std::vector<double> factors(12);
    for (std::size_t k = 0; k < 12; ++k)
        factors[k] = static_cast<double>(k % 5);
    xt::xtensor<double, 3> const out = model.predict(x);
    double loss = 0;
    for (std::size_t k = 0; k < 12; ++k)
        loss += factors[k] * std::abs(out.data()[k] - y.data()[k]) / 12;
    CHECK(t.evaluate(x, y, {.batch_size = 2, .sample_weight = factors})["loss"] ==
          doctest::Approx(loss).epsilon(1e-13));
    CHECK_THROWS_WITH_AS(
        t.evaluate(x, y, {.sample_weight = std::span(factors).first(5)}),
        "evaluate: sample_weight must have 3 entries, one a row, or 12, one a step, not 5",
        shape_error);

    xt::xtensor<double, 1> const labels{0, 1, 1, 0, 2, 1};
    auto const rows = support::tensor<double, 3>({6, 4, 2}, 3);
    sequential one{input<2, double>{}, gru<3>{}, dense<1>{}};
    sequential other = one;
    std::vector<double> const as_rows{1, 3, 3, 1, 0.5, 3};
    fit_options by_class = in_order, by_row = in_order;
    by_class.class_weight = {{1, 3.0}, {2, 0.5}};
    by_row.sample_weight = as_rows;
    compile(one, mse{}, adam{}).fit(rows, labels, by_class);
    compile(other, mse{}, adam{}).fit(rows, labels, by_row);
    CHECK(weights(one) == weights(other));
    by_class.sample_weight = as_rows;
    CHECK_THROWS_WITH_AS(compile(one, mse{}, adam{}).fit(rows, labels, by_class),
                         "fit: give sample_weight or class_weight, not both", value_error);
    // of several outputs the largest is the class
    xt::xtensor<double, 2> const one_hot{{1, 0}, {0, 1}, {0, 1}, {1, 0}, {1, 0}, {0, 1}};
    std::vector<double> const hot{1, 3, 3, 1, 1, 3};
    sequential two{input<2, double>{}, gru<3>{}, dense<2>{}};
    sequential three = two;
    by_class.sample_weight = {};
    by_row.sample_weight = hot;
    compile(two, mse{}, adam{}).fit(rows, one_hot, by_class);
    compile(three, mse{}, adam{}).fit(rows, one_hot, by_row);
    CHECK(weights(two) == weights(three));
}

TEST_CASE("truncated backpropagation: steps of an optimizer on pieces, with the states carried") {
    auto const x = support::tensor<double, 3>({5, 11, 3}, 1);
    auto const y = support::tensor<double, 3>({5, 11, 2}, 2);
    sequential model{input<3, double>{}, lstm<4, return_sequences>{}, dense<2>{}};
    sequential by_hand = model;
    history const h = compile(model, mse{}, adam{})
                          .fit(x, y,
                               {.epochs = 2,
                                .batch_size = 3,
                                .verbose = 0,
                                .shuffle = false,
                                .truncated_bptt_steps = 4});
    // the same by a stateful fit of batches that are the pieces
    auto t = compile(by_hand, mse{}, adam{});
    for (int epoch = 0; epoch < 2; ++epoch)
        for (std::size_t const row : {0u, 3u}) {
            struct piece {
                xt::xtensor<double, 3> x, y;
            };
            std::list<piece> pieces;
            for (std::size_t const step : {0u, 4u, 8u}) {
                std::size_t const rows = std::min<std::size_t>(row + 3, 5);
                std::size_t const steps = std::min<std::size_t>(step + 4, 11);
                pieces.push_back({xt::view(x, xt::range(row, rows), xt::range(step, steps)),
                                  xt::view(y, xt::range(row, rows), xt::range(step, steps))});
            }
            t.fit(pieces, {.verbose = 0, .stateful = true});
        }
    CHECK(t.steps() == 12);
    CHECK(weights(model) == weights(by_hand));
    // pieces as long as the rows: no truncation
    sequential one{input<3, double>{}, lstm<4, return_sequences>{}, dense<2>{}};
    sequential two = one;
    compile(one, mse{}, adam{}).fit(x, y, {.verbose = 0, .truncated_bptt_steps = 11});
    compile(two, mse{}, adam{}).fit(x, y, {.verbose = 0});
    CHECK(weights(one) == weights(two));
    sequential last{input<3, double>{}, lstm<4>{}, dense<2>{}};
    xt::xtensor<double, 2> const ends = xt::view(y, xt::all(), 10, xt::all());
    CHECK_THROWS_WITH_AS(
        compile(last, mse{}, adam{}).fit(x, ends, {.verbose = 0, .truncated_bptt_steps = 4}),
        "fit: truncated_bptt_steps needs a target for each step: a model that returns sequences",
        value_error);
}
