// SPDX-License-Identifier: BSD-3-Clause
//
// Gradient checks of many models: T = 1, 2, 7, 20, batches of 1 and 3, rows of one and of different
// length, every parameter, input and initial state. A kink (relu at 0, a cut-off) within reach of the differences would make these wrong,
// not the gradient; so a configuration that fails is tried with other random numbers, and a wrong
// gradient fails all of them.
#pragma once

#include <doctest/doctest.h>

#include <xrnn/training/gradient_check.hpp>

#include "support/models.hpp"

namespace support {

struct gradient_totals {
    std::size_t configurations = 0, derivatives = 0, repeated = 0;
    double worst = 0;
    double step = 1e-3;       // of the differences
    std::size_t longest = 20; // sequence
};

inline constexpr double gradient_tolerance = 1e-7;

/// One configuration. targets: (batch, units) or (batch, time, units) of a loss's kind. lengths: of the
/// rows, or none; what lies behind them is NaN.
template <class Model, class Loss, class Targets>
void check_gradient(Model& model, Loss loss, std::size_t time, std::size_t batch,
                    Targets const& targets, gradient_totals& totals, int attempts,
                    std::vector<std::size_t> const& lengths = {}) {
    xrnn::gradient_report report;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        std::uint64_t const seed = 100 * time + 10 * batch + static_cast<std::uint64_t>(attempt);
        randomize(model, seed);
        auto x = tensor<double, 3>({batch, time, model.features()}, seed + 1);
        for (std::size_t row = 0; row < lengths.size(); ++row)
            xt::view(x, row, xt::range(lengths[row], time), xt::all()) = std::nan("");
        report = xrnn::gradient_check(model, loss, x, targets(time, batch),
                                      {.step = totals.step, .seed = seed, .lengths = lengths});
        totals.derivatives += report.checked;
        if (report.max_error <= gradient_tolerance)
            break;
        ++totals.repeated;
    }
    INFO("T = ", time, ", batch ", batch, lengths.empty() ? ", " : " of different lengths, ",
         report.worst, ": analytic ", report.analytic, ", numeric ", report.numeric);
    CHECK(report.max_error <= gradient_tolerance);
    totals.worst = std::max(totals.worst, report.max_error);
    ++totals.configurations;
}

/// Random targets in [0, 1] of the shape of the model's output.
template <class Model>
auto random_targets() {
    return [](std::size_t time, std::size_t batch) {
        if constexpr (Model::output_shape.sequence)
            return tensor<double, 3>({batch, time, Model::output_shape.features}, 5, 0, 1);
        else
            return tensor<double, 2>({batch, Model::output_shape.features}, 5, 0, 1);
    };
}

/// All T, batches and lengths. attempts: 1 for smooth models.
template <class Model, class Loss = xrnn::mean_squared_error>
void check_gradients(std::string const& what, Model model, gradient_totals& totals,
                     int attempts = 1, Loss loss = {}) {
    CAPTURE(what);
    for (std::size_t const time : {1u, 2u, 7u, 20u})
        for (std::size_t const batch : {1u, 3u})
            if (time <= totals.longest) {
                auto const targets = random_targets<Model>();
                check_gradient(model, loss, time, batch, targets, totals, attempts);
                std::vector<std::size_t> lengths{time - 1};
                if (batch == 3)
                    lengths = {time, 0, (time + 1) / 2};
                if (time > 1)
                    check_gradient(model, loss, time, batch, targets, totals, attempts, lengths);
            }
}

inline void tell(gradient_totals const& totals) {
    MESSAGE(totals.configurations, " configurations, ", totals.derivatives,
            " derivatives, largest error ", totals.worst, ", repeated for kinks ", totals.repeated);
}

} // namespace support
