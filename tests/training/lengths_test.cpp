// SPDX-License-Identifier: BSD-3-Clause
//
// Fits of rows of different length, and fits that carry states from batch to batch.
#include <doctest/doctest.h>

#include <xrnn/training/trainer.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

using lengths = std::vector<std::size_t>;
constexpr std::size_t rows = 6, steps = 5, features = 3;

auto sequences_model() {
    auto m = sequential{input<features, double>{}, lstm<4, return_sequences>{}, dense<2>{}};
    support::randomize(m, 3);
    return m;
}

lengths const some_lengths{5, 2, 1, 4, 5, 3};

/// x with `value` behind the end of each row.
xt::xtensor<double, 3> padded_with(double value) {
    auto x = support::tensor<double, 3>({rows, steps, features}, 4);
    for (std::size_t r = 0; r < rows; ++r)
        xt::view(x, r, xt::range(some_lengths[r], steps), xt::all()) = value;
    return x;
}

template <class Model>
std::vector<double> parameters_of(Model const& model) {
    return {model.flat().begin(), model.flat().end()};
}

} // namespace

TEST_CASE("what lies behind the end of a row changes nothing") {
    auto const y = support::tensor<double, 3>({rows, steps, 2}, 5);
    auto other_y = y;
    for (std::size_t r = 0; r < rows; ++r)
        xt::view(other_y, r, xt::range(some_lengths[r], steps), xt::all()) = 1e9;
    auto const fitted = [&](double padding, auto const& targets) {
        auto model = sequences_model();
        auto trainer = compile(model, mean_squared_error{}, adam{}, mean_absolute_error{});
        auto const h = trainer.fit(padded_with(padding), targets,
                                   {.epochs = 3,
                                    .batch_size = 4,
                                    .verbose = 0,
                                    .validation_split = 0.2,
                                    .lengths = some_lengths});
        return std::pair{parameters_of(model), h["val_mean_absolute_error"]};
    };
    auto const expected = fitted(0, y);
    CHECK(fitted(std::nan(""), y) == expected);
    CHECK(fitted(7, other_y) == expected);
}

TEST_CASE("the loss is the mean over the steps that count") {
    auto model = sequences_model();
    auto trainer = compile(model, mean_squared_error{}, adam{});
    auto const x = padded_with(0);
    auto const y = support::tensor<double, 3>({rows, steps, 2}, 5);
    auto const p = model.predict(x, some_lengths);
    double sum = 0, count = 0;
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t t = 0; t < some_lengths[r]; ++t, ++count)
            for (std::size_t k = 0; k < 2; ++k)
                sum += (p(r, t, k) - y(r, t, k)) * (p(r, t, k) - y(r, t, k)) / 2;
    for (std::size_t const batch_size : {1u, 4u, 6u})
        CHECK(trainer.evaluate(x, y, {.batch_size = batch_size, .lengths = some_lengths})["loss"] ==
              doctest::Approx(sum / count).epsilon(1e-13));
}

TEST_CASE("a masking layer and lengths train to the same bits") {
    auto const y = support::tensor<double, 3>({rows, steps, 2}, 5);
    auto by_lengths = sequences_model();
    auto masked =
        sequential{input<features, double>{}, masking{-3}, lstm<4, return_sequences>{}, dense<2>{}};
    std::copy(by_lengths.flat().begin(), by_lengths.flat().end(), masked.flat().begin());
    compile(by_lengths, mean_squared_error{}, adam{})
        .fit(padded_with(-3), y, {.epochs = 2, .verbose = 0, .lengths = some_lengths});
    auto trainer = compile(masked, mean_squared_error{}, adam{});
    trainer.fit(padded_with(-3), y, {.epochs = 2, .verbose = 0});
    CHECK(parameters_of(by_lengths) == parameters_of(masked));
}

TEST_CASE("stateful: chunks of long sequences, one batch after the other, are the whole") {
    // two sequences of 12 steps in chunks of 4: rows are chunk 0 of both, chunk 1 of both, ...
    auto model = sequences_model();
    auto const x = support::tensor<double, 3>({2, 12, features}, 4);
    auto const y = support::tensor<double, 3>({2, 12, 2}, 5);
    xt::xtensor<double, 3> xs(std::array<std::size_t, 3>{6, 4, features});
    xt::xtensor<double, 3> ys(std::array<std::size_t, 3>{6, 4, 2});
    for (std::size_t r = 0; r < 2; ++r)
        for (std::size_t chunk = 0; chunk < 3; ++chunk) {
            auto const part = [&](auto const& of) {
                return xt::view(of, r, xt::range(4 * chunk, 4 * chunk + 4), xt::all());
            };
            xt::view(xs, 2 * chunk + r, xt::all(), xt::all()) = part(x);
            xt::view(ys, 2 * chunk + r, xt::all(), xt::all()) = part(y);
        }
    auto trainer = compile(model, mean_squared_error{}, sgd{.learning_rate = 0});
    double const whole = trainer.evaluate(x, y)["loss"];
    double const apart = trainer.evaluate(xs, ys, {.batch_size = 2})["loss"];
    CHECK(trainer.evaluate(xs, ys, {.batch_size = 2, .stateful = true})["loss"] ==
          doctest::Approx(whole).epsilon(1e-13));
    CHECK(std::abs(whole - apart) > 1e-4);
    auto const h = trainer.fit(
        xs, ys, xs, ys,
        {.epochs = 2, .batch_size = 2, .verbose = 0, .shuffle = false, .stateful = true});
    for (std::size_t epoch = 0; epoch < 2; ++epoch) { // each begins at zero again
        CHECK(h["loss"][epoch] == doctest::Approx(whole).epsilon(1e-13));
        CHECK(h["val_loss"][epoch] == doctest::Approx(whole).epsilon(1e-13));
    }
}

TEST_CASE("lengths and stateful fits that cannot be") {
    auto model = sequences_model();
    auto trainer = compile(model, mean_squared_error{}, adam{});
    auto const x = padded_with(0);
    auto const y = support::tensor<double, 3>({rows, steps, 2}, 5);
    lengths const few{1, 2}, long_ones{1, 2, 3, 4, 5, 6};
    CHECK_THROWS_WITH_AS(trainer.fit(x, y, {.lengths = few}),
                         "fit: lengths must have one value for each of the 6 rows, not 2",
                         shape_error);
    CHECK_THROWS_WITH_AS(trainer.evaluate(x, y, {.lengths = long_ones}),
                         "evaluate: row 5 has 5 steps, so its length cannot be 6", value_error);
    CHECK_THROWS_WITH_AS(
        trainer.fit(x, y, {.stateful = true}),
        "fit: stateful needs shuffle = false: row k of a batch goes on where row k "
        "of the batch before has ended",
        value_error);
    CHECK_THROWS_WITH_AS(
        trainer.fit(x, y, {.batch_size = 4, .shuffle = false, .stateful = true}),
        "fit: stateful needs whole batches, but 6 rows are no multiple of batch_size = 4",
        value_error);
}
