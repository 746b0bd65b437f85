// SPDX-License-Identifier: BSD-3-Clause
//
// What is measured: the shapes that xrnn and its peers run alike, and what each must cost at least.
// A benchmark is called system/suite/case, e.g. xrnn/step/lstm/in=1/H=8.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace cases {

using std::size_t;

/// One streaming step, batch 1: a recurrent layer of H units and dense(1).
struct step {
    size_t features;
    size_t units;
};
inline constexpr std::array step_cases{step{1, 8},   step{1, 16},  step{1, 24},   step{1, 32},
                                       step{1, 40},  step{1, 64},  step{1, 80},   step{1, 128},
                                       step{1, 256}, step{145, 4}, step{145, 16}, step{145, 64}};
/// So many different inputs, one after the other, make a block: one iteration.
inline constexpr size_t step_block = 16;
/// Steps over which the output of rounded weights is compared with that of full ones.
inline constexpr size_t error_steps = 10'000;

/// A whole sequence, every output kept: a recurrent layer of H units alone.
struct sequence {
    size_t batch;
    size_t units;
    size_t time = 100;
    size_t features = 16;
};
inline constexpr std::array<size_t, 5> sequence_units{32, 64, 128, 256, 512};
inline constexpr std::array<size_t, 2> sequence_batches{1, 32};

/// How the cost of a sequence grows: H = 64 with one of the two varied.
inline constexpr size_t growth_units = 64;
inline constexpr std::array<size_t, 8> growth_times{1, 3, 10, 30, 100, 300, 1000, 3000};
inline constexpr std::array<size_t, 8> growth_batches{2, 4, 8, 16, 32, 64, 128, 256};

/// One training step: forward, mean squared error, backward, Adam. Recurrent layers (the last
/// returns its last step), then dense layers with ReLU but for the last; 0 is no layer.
struct training {
    char const* name;
    bool gru;
    size_t features, batch, time;
    std::array<size_t, 2> recurrent;
    std::array<size_t, 2> dense;
};
inline constexpr std::array training_cases{
    training{"lstm_4", false, 145, 32, 10, {4, 0}, {1, 0}},
    training{"lstm_16_8_4", false, 145, 32, 10, {16, 8}, {4, 1}},
    training{"lstm_64_32_8", false, 145, 32, 10, {64, 32}, {8, 1}},
    training{"gru_128_8_16", true, 145, 32, 10, {128, 8}, {16, 1}},
    training{"lstm_128", false, 32, 64, 50, {128, 0}, {1, 0}},
    training{"lstm_256_256", false, 64, 64, 50, {256, 256}, {1, 0}}};

inline std::string name(step const& c) {
    return "in=" + std::to_string(c.features) + "/H=" + std::to_string(c.units);
}
inline std::string name(sequence const& c) {
    return "batch=" + std::to_string(c.batch) + "/H=" + std::to_string(c.units);
}
inline std::string growth_name(sequence const& c) {
    return name(c) + "/T=" + std::to_string(c.time);
}

/// What an item costs at least: floating point operations (a multiplication and an addition are
/// two), bytes of weights that must be read, and the bytes which all weights take, whose size tells
/// from which cache they come. Activations and additions of biases are not counted.
struct cost {
    double flop;
    double bytes;
    double weights;
};

inline constexpr size_t gates(bool gru) {
    return gru ? 3 : 4;
}

/// Parameters of a recurrent layer. (A GRU's two biases, as in Keras, are kept apart for one of its
/// three products only; counting one is the lower bound.)
constexpr double parameters(bool gru, size_t features, size_t units) {
    return static_cast<double>(gates(gru) * units * (features + units + 1));
}

/// Per step. `weight_size` is the size in bytes of a stored weight of the recurrent layer; its biases
/// and the head stay floats.
constexpr cost cost_of(step const& c, bool gru, double weight_size = 4) {
    double const head = static_cast<double>(c.units + 1);
    double const products = static_cast<double>(gates(gru) * c.units * (c.features + c.units));
    double const biases = parameters(gru, c.features, c.units) - products;
    double const bytes = weight_size * products + 4 * (biases + head);
    return {2 * (products + static_cast<double>(c.units)), bytes, bytes};
}

/// Per step and row: a step reads the recurrent weights once for all rows, a sequence the input's.
constexpr cost cost_of(sequence const& c, bool gru, double weight_size = 4) {
    double const own = static_cast<double>(gates(gru) * c.units);
    double const w = own * static_cast<double>(c.features), u = own * static_cast<double>(c.units);
    double const rows = static_cast<double>(c.batch), steps = static_cast<double>(c.time);
    return {2 * (w + u), weight_size * (u / rows + w / (rows * steps)), weight_size * (w + u)};
}

/// Per training step. Each product of the forward pass has two in the backward pass, but the
/// gradient of the model's input is not needed. Bytes: the recurrent weights once a step forward
/// and backward, and Adam's four reads and three writes of each parameter.
constexpr cost cost_of(training const& c) {
    double flop = 0, recurrent_weights = 0, all = 0;
    size_t in = c.features;
    double const rows = static_cast<double>(c.batch), steps = static_cast<double>(c.time);
    for (size_t const units : c.recurrent)
        if (units > 0) {
            double const own = static_cast<double>(gates(c.gru) * units);
            double const w = own * static_cast<double>(in), u = own * static_cast<double>(units);
            bool const first = in == c.features && all == 0;
            flop += 2 * rows * steps * (3 * u + (first ? 2 : 3) * w);
            recurrent_weights += u;
            all += parameters(c.gru, in, units);
            in = units;
        }
    for (size_t const units : c.dense)
        if (units > 0) {
            flop += 2 * rows * 3 * static_cast<double>(in * units);
            all += static_cast<double>((in + 1) * units);
            in = units;
        }
    return {flop, 4 * 2 * steps * recurrent_weights + 4 * 7 * all, 4 * all};
}

} // namespace cases
