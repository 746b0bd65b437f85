// SPDX-License-Identifier: BSD-3-Clause
//
// Callbacks by Keras's names, arguments and defaults:
//
//     early_stopping stop{.patience = 5, .restore_best_weights = true};
//     trainer.fit(x, y, {.epochs = 100, .validation_split = 0.2}, stop, csv_logger{"log.csv"});
//     stop.stopped_epoch;
//
// A variable keeps what the callback has found out; a temporary serves as well. How to write one:
// callback_list.hpp. Those that write files: csv_logger.hpp, io/checkpoint.hpp, io/tensorboard.hpp.
#pragma once

#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/training/history.hpp>

namespace xrnn {

namespace callback_detail {

/// Which way is better. mode: "auto", "min" or "max"; run.direction knows the metrics' own. Throws
/// value_error where neither tells.
template <class Run>
int direction_of(Run const& run, std::string const& monitor, std::string const& mode,
                 char const* callback) {
    if (mode == "min")
        return -1;
    if (mode == "max")
        return 1;
    if (mode != "auto")
        throw value_error(messages::text(
            {callback, ": mode must be \"auto\", \"min\" or \"max\", not \"", mode, "\""}));
    int const direction = run.direction(monitor);
    if (direction == 0)
        throw value_error(
            messages::text({callback, ": whether more or less of \"", monitor,
                            "\" is better is not known; set mode to \"max\" or \"min\""}));
    return direction;
}

/// The value that a callback monitors; nothing, and a word on stderr, where it is not logged.
inline std::optional<double> monitored(logs const& values, std::string const& monitor,
                                       char const* callback) {
    if (values.contains(monitor))
        return values[monitor];
    std::string names;
    for (auto const& entry : values)
        names += (names.empty() ? "" : ", ") + entry.first;
    std::fprintf(stderr, "%s: \"%s\" is not logged; there are %s\n", callback, monitor.c_str(),
                 names.c_str());
    return std::nullopt;
}

inline double worst_of(int direction) {
    return -direction * std::numeric_limits<double>::infinity();
}

} // namespace callback_detail

/// Stops when a logged value has not improved for `patience` epochs. An improvement is a change of more
/// than min_delta. With a baseline, only what is better than that starts the patience anew.
/// restore_best_weights puts the weights of the best epoch back at the end of training. Epochs before
/// start_from_epoch are not looked at. Source: Keras's EarlyStopping (version 3).
struct early_stopping {
    std::string monitor = "val_loss";
    double min_delta = 0;
    std::size_t patience = 0;
    int verbose = 0;
    std::string mode = "auto";
    std::optional<double> baseline = {};
    bool restore_best_weights = false;
    std::size_t start_from_epoch = 0;

    // what it has found out
    std::size_t stopped_epoch = 0; // 0: it did not stop
    std::size_t best_epoch = 0;
    double best = 0;
    std::size_t wait = 0;
    std::vector<double> best_weights = {}; // floats are exact in them
    int direction = 0;

    void on_train_begin(auto& run) {
        direction = callback_detail::direction_of(run, monitor, mode, "early_stopping");
        best = callback_detail::worst_of(direction);
        stopped_epoch = best_epoch = wait = 0;
        best_weights.clear();
    }
    void on_epoch_end(auto& run, std::size_t epoch, logs const& values) {
        auto const current = callback_detail::monitored(values, monitor, "early_stopping");
        if (!current || epoch < start_from_epoch)
            return;
        ++wait;
        bool const improved = better(*current, best);
        if (restore_best_weights && (improved || best_weights.empty())) {
            auto const weights = run.model().flat();
            best_weights.assign(weights.begin(), weights.end());
            best_epoch = epoch;
        }
        if (improved) {
            best = *current;
            best_epoch = epoch;
            if (!baseline || better(*current, *baseline))
                wait = 0;
        } else if (wait >= patience && epoch > 0) {
            stopped_epoch = epoch;
            run.stop_training = true;
        }
    }
    void on_train_end(auto& run) {
        if (stopped_epoch > 0 && verbose > 0 && run.first())
            std::printf("Epoch %zu: early stopping\n", stopped_epoch + 1);
        if (best_weights.empty())
            return;
        if (verbose > 0 && run.first())
            std::printf("Restoring model weights from the end of the best epoch: %zu.\n",
                        best_epoch + 1);
        auto const weights = run.model().flat();
        std::transform(best_weights.begin(), best_weights.end(), weights.begin(), [](double w) {
            return static_cast<typename decltype(weights)::value_type>(w);
        });
    }
    void archive(auto& a) {
        a("stopped_epoch", stopped_epoch), a("best_epoch", best_epoch), a("best", best);
        a("wait", wait), a("best_weights", best_weights);
    }

  private:
    bool better(double value, double than) const {
        double const margin = std::abs(min_delta);
        return direction < 0 ? value + margin < than : value - margin > than;
    }
};

/// Multiplies the learning rate by `factor` when a logged value has not improved, by more than
/// min_delta, for `patience` epochs; then waits for `cooldown` epochs. Adds learning_rate to the
/// history. Throws value_error for factor >= 1, or where the rate follows a schedule. Source: Keras's
/// ReduceLROnPlateau, whose "auto" means "max" for names with "acc" only; here the metrics know it.
struct reduce_lr_on_plateau {
    std::string monitor = "val_loss";
    double factor = 0.1;
    std::size_t patience = 10;
    int verbose = 0;
    std::string mode = "auto";
    double min_delta = 1e-4;
    std::size_t cooldown = 0;
    double min_lr = 0;

    // what it has found out
    double best = 0;
    std::size_t wait = 0;
    std::size_t cooldown_counter = 0;
    int direction = 0;

    void on_train_begin(auto& run) {
        if (!(factor > 0 && factor < 1))
            throw value_error(messages::text(
                {"reduce_lr_on_plateau: factor must be more than 0 and less than 1, not ",
                 factor}));
        run.set_learning_rate(run.learning_rate()); // throws where a schedule decides
        direction = callback_detail::direction_of(run, monitor, mode, "reduce_lr_on_plateau");
        best = callback_detail::worst_of(direction);
        wait = cooldown_counter = 0;
    }
    void on_epoch_end(auto& run, std::size_t epoch, logs& values) {
        values.at_or_add("learning_rate") = run.learning_rate();
        auto const current = callback_detail::monitored(values, monitor, "reduce_lr_on_plateau");
        if (!current)
            return;
        if (cooldown_counter > 0) {
            --cooldown_counter;
            wait = 0;
        }
        if (direction < 0 ? *current < best - min_delta : *current > best + min_delta) {
            best = *current;
            wait = 0;
        } else if (cooldown_counter == 0 && ++wait >= patience)
            reduce(run, epoch);
    }
    void archive(auto& a) {
        a("best", best), a("wait", wait), a("cooldown_counter", cooldown_counter);
    }

  private:
    void reduce(auto& run, std::size_t epoch) {
        double const rate = run.learning_rate();
        if (!(rate > min_lr))
            return;
        run.set_learning_rate(std::max(rate * factor, min_lr));
        if (verbose > 0 && run.first())
            std::printf("\nEpoch %zu: reduce_lr_on_plateau reducing learning rate to %g.\n",
                        epoch + 1, run.learning_rate());
        cooldown_counter = cooldown;
        wait = 0;
    }
};

/// Sets the learning rate at the beginning of each epoch to schedule(epoch, rate so far), and adds
/// learning_rate to the history. For a rate that changes with each step give the optimizer a schedule.
/// Source: Keras's LearningRateScheduler.
struct learning_rate_scheduler {
    std::function<double(std::size_t, double)> schedule;
    int verbose = 0;

    void on_epoch_begin(auto& run, std::size_t epoch) {
        double const rate = schedule(epoch, run.learning_rate());
        run.set_learning_rate(rate);
        if (verbose > 0 && run.first())
            std::printf("\nEpoch %zu: learning_rate_scheduler setting learning rate to %g.\n",
                        epoch + 1, rate);
    }
    void on_epoch_end(auto& run, std::size_t, logs& values) {
        values.at_or_add("learning_rate") = run.learning_rate();
    }
};

/// Ends the training, without an error, at a batch whose loss or gradient is not finite. The weights
/// are those before that batch; history.events says where it was. Source: Keras's TerminateOnNaN.
struct terminate_on_nan {
    void on_non_finite(auto& run, training_event const& event) {
        run.stop_training = true;
        if (run.first())
            std::fprintf(stderr, "terminate_on_nan: %s\n", event.text().c_str());
    }
};

struct lambda_callback;

namespace callback_detail {
/// The hooks of a lambda_callback, whose functions bear the hooks' names.
struct lambda_hooks {
    lambda_callback* of;
    void on_train_begin(auto&) const;
    void on_train_end(auto&) const;
    void on_epoch_begin(auto&, std::size_t epoch) const;
    void on_epoch_end(auto&, std::size_t epoch, logs const& values) const;
    void on_train_batch_begin(auto&, std::size_t batch) const;
    void on_train_batch_end(auto& run, std::size_t batch) const;
};
} // namespace callback_detail

/// Functions instead of a type of one's own:
///
///     lambda_callback{.on_epoch_end = [](std::size_t epoch, logs const& values) { ... }}
///
/// Source: Keras's LambdaCallback.
struct lambda_callback {
    std::function<void(std::size_t)> on_epoch_begin = {};
    std::function<void(std::size_t, logs const&)> on_epoch_end = {};
    std::function<void()> on_train_begin = {};
    std::function<void()> on_train_end = {};
    std::function<void(std::size_t)> on_train_batch_begin = {};
    std::function<void(std::size_t, logs const&)> on_train_batch_end = {};

    callback_detail::lambda_hooks hooks() { return {this}; }
};

namespace callback_detail {
void lambda_hooks::on_train_begin(auto&) const {
    if (of->on_train_begin)
        of->on_train_begin();
}
void lambda_hooks::on_train_end(auto&) const {
    if (of->on_train_end)
        of->on_train_end();
}
void lambda_hooks::on_epoch_begin(auto&, std::size_t epoch) const {
    if (of->on_epoch_begin)
        of->on_epoch_begin(epoch);
}
void lambda_hooks::on_epoch_end(auto&, std::size_t epoch, logs const& values) const {
    if (of->on_epoch_end)
        of->on_epoch_end(epoch, values);
}
void lambda_hooks::on_train_batch_begin(auto&, std::size_t batch) const {
    if (of->on_train_batch_begin)
        of->on_train_batch_begin(batch);
}
void lambda_hooks::on_train_batch_end(auto& run, std::size_t batch) const {
    if (of->on_train_batch_end)
        of->on_train_batch_end(batch, run.means());
}
} // namespace callback_detail

} // namespace xrnn
