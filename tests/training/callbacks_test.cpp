// SPDX-License-Identifier: BSD-3-Clause
//
// Each callback against Keras's documented behaviour: tables of values per epoch and what is decided,
// and random cases by its rules restated (tests/reference/make_callbacks.py).
#include <doctest/doctest.h>

#include <xrnn/training/trainer.hpp>

#include "reference/callbacks.hpp"
#include "support/callback_run.hpp"
#include "support/errors.hpp"
#include "support/models.hpp"

using namespace xrnn;
using support::message_of;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A fit whose logs are given: calls what fit calls. The weights are the number of the epoch.
struct fake_run : callback_run {
    struct fake_model {
        std::vector<double> weights{-1};
        std::span<double> flat() { return weights; }
    } network;
    fake_model& model() { return network; }
};

/// Epochs that were run.
template <class Callback>
std::size_t go(Callback& callback, fake_run& run, std::string const& monitor,
               std::vector<double> const& values) {
    run.stop_training = false;
    std::size_t epoch = 0;
    callback.on_train_begin(run);
    for (; epoch < values.size() && !run.stop_training; ++epoch) {
        run.network.weights[0] = static_cast<double>(epoch);
        logs now;
        now.at_or_add("loss") = 1;
        now.at_or_add(monitor) = values[epoch];
        callback.on_epoch_end(run, epoch, now);
    }
    if constexpr (requires { callback.on_train_end(run); })
        callback.on_train_end(run);
    return epoch;
}

auto make_model() {
    return sequential{input<2>{}, gru<3>{}, dense<1, sigmoid>{}};
}
struct problem {
    xt::xtensor<float, 3> x = support::tensor<float, 3>({12, 4, 2}, 1);
    xt::xtensor<float, 1> y = support::tensor<float, 1>({12}, 2, 0, 1);
};

struct recorder {
    std::vector<std::vector<float>>* to;
    void on_epoch_end(auto& run, std::size_t, logs const& values) {
        CHECK(values.contains("learning_rate")); // of the callback before
        to->emplace_back(run.model().flat().begin(), run.model().flat().end());
    }
};
struct stop_early {
    void on_train_batch_end(auto& run, std::size_t batch) {
        run.stop_training = batch == 0 && run.epoch() == 1;
    }
};

} // namespace

TEST_CASE("early_stopping: when it stops, which epoch was the best, whose weights stay") {
    struct row {
        early_stopping settings;
        std::vector<double> values;
        std::size_t epochs, stopped, best;
        double weights; // the epoch whose weights are there in the end
    };
    early_stopping const least{.monitor = "val_loss"}, most{.monitor = "val_accuracy"};
    auto const with = [](early_stopping e, auto const& change) {
        change(e);
        return e;
    };
    using es = early_stopping;
    std::vector<row> const table{
        // patience 0: the first epoch that does not improve, but not the very first
        {least, {3, 2, 1, 1, 0}, 4, 3, 2, 3},
        {least, {3, 3}, 2, 1, 0, 1},
        {most, {1, 2, 3, 2, 4}, 4, 3, 2, 3},
        // patience: so many epochs without improvement
        {with(least, [](es& e) { e.patience = 1; }), {3, 2, 2, 1}, 3, 2, 1, 2},
        {with(least, [](es& e) { e.patience = 3; }), {3, 2, 2, 2, 1, 2, 2, 2, 0}, 8, 7, 4, 7},
        {with(least, [](es& e) { e.patience = 3; }), {3, 2, 2, 2}, 4, 0, 1, 3},
        // min_delta of either sign: what counts as an improvement
        {with(least, [](es& e) { e.min_delta = 0.5; }), {3, 2.6, 2}, 2, 1, 0, 1},
        {with(least, [](es& e) { e.min_delta = -0.5; }), {3, 2.6, 2}, 2, 1, 0, 1},
        {with(least, [](es& e) { e.min_delta = 0.5; }), {3, 2.4, 1.8}, 3, 0, 2, 2},
        {with(most, [](es& e) { e.min_delta = 0.5; }), {1, 1.6, 2}, 3, 2, 1, 2},
        // mode says the direction
        {with(least, [](es& e) { e.mode = "max"; }), {1, 2, 3, 2}, 4, 3, 2, 3},
        {with(most, [](es& e) { e.mode = "min"; }), {3, 2, 3}, 3, 2, 1, 2},
        // without beating the baseline the patience is not begun anew
        {with(least,
              [](es& e) {
                  e.patience = 2;
                  e.baseline = 1.0;
              }),
         {5, 4, 3, 2, 3, 1},
         5,
         4,
         3,
         4},
        {with(least,
              [](es& e) {
                  e.patience = 2;
                  e.baseline = 3.0;
              }),
         {5, 2, 2.5, 2.5, 1},
         4,
         3,
         1,
         3},
        // restore_best_weights, also when training ends by itself
        {with(least,
              [](es& e) {
                  e.patience = 1;
                  e.restore_best_weights = true;
              }),
         {3, 1, 2, 2},
         3,
         2,
         1,
         1},
        {with(least,
              [](es& e) {
                  e.patience = 5;
                  e.restore_best_weights = true;
              }),
         {3, 1, 2, 2},
         4,
         0,
         1,
         1},
        {with(most,
              [](es& e) {
                  e.patience = 5;
                  e.restore_best_weights = true;
              }),
         {1, 2, 3},
         3,
         0,
         2,
         2},
        // epochs before start_from_epoch are not looked at
        {with(least, [](es& e) { e.start_from_epoch = 3; }), {0, 5, 6, 4, 3, 3}, 6, 5, 4, 5},
        {with(least,
              [](es& e) {
                  e.start_from_epoch = 2;
                  e.restore_best_weights = true;
                  e.patience = 9;
              }),
         {0, 1, 3, 4},
         4,
         0,
         2,
         2},
        // NaN is no improvement; the first weights are the best until there is one
        {with(least,
              [](es& e) {
                  e.patience = 2;
                  e.restore_best_weights = true;
              }),
         {not_a_number, not_a_number, not_a_number},
         2,
         1,
         0,
         0},
        {with(least, [](es& e) { e.patience = 2; }), {2, not_a_number, 1, 3, 3}, 5, 4, 2, 4},
    };
    for (std::size_t k = 0; k < table.size(); ++k) {
        CAPTURE(k);
        row const& r = table[k];
        early_stopping callback = r.settings;
        fake_run run;
        CHECK(go(callback, run, callback.monitor, r.values) == r.epochs);
        CHECK(callback.stopped_epoch == r.stopped);
        CHECK(callback.best_epoch == r.best);
        CHECK(run.network.weights[0] == r.weights);
        // an object may be used again: nothing of the first fit is left
        CHECK(go(callback, run, callback.monitor, r.values) == r.epochs);
        CHECK(callback.best_epoch == r.best);
    }
}

TEST_CASE("early_stopping: random cases") {
    for (auto const& c : callback_reference::early_stopping) {
        early_stopping callback{.min_delta = c.min_delta,
                                .patience = c.patience,
                                .mode = c.more_is_better ? "max" : "min",
                                .start_from_epoch = c.start_from_epoch};
        if (c.has_baseline)
            callback.baseline = c.baseline;
        fake_run run;
        std::size_t const epochs = go(callback, run, "val_loss", c.values);
        CHECK(epochs ==
              (c.stopped < 0 ? c.values.size() : static_cast<std::size_t>(c.stopped) + 1));
        CHECK(callback.best_epoch == c.best_epoch);
    }
}

TEST_CASE("reduce_lr_on_plateau: the rate after each epoch") {
    struct row {
        reduce_lr_on_plateau settings;
        std::vector<double> values, rates; // from 1 on
    };
    std::vector<row> const table{
        {{.factor = 0.5, .patience = 2}, {3, 3, 3, 3, 3}, {1, 1, 0.5, 0.5, 0.25}},
        {{.factor = 0.5, .patience = 1}, {3, 2, 1, 1, 0.5, 0.5}, {1, 1, 1, 0.5, 0.5, 0.25}},
        // min_delta: a smaller change is none
        {{.factor = 0.5, .patience = 1, .min_delta = 0.1}, {3, 2.95, 2.8}, {1, 0.5, 0.5}},
        // cooldown: epochs after a reduction that do not count
        {{.factor = 0.5, .patience = 1, .cooldown = 2},
         {3, 3, 3, 3, 3, 3},
         {1, 0.5, 0.5, 0.25, 0.25, 0.125}},
        {{.factor = 0.5, .patience = 2, .cooldown = 2},
         {3, 3, 3, 3, 3, 3, 3},
         {1, 1, 0.5, 0.5, 0.5, 0.25, 0.25}},
        // min_lr: a floor
        {{.factor = 0.1, .patience = 1, .min_lr = 0.05}, {3, 3, 3, 3}, {1, 0.1, 0.05, 0.05}},
        // what improves upwards
        {{.monitor = "val_accuracy", .factor = 0.5, .patience = 1}, {1, 2, 2}, {1, 1, 0.5}},
        {{.factor = 0.5, .patience = 1, .mode = "max"}, {1, 2, 2}, {1, 1, 0.5}},
        {{.factor = 0.5, .patience = 1}, {1, not_a_number, 0.5}, {1, 0.5, 0.5}},
    };
    for (std::size_t k = 0; k < table.size(); ++k) {
        CAPTURE(k);
        reduce_lr_on_plateau callback = table[k].settings;
        fake_run run;
        run.rate = 1;
        callback.on_train_begin(run);
        for (std::size_t epoch = 0; epoch < table[k].values.size(); ++epoch) {
            logs values;
            values.at_or_add(callback.monitor) = table[k].values[epoch];
            double const before = run.rate;
            callback.on_epoch_end(run, epoch, values);
            CHECK(values["learning_rate"] == before); // the one that the epoch had
            CHECK(run.rate == doctest::Approx(table[k].rates[epoch]).epsilon(1e-14));
        }
    }
    fake_run run;
    reduce_lr_on_plateau wrong{.factor = 1};
    CHECK(message_of<value_error>([&] { wrong.on_train_begin(run); }) ==
          "reduce_lr_on_plateau: factor must be more than 0 and less than 1, not 1.000000");
}

TEST_CASE("reduce_lr_on_plateau: random cases") {
    for (auto const& c : callback_reference::reduce_lr) {
        reduce_lr_on_plateau callback{.factor = c.factor,
                                      .patience = c.patience,
                                      .mode = c.more_is_better ? "max" : "min",
                                      .min_delta = c.min_delta,
                                      .cooldown = c.cooldown,
                                      .min_lr = c.min_lr};
        fake_run run;
        run.rate = 0.01;
        callback.on_train_begin(run);
        for (std::size_t epoch = 0; epoch < c.values.size(); ++epoch) {
            logs values;
            values.at_or_add("val_loss") = c.values[epoch];
            callback.on_epoch_end(run, epoch, values);
            CHECK(run.rate == doctest::Approx(c.rates[epoch]).epsilon(1e-14));
        }
    }
}

TEST_CASE("a name that is not logged: a word on stderr, and on it goes") {
    fake_run run;
    early_stopping callback{.monitor = "val_nothing", .mode = "min"};
    CHECK(go(callback, run, "val_loss", {1, 2, 3}) == 3);
    CHECK(callback.stopped_epoch == 0);
}

TEST_CASE("the direction: of metrics and losses it is known, of others it must be said") {
    problem const p;
    auto model = make_model();
    auto t = compile(model, mse{}, adam{}, accuracy{}, mae{});
    fit_options const options{.epochs = 1, .verbose = 0, .validation_split = 0.25};
    early_stopping loss{.monitor = "loss"}, accurate{.monitor = "val_accuracy"},
        error{.monitor = "mean_absolute_error"};
    t.fit(p.x, p.y, options, loss, accurate, error);
    CHECK(loss.direction == -1);
    CHECK(accurate.direction == 1);
    CHECK(error.direction == -1);
    CHECK(message_of<value_error>(
              [&] { t.fit(p.x, p.y, options, early_stopping{.monitor = "reward"}); }) ==
          "early_stopping: whether more or less of \"reward\" is better is not known; set mode to "
          "\"max\" or \"min\"");
    CHECK(message_of<value_error>([&] {
              t.fit(p.x, p.y, options, early_stopping{.mode = "up"});
          }) == "early_stopping: mode must be \"auto\", \"min\" or \"max\", not \"up\"");
}

TEST_CASE("in a fit: early stopping restores the best weights, the rate falls, the order counts") {
    problem const p;
    auto model = make_model();
    auto t = compile(model, mse{}, sgd{.learning_rate = 50}, accuracy{}); // does not converge
    std::vector<std::vector<float>> weights;
    early_stopping stop{.monitor = "loss", .patience = 2, .restore_best_weights = true};
    history const h = t.fit(p.x, p.y, {.epochs = 50, .batch_size = 4, .verbose = 0},
                            reduce_lr_on_plateau{.monitor = "loss", .factor = 0.9, .patience = 1},
                            recorder{&weights}, stop);
    REQUIRE(h["loss"].size() == stop.stopped_epoch + 1);
    REQUIRE(stop.stopped_epoch == stop.best_epoch + 2);
    CHECK(h["learning_rate"].size() == h["loss"].size());
    CHECK(std::equal(model.flat().begin(), model.flat().end(), weights[stop.best_epoch].begin()));
    CHECK(*std::min_element(h["loss"].begin(), h["loss"].end()) == h["loss"][stop.best_epoch]);
}

TEST_CASE("learning_rate_scheduler: the epoch and the rate so far, into the history") {
    problem const p;
    auto model = make_model();
    auto t = compile(model, mse{}, sgd{.learning_rate = 0.5});
    history const h = t.fit(p.x, p.y, {.epochs = 4, .verbose = 0},
                            learning_rate_scheduler{[](std::size_t epoch, double rate) {
                                return epoch < 2 ? rate : rate * 0.1;
                            }});
    CHECK(h["learning_rate"][1] == 0.5);
    CHECK(h["learning_rate"][2] == 0.5 * 0.1);
    CHECK(h["learning_rate"][3] == 0.5 * 0.1 * 0.1);
    CHECK(t.learning_rate() == h["learning_rate"][3]);
    auto u = compile(model, mse{}, sgd{.learning_rate = exponential_decay{0.1, 10, 0.5}});
    CHECK_THROWS_AS(u.fit(p.x, p.y, {.verbose = 0},
                          learning_rate_scheduler{[](std::size_t, double rate) { return rate; }}),
                    value_error);
    CHECK_THROWS_AS(u.fit(p.x, p.y, {.verbose = 0}, reduce_lr_on_plateau{.monitor = "loss"}),
                    value_error);
}

TEST_CASE("lambda_callback: every hook, in order; stop_training ends in the middle of an epoch") {
    problem const p;
    auto model = make_model();
    auto t = compile(model, mse{}, adam{});
    std::string seen;
    lambda_callback const all{
        .on_epoch_begin = [&](std::size_t e) { seen += "E" + std::to_string(e); },
        .on_epoch_end =
            [&](std::size_t e, logs const& values) {
                seen += "e" + std::to_string(e);
                CHECK(values.contains("val_loss"));
            },
        .on_train_begin = [&] { seen += "T"; },
        .on_train_end = [&] { seen += "t"; },
        .on_train_batch_begin = [&](std::size_t b) { seen += "B" + std::to_string(b); },
        .on_train_batch_end =
            [&](std::size_t b, logs const& values) {
                seen += "b" + std::to_string(b);
                CHECK(values.contains("loss"));
                CHECK_FALSE(values.contains("val_loss"));
            }};
    fit_options const options{.epochs = 2, .batch_size = 5, .verbose = 0, .validation_split = 0.25};
    auto copy = all;
    t.fit(p.x, p.y, options, copy);
    CHECK(seen == "TE0B0b0B1b1e0E1B0b0B1b1e1t");
    seen.clear();
    history const h = t.fit(p.x, p.y, options, copy, stop_early{});
    CHECK(seen == "TE0B0b0B1b1e0E1B0b0e1t");
    CHECK(h["loss"].size() == 2);
    // hooks that are not given are not missed
    seen.clear();
    t.fit(p.x, p.y, options, lambda_callback{.on_train_end = [&] { seen += "t"; }});
    CHECK(seen == "t");
}

TEST_CASE("accumulated gradients: so many equal batches make one step of a batch of all") {
    auto const x = support::tensor<double, 3>({24, 4, 2}, 1);
    auto const y = support::tensor<double, 2>({24, 1}, 2);
    sequential big{input<2, double>{}, lstm<3>{}, dense<1>{}};
    sequential small = big;
    fit_options options{.epochs = 3, .batch_size = 12, .verbose = 0, .shuffle = false};
    auto one = compile(big, mse{}, adam{.learning_rate = 0.01});
    auto four =
        compile(small, mse{}, adam{.learning_rate = 0.01, .gradient_accumulation_steps = 4});
    history const h = one.fit(x, y, options);
    options.batch_size = 3;
    history const g = four.fit(x, y, options);
    CHECK(one.steps() == 6);
    CHECK(four.steps() == 6);
    double worst = 0;
    for (std::size_t k = 0; k < big.flat().size(); ++k)
        worst = std::max(worst, std::abs(big.flat()[k] - small.flat()[k]));
    MESSAGE("accumulated gradients: largest difference ", worst);
    CHECK(worst <= 1e-14);
    CHECK(g["loss"][2] == doctest::Approx(h["loss"][2]).epsilon(1e-12));
    // what is begun at the end of an epoch is ended in the next
    auto five = compile(small, mse{}, sgd{.gradient_accumulation_steps = 5});
    five.fit(x, y, {.epochs = 5, .batch_size = 8, .verbose = 0});
    CHECK(five.steps() == 3);
}
