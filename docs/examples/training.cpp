// SPDX-License-Identifier: BSD-3-Clause
//
// The code of docs/training.md, compiled and run.
#include <xrnn/data/cross_validation.hpp>
#include <xrnn/data/prefetch.hpp>
#include <xrnn/data/timeseries_dataset.hpp>
#include <xrnn/io/checkpoint.hpp>
#include <xrnn/io/csv_logger.hpp>
#include <xrnn/io/tensorboard.hpp>
#include <xrnn/xrnn.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>

using namespace xrnn;

// [hook]
/// Stops when the loss falls below a limit.
struct good_enough {
    double limit;

    void on_epoch_end(auto& run, std::size_t epoch, logs const& values) {
        if (values["val_loss"] < limit) {
            std::printf("good enough after %zu epochs\n", epoch + 1);
            run.stop_training = true;
        }
    }
};
// [/hook]

// [stateful_hook]
/// Counts the batches of a training, also over an interruption.
struct batch_counter {
    std::size_t batches = 0;

    void on_train_begin(auto&) { batches = 0; }
    void on_train_batch_end(auto&, std::size_t) { ++batches; }
    void archive(auto& a) { a("batches", batches); }
};
// [/stateful_hook]

namespace {

/// Waves, and whether the next value is above the last.
xt::xtensor<float, 2> make_series(std::size_t rows) {
    xt::xtensor<float, 2> series(std::array<std::size_t, 2>{rows, 2});
    for (std::size_t r = 0; r < rows; ++r) {
        series(r, 0) = std::sin(0.2F * static_cast<float>(r));
        series(r, 1) = std::cos(0.13F * static_cast<float>(r));
    }
    return series;
}

auto make_model() {
    return sequential{input<2>{}, gru<8>{}, dense<1>{}};
}

struct killed {};
struct kill_at {
    std::size_t step;
    void on_train_batch_complete(auto& run, std::size_t) {
        if (run.step() == step)
            throw killed{};
    }
};

} // namespace

int main() {
    xt::xtensor<float, 2> const series = make_series(400);
    auto const [x, y] =
        data::windows<float>(series, xt::view(series, xt::all(), 0), 10, {.horizon = 1});
    std::filesystem::create_directories("training_example");

    // [callbacks]
    auto model = make_model();
    auto trainer = compile(model, mse{}, adam{.learning_rate = 0.01}, mae{});
    early_stopping stop{.min_delta = 1e-4, .patience = 3, .restore_best_weights = true};
    history const h = trainer.fit(x, y, {.epochs = 100, .verbose = 0, .validation_split = 0.2},
                                  stop, reduce_lr_on_plateau{.factor = 0.5, .patience = 2},
                                  csv_logger{.filename = "training_example/log.csv"},
                                  tensor_board{.log_dir = "training_example/logs"});
    bool const stopped = stop.stopped_epoch > 0 && h.epochs() == stop.stopped_epoch + 1;
    // [/callbacks]
    std::printf("stopped early: %s\n", stopped ? "yes" : "no");

    {
        // [own]
        auto again = make_model();
        auto own = compile(again, mse{}, adam{.learning_rate = 0.01});
        own.fit(x, y, {.epochs = 100, .verbose = 0, .validation_split = 0.2}, good_enough{0.01});
        // [/own]
    }

    auto whole = make_model(), interrupted = make_model();
    compile(whole, mse{}, adam{}).fit(x, y, {.epochs = 4, .verbose = 0});
    try {
        compile(interrupted, mse{}, adam{})
            .fit(x, y, {.epochs = 4, .verbose = 0},
                 backup_and_restore{.path = "training_example/backup.safetensors", .save_freq = 1},
                 kill_at{17});
    } catch (killed const&) {
        std::printf("killed at step 17\n");
    }
    interrupted = make_model(); // a program that is started again
    // [backup]
    compile(interrupted, mse{}, adam{})
        .fit(x, y, {.epochs = 4, .verbose = 0},
             backup_and_restore{.path = "training_example/backup.safetensors", .save_freq = 1});
    // [/backup]
    std::printf("the same bits as without the interruption: %s\n",
                std::equal(whole.flat().begin(), whole.flat().end(), interrupted.flat().begin())
                    ? "yes"
                    : "no");

    // [save]
    save(trainer, "training_example/trainer.safetensors");
    load(trainer, "training_example/trainer.safetensors"); // the next fit is a new one
    trainer.fit(x, y, {.epochs = 2, .verbose = 0});
    // [/save]

    {
        // [guard]
        xt::xtensor<float, 3> spoiled = x;
        spoiled(40, 3, 0) = std::nanf("");
        history const logged = trainer.fit(
            spoiled, y,
            {.verbose = 0, .shuffle = false, .non_finite = non_finite_policy::skip_batch});
        for (training_event const& event : logged.events)
            std::printf("%s\n", event.text().c_str());
        // [/guard]
    }

    {
        // [settings]
        sequential regularised{
            input<2>{}, lstm<8>{.kernel_regularizer = l2{1e-4}, .kernel_constraint = max_norm{}},
            dense<1>{}};
        cosine_decay const falling{.initial_learning_rate = 0.0,
                                   .decay_steps = 200,
                                   .warmup_target = 0.01,
                                   .warmup_steps = 20};
        auto careful =
            compile(regularised, huber{}, adamw{.learning_rate = falling, .global_clipnorm = 1.0},
                    mae{}, r2_score{});
        careful.fit(x, y, {.epochs = 2, .verbose = 0});
        // [/settings]
    }

    {
        // [weights]
        std::vector<double> recent(x.shape()[0]);
        for (std::size_t row = 0; row < recent.size(); ++row)
            recent[row] = static_cast<double>(row) / static_cast<double>(recent.size());
        trainer.fit(x, y, {.verbose = 0, .sample_weight = recent});
        // [/weights]
    }

    {
        // [ranges]
        auto const windows = data::timeseries_dataset_from_array(
            series, data::column_ahead{.column = 0, .horizon = 1},
            {.sequence_length = 10, .batch_size = 64, .shuffle = true, .end_index = 300});
        trainer.fit(data::prefetch(windows), {.epochs = 3, .verbose = 0});
        // [/ranges]
    }

    {
        // [truncated]
        xt::xtensor<float, 3> const rows = xt::reshape_view(series, {4, 100, 2});
        sequential each_step{input<2>{}, lstm<8, return_sequences>{}, dense<2>{}};
        auto long_rows = compile(each_step, mse{}, adam{});
        long_rows.fit(rows, rows, {.epochs = 2, .verbose = 0, .truncated_bptt_steps = 25});
        std::printf("steps of the optimizer: %zu\n", long_rows.steps());
        // [/truncated]
    }

    {
        // [cross_validation]
        auto const folds = data::cross_validate(
            x, y, data::time_series_split{.n_splits = 4, .gap = 9},
            [](auto const& x_train, auto const& y_train, auto const& x_test, auto const& y_test) {
                auto fresh = make_model();
                auto fold = compile(fresh, mse{}, adam{.learning_rate = 0.01}, mae{});
                fold.fit(x_train, y_train, {.epochs = 20, .verbose = 0});
                return fold.evaluate(x_test, y_test);
            });
        bool const spread = folds.standard_deviation("mean_absolute_error") > 0;
        // [/cross_validation]
        std::printf("folds: %zu, %s\n", folds.folds.size(), spread ? "they differ" : "all alike");
    }

    batch_counter counted;
    trainer.fit(x, y, {.epochs = 2, .verbose = 0}, counted);
    std::printf("batches: %zu\n", counted.batches);
    std::filesystem::remove_all("training_example");
    return 0;
}
