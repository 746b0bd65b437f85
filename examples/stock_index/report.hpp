// SPDX-License-Identifier: BSD-3-Clause
//
// Writes what the study found: report.html (one self-contained page), its plots as SVG,
// report.json and history.csv.
#pragma once

#include "results.hpp"

#include <filesystem>
#include <string>

namespace stock_index {

/// Everything found, as JSON; the fields are described in README.md beside this file.
std::string to_json(study_result const& study);

/// One line a model, seed and epoch: model,seed,epoch,loss,accuracy.
std::string history_csv(std::vector<model_result> const& models);

/// Writes all files into `folder` (created when it is missing). Without gnuplot the page has its
/// tables and says what is missing. Throws io_error when a file cannot be written.
void write_report(study_result const& study, std::filesystem::path const& folder);

/// The short page of main.cpp: curves and confusion matrices of the models, self-contained.
void write_page(std::vector<model_result> const& models, std::filesystem::path const& file);

/// Writes `text` to `file`. Throws io_error.
void write_text(std::filesystem::path const& file, std::string const& text);

} // namespace stock_index
