// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>

#include <xrnn/training/history.hpp>

/// What a callback may ask of the fit that calls it, without a model.
struct callback_run {
    double rate = 0.001;
    std::size_t steps = 0;
    bool is_first = true;
    bool stop_training = false;
    xrnn::logs so_far = {}; // of the epoch

    double learning_rate() const { return rate; }
    void set_learning_rate(double value) { rate = value; }
    xrnn::logs means() const { return so_far; }
    std::size_t step() const { return steps; }
    std::size_t epochs() const { return 3; }
    std::size_t batches() const { return 4; }
    bool first() const { return is_first; }
    int direction(std::string_view name) const { return name.ends_with("accuracy") ? 1 : -1; }
};
