// SPDX-License-Identifier: BSD-3-Clause
//
// One fit of one model, as a template over the model.
#pragma once

#include "experiment.hpp"
#include "models.hpp"

#include <xrnn/io/tensorboard.hpp>

#include <chrono>
#include <tuple>
#include <type_traits>

namespace stock_index {

namespace detail {

template <class Predictions>
bool is_constant(Predictions const& values) {
    auto const [low, high] = std::minmax_element(values.begin(), values.end());
    return *high - *low <= 1e-6F;
}

/// Numbers that a stream carries from step to step: states times units of each recurrent layer.
template <class... Specs>
constexpr std::size_t state_size(std::type_identity<std::tuple<Specs...>>) {
    auto const of = []<class Spec>(std::type_identity<Spec>) -> std::size_t {
        if constexpr (requires { typename Spec::cell; }) {
            return Spec::cell::states::size * Spec::units;
        } else {
            return 0;
        }
    };
    return (of(std::type_identity<Specs>{}) + ... + 0U);
}

/// tensor_board, where a folder is given.
struct board {
    bool used;
    tensor_board to;

    explicit board(std::string const& folder) : used{!folder.empty()}, to{.log_dir = folder} {}
    void on_train_begin(auto& run) {
        if (used) {
            to.on_train_begin(run);
        }
    }
    void on_epoch_end(auto& run, std::size_t epoch, logs const& values) {
        if (used) {
            to.on_epoch_end(run, epoch, values);
        }
    }
    void on_train_end(auto& run) {
        if (used) {
            to.on_train_end(run);
        }
    }
};

} // namespace detail

/// Fits `model` anew from the seed and evaluates it.
template <class Model>
run_result run_model(Model model, fit_data const& rows, fit_style const& style) {
    model.initialize(style.seed);
    auto trainer = compile(model, mean_squared_error{}, adam{}, accuracy{});
    fit_options const options{.epochs = style.epochs,
                              .batch_size = 32,
                              .verbose = 0,
                              .seed = style.seed,
                              .validation_split = style.stops_early ? 0.2 : 0.0};
    early_stopping stop{.monitor = style.stops_early ? "val_loss" : "loss",
                        .patience = style.stops_early ? 10 : style.epochs, // never
                        .restore_best_weights = style.stops_early};
    history const logged =
        trainer.fit(rows.x_fit, rows.y_fit, options, stop, detail::board{style.log_dir});
    run_result out;
    out.seed = style.seed;
    out.log_dir = style.log_dir;
    out.loss_curve = logged["loss"];
    out.acc_curve = logged["accuracy"];
    out.log_loss = out.loss_curve.back();
    out.log_acc = out.acc_curve.back();
    auto const evaluate = [&](auto const& x, auto const& y, double& loss, double& acc) {
        auto const logs = trainer.evaluate(x, y);
        loss = logs["loss"];
        acc = logs["accuracy"];
    };
    evaluate(rows.x_fit, rows.y_fit, out.train_loss, out.train_acc);
    evaluate(rows.x_test, rows.y_test, out.test_loss, out.test_acc);
    evaluate(rows.x_val, rows.y_val, out.val_loss, out.val_acc);
    out.confusion = to_counts(confusion_matrix(rows.y_val, model.predict(rows.x_val)));
    out.dead = detail::is_constant(model.predict(rows.x_fit));
    return out;
}

/// Sizes of the model with so many features, and the time of one streaming step, `repeats` times.
template <class Model>
model_facts measure_model(Model model, std::size_t features, std::size_t repeats) {
    model.initialize(1);
    model.build(features);
    auto const weights = packed{model};
    auto running = stream{weights};
    model_facts out{
        model.count_params(), detail::state_size(std::type_identity<typename Model::specs>{}), {}};
    std::vector<float> x(features, 0.5F);
    constexpr int steps = 2000;
    float used = 0;
    for (std::size_t repeat = 0; repeat <= repeats; ++repeat) {
        auto const start = std::chrono::steady_clock::now();
        for (int step = 0; step < steps; ++step) {
            used += running.step(x)[0];
            x[0] = 0.5F + 1e-9F * used; // each step waits for the one before it
        }
        std::chrono::duration<double, std::nano> const taken =
            std::chrono::steady_clock::now() - start;
        if (repeat > 0) { // the first warms up
            out.ns_per_step.push_back(taken.count() / steps);
        }
    }
    return out;
}

/// The experiments of one family.
template <class... Entries>
std::vector<experiment> experiments_of(std::tuple<Entries...> const& models) {
    std::vector<experiment> out;
    auto const add = [&](auto const& one) {
        auto const make = one.make;
        out.push_back({one.info.name, one.info.family, one.info.fits_all, one.info.epochs,
                       [make](fit_data const& rows, fit_style const& style) {
                           return run_model(make(), rows, style);
                       },
                       [make](std::size_t features, std::size_t repeats) {
                           return measure_model(make(), features, repeats);
                       }});
    };
    std::apply([&](auto const&... each) { (add(each), ...); }, models);
    return out;
}

} // namespace stock_index
