// SPDX-License-Identifier: BSD-3-Clause
//
// The study's tables, made once and written as text for the terminal and as HTML for the report.
#pragma once

#include "results.hpp"

#include <string>
#include <vector>

namespace stock_index {

struct table {
    std::string caption;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    bool prose = false; // cells are sentences: left-aligned, one under the other in text
};

table data_table(data_result const& data);
table results_table(study_result const& study);
table claims_table(study_result const& study);
table honest_table(study_result const& study);

/// Accuracies over the folds of a rolling origin, with their spread.
table cross_table(study_result const& study);

std::string to_text(table const& content);
std::string to_html(table const& content);

/// "[[0, 4], [0, 19]]"
std::string confusion_text(matrix_of_counts const& counts);

} // namespace stock_index
