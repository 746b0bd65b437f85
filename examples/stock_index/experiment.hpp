// SPDX-License-Identifier: BSD-3-Clause
//
// The thirteen models behind one interface without templates, so that the study is compiled without
// them. Each family has a file of its own, which keeps every compilation small.
#pragma once

#include "pipeline.hpp"
#include "results.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stock_index {

/// The rows that one fit reads.
struct fit_data {
    xt::xtensor<float, 3> x_fit, x_test, x_val;
    xt::xtensor<float, 1> y_fit, y_test, y_val;
};

/// The parts of a data set; the model is fitted on `fitted` (in that order).
fit_data take_parts(dataset const& from, data::row_indices const& fitted);

/// Share of the label 1.
double share_of_ones(xt::xtensor<float, 1> const& labels);

/// What is known of a model without fitting it.
struct model_facts {
    std::size_t parameters = 0;
    std::size_t state_size = 0;
    std::vector<double> ns_per_step;
};

/// How a model is fitted.
struct fit_style {
    std::size_t epochs = 0;
    unsigned seed = 1;
    /// TensorBoard's event files go here, if not empty.
    std::string log_dir{};
    /// Keep the last fifth of the rows for validation, stop when its loss has not fallen for ten epochs,
    /// and go back to the weights of the best of them.
    bool stops_early = false;
};

struct experiment {
    std::string name, family;
    bool fits_all = false;
    std::size_t epochs = 0;
    /// One fit.
    std::function<run_result(fit_data const&, fit_style const&)> run;
    /// Sizes, and the time of a streaming step measured `repeats` times.
    std::function<model_facts(std::size_t features, std::size_t repeats)> measure;
};

std::vector<experiment> lstm_experiments();
std::vector<experiment> gru_experiments();
std::vector<experiment> stacked_lstm_experiments();
std::vector<experiment> stacked_gru_experiments();

/// All thirteen, in the document's order.
std::vector<experiment> all_experiments();

/// An LSTM(4) and a GRU(5) fitted from one seed, and what they do on one window: its last step
/// equation by equation, and every gate, candidate and state over time. `window`: (time, features).
explained_model explain_lstm(fit_data const& rows, xt::xtensor<float, 2> const& window,
                             unsigned seed);
explained_model explain_gru(fit_data const& rows, xt::xtensor<float, 2> const& window,
                            unsigned seed);

} // namespace stock_index
