// SPDX-License-Identifier: BSD-3-Clause
//
// The document's claims, each measured over seeds and judged by one stated rule.
#pragma once

#include "results.hpp"

#include <string>
#include <vector>

namespace stock_index {

/// The rule that every verdict follows, in words.
std::string claim_rule();

/// Share of all pairs (one value of each) in which `a` lies above `b`, ties counted half: 0.5 for
/// equal distributions. NaN when either is empty.
double share_above(std::vector<double> const& a, std::vector<double> const& b);

/// "holds", "fails" or "within the spread of seeds" for the shares of one claim's comparisons.
std::string verdict_of(std::vector<double> const& shares);

/// Every claim whose models were run, in the document's order.
std::vector<judged_claim> judge_claims(study_result const& study);

/// A few sentences: what the document's numbers are worth, with this run's own figures.
std::vector<std::string> what_it_is_worth(study_result const& study);

} // namespace stock_index
