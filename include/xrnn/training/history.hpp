// SPDX-License-Identifier: BSD-3-Clause
//
// What training returns, and how it is asked for. Plain values, outside the instruction-set
// namespace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/errors.hpp>

namespace xrnn {

/// Values by name, in the order in which they were added: logs["loss"].
template <class Value>
class named_values {
  public:
    /// Throws value_error, naming what there is.
    XRNN_COLD Value const& operator[](std::string_view name) const {
        std::string known;
        for (auto const& [key, value] : entries_) {
            if (key == name)
                return value;
            known.append(known.empty() ? "" : ", ").append(key);
        }
        throw value_error(
            messages::text({"no \"", name, "\" here; there are ", known.empty() ? "none" : known}));
    }
    XRNN_COLD Value& at_or_add(std::string_view name) {
        for (auto& [key, value] : entries_)
            if (key == name)
                return value;
        return entries_.emplace_back(std::string(name), Value{}).second;
    }
    bool contains(std::string_view name) const {
        for (auto const& entry : entries_)
            if (entry.first == name)
                return true;
        return false;
    }
    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

  private:
    std::vector<std::pair<std::string, Value>> entries_;
};

/// Loss and metrics of one evaluation: logs["loss"], logs["accuracy"].
using logs = named_values<double>;

/// What to do with a batch whose loss or gradient is not finite. It never reaches the weights.
enum class non_finite_policy {
    stop,                // fit throws non_finite_error
    skip_batch,          // no step for this batch, and no part in the epoch's means
    halve_learning_rate, // skip it, and go on with half the learning rate
};

/// A batch whose loss or gradient was not finite, and what was done.
struct training_event {
    std::size_t epoch = 0; // from 0
    std::size_t batch = 0; // from 0
    bool loss = true;      // false: the loss was finite, the gradient was not
    non_finite_policy action = non_finite_policy::stop;
    double learning_rate = 0; // afterwards

    /// "epoch 1, batch 3: the loss was not finite; skipped the batch"
    std::string text() const {
        char const* const done = action == non_finite_policy::stop ? "stopped"
                                 : action == non_finite_policy::skip_batch
                                     ? "skipped the batch"
                                     : "halved the learning rate";
        return messages::text({"epoch ", epoch + 1, ", batch ", batch + 1, ": the ",
                               loss ? "loss" : "gradient", " was not finite; ", done});
    }
    friend bool operator==(training_event const&, training_event const&) = default;
};

/// Loss and metrics of each epoch: history["loss"], history["val_loss"]. As in Keras these are means
/// over the batches of the epoch while the weights change, with dropout on; `evaluate` afterwards
/// gives other numbers.
struct history : named_values<std::vector<double>> {
    std::vector<training_event> events; // batches that were not finite

    std::size_t epochs() const { return size() == 0 ? 0 : begin()->second.size(); }
};

/// Thrown by fit under non_finite_policy::stop, with what the epochs before have logged.
struct non_finite_error : value_error {
    non_finite_error(std::string const& what, history so_far)
        : value_error(what), logged(std::move(so_far)) {}
    history logged; // its last event is what this is about
};

/// Keyword arguments of `fit`, with Keras's names and defaults.
struct fit_options {
    std::size_t epochs = 1;
    std::size_t batch_size = 32;
    int verbose = 1;               // 1: progress; 2: one line an epoch; 0: silent
    bool shuffle = true;           // anew before each epoch, by `seed`
    std::uint64_t seed = 0;        // of shuffling and dropout: the same seed, the same bits
    std::size_t threads = 1;       // of a training step; the bits do not depend on it. Needs OpenMP
    double validation_split = 0.0; // this fraction at the end of the data is kept for validation
    /// Rows of different length: the steps of each row that count, or empty if all do. What lies behind
    /// them is not looked at: states are carried, and neither loss nor gradient depends on it.
    std::span<std::size_t const> lengths = {};
    std::span<std::size_t const> validation_lengths = {}; // of validation data of its own
    /// Row k of a batch goes on where row k of the batch before has ended; zero states at the beginning
    /// of an epoch. Gradients do not reach back into the batch before. Needs shuffle = false and a
    /// multiple of batch_size rows.
    bool stateful = false;
    /// Truncated backpropagation through time: if not 0, each batch of rows is gone through in pieces of
    /// so many steps, each with an optimizer step of its own; states are carried from piece to piece,
    /// gradients are not. Needs a model that returns sequences. Source: Williams and Peng 1990.
    std::size_t truncated_bptt_steps = 0;
    /// A factor for the loss of each row, or of each step of each row (rows x time, row by row); the mean
    /// is still taken over the number of rows, as in Keras. Empty: all 1.
    std::span<double const> sample_weight = {};
    std::span<double const> validation_sample_weight = {}; // of validation data of its own
    /// A factor for the loss of rows of a class, {{0, 1.0}, {1, 3.0}}; 1 for classes not named. The class
    /// is the target itself, or the place of the largest of several. Not beside sample_weight.
    std::map<std::size_t, double> class_weight = {};
    non_finite_policy non_finite = non_finite_policy::stop;
};

/// Keyword arguments of `evaluate`.
struct evaluate_options {
    std::size_t batch_size = 32;
    std::span<std::size_t const> lengths = {};  // as in fit_options
    bool stateful = false;                      // as in fit_options
    std::span<double const> sample_weight = {}; // as in fit_options
};

} // namespace xrnn
