// SPDX-License-Identifier: BSD-3-Clause
//
// The study: all models over seeds, the claims, the honest variant, and a look inside.
#pragma once

#include "experiment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stock_index {

struct study_options {
    std::string folder;
    int since = 0;
    pipeline_options pipeline{};
    std::string model = "all";
    std::optional<std::size_t> epochs{}; // unset: 5 or 10 by model
    unsigned first_seed = 1;
    unsigned seeds = 10;
    std::optional<int> explain{}; // a date
    std::string log_dir{};        // TensorBoard's event files of the first seed, if not empty
};

/// "random", "leakfree" and so on, as on the command line.
std::string to_text(label_kind kind);
std::string to_text(split_kind kind);
std::string to_text(scaler_kind kind);

/// Runs everything. Models and seeds are divided among the machine's threads; the result does not
/// depend on how many there are. Claims, the small-data runs and the honest variant belong to the
/// whole table and are left out when one model is asked for. Throws value_error, io_error or
/// format_error for options and files that do not fit.
study_result run_study(study_options const& options);

} // namespace stock_index
