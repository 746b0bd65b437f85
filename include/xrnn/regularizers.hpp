// SPDX-License-Identifier: BSD-3-Clause
//
// What training adds to the loss for a weight tensor's size, and how large it may become: settings of
// layers, by Keras's names and defaults. A layer that only predicts or streams has no use for them.
#pragma once

#include <xrnn/config.hpp>

namespace xrnn {

/// l1·sum |w| + l2·sum w², added once to the mean loss of a batch. Made by l1, l2 and l1_l2.
struct regularizer {
    double l1 = 0.0;
    double l2 = 0.0;
};

/// l1·sum |w|; the derivative at 0 is 0. Keras's L1.
struct l1 {
    double value = 0.01;
    constexpr operator regularizer() const { return {value, 0}; }
};

/// l2·sum w². Keras's L2.
struct l2 {
    double value = 0.01;
    constexpr operator regularizer() const { return {0, value}; }
};

/// Both. Keras's L1L2.
struct l1_l2 {
    double l1 = 0.0;
    double l2 = 0.0;
    constexpr operator regularizer() const { return {l1, l2}; }
};

/// How long each column of a weight matrix may become, or a vector as a whole; 0: as long as it likes.
/// Made by max_norm.
struct constraint {
    double max_norm = 0.0;
};

/// After each step of the optimizer each column w of a matrix, or a vector, becomes
/// w·min(‖w‖, max_value) / (‖w‖ + 1e-7). Keras's MaxNorm with axis=0.
struct max_norm {
    double max_value = 2.0;
    constexpr operator constraint() const { return {max_value}; }
};

/// What training does to one parameter tensor of a layer beside following its gradient.
struct parameter_rule {
    regularizer penalty{};
    constraint bound{};
};
} // namespace xrnn
