// SPDX-License-Identifier: BSD-3-Clause
//
// What training returns, and how it is asked for. Plain values, outside the instruction-set
// namespace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xrnn/errors.hpp>

namespace xrnn {

/// Values by name, in the order in which they were added: logs["loss"].
template <class Value>
class named_values {
  public:
    /// Throws value_error, naming what there is.
    Value const& operator[](std::string_view name) const {
        std::string known;
        for (auto const& [key, value] : entries_) {
            if (key == name)
                return value;
            known += (known.empty() ? "" : ", ") + key;
        }
        throw value_error("no \"" + std::string(name) + "\" here; there are " +
                          (known.empty() ? "none" : known));
    }
    Value& at_or_add(std::string_view name) {
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

/// Loss and metrics of each epoch: history["loss"], history["val_loss"]. As in Keras these are means
/// over the batches of the epoch while the weights change, with dropout on; `evaluate` afterwards
/// gives other numbers.
using history = named_values<std::vector<double>>;

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
};

/// Keyword arguments of `evaluate`.
struct evaluate_options {
    std::size_t batch_size = 32;
    std::span<std::size_t const> lengths = {}; // as in fit_options
    bool stateful = false;                     // as in fit_options
};

} // namespace xrnn
