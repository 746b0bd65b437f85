// SPDX-License-Identifier: BSD-3-Clause
//
// From a market to what the models are fitted on: scaling, labels, windows, splits, each in the
// document's way and in the ways that mend it.
#pragma once

#include "market.hpp"

#include <xrnn/data/scaling.hpp>
#include <xrnn/data/split.hpp>
#include <xrnn/data/timeseries.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace stock_index {

/// Which label a window X[i-n .. i-1] gets.
enum class label_kind {
    single,         // labels[i-1]: the last day inside the window; rows dropped for NaN shift it
    document,       // the code as printed: labels of the labels, [i-1]
    single_aligned, // labels[i-1], the labels of dropped rows dropped too
    leakfree        // labels[i], joined by date: the day after the window
};
enum class split_kind { random, chronological };
enum class scaler_kind { all, train }; // the rows that the scaler is fitted on

struct pipeline_options {
    std::string target;
    std::size_t timesteps = 10;
    label_kind label = label_kind::single;
    split_kind split = split_kind::random;
    scaler_kind scaler = scaler_kind::all;
    std::uint64_t split_seed = 22;
};

/// Window numbers of each part, in the order in which rows are taken.
struct parts {
    data::row_indices train, test, val;
};

struct dataset {
    std::size_t merged_rows = 0;
    data::numbers dates;           // of the rows kept
    data::row_indices nan_rows;    // rows of the merged table that are not
    xt::xtensor<double, 2> scaled; // (rows kept, columns)
    xt::xtensor<float, 3> x;       // (windows, timesteps, columns)
    xt::xtensor<float, 1> y;       // (windows)
    parts split;
    double scaled_sum = 0, windows_sum = 0;
};

/// 30 % of the windows go to the rest, 33 % of the rest to the validation part, as the document
/// splits; chronological: the same sizes in time order.
inline parts split_windows(std::size_t windows, split_kind kind, std::uint64_t seed) {
    auto const shuffle = kind == split_kind::random;
    auto const first = data::train_test_split(
        windows, {.test_size = 0.3, .random_state = seed, .shuffle = shuffle});
    auto const second = data::train_test_split(
        first.test.size(), {.test_size = 0.33, .random_state = seed, .shuffle = shuffle});
    return {first.train, data::take(first.test, second.train), data::take(first.test, second.test)};
}

namespace detail {

/// Each kept day's label: the target's file has that day, or the row would have held a NaN.
inline data::numbers labels_by_date(market const& from, std::string const& target,
                                    data::numbers const& labels, data::numbers const& dates) {
    std::unordered_map<double, double> by_date;
    auto const target_dates = from.dates_of(target);
    for (std::size_t i = 0; i < target_dates.size(); ++i) {
        by_date[target_dates[i]] = labels[i];
    }
    data::numbers aligned;
    for (double const date : dates) {
        aligned.push_back(by_date.at(date));
    }
    return aligned;
}

/// The labels as windows() takes them: entry k belongs to row k, or so the document believes.
inline data::numbers labels_of_rows(market const& from, pipeline_options const& options,
                                    data::numbers const& dates) {
    auto labels = label(from.close(options.target));
    if (options.label == label_kind::single_aligned || options.label == label_kind::leakfree) {
        return labels_by_date(from, options.target, labels, dates);
    }
    if (options.label == label_kind::document) {
        labels = label(labels);
    }
    if (labels.size() + 1 < dates.size()) {
        throw xrnn::value_error{
            "the labels single and document are paired with the rows by position, and '" +
            options.target + "' gives " + std::to_string(labels.size()) + " labels for " +
            std::to_string(dates.size()) + " rows: use single-aligned or leakfree"};
    }
    return labels;
}

/// Rows that lie in a training window.
inline data::row_indices training_rows(data::row_indices const& windows, std::size_t timesteps,
                                       std::size_t rows) {
    std::vector<bool> used(rows, false);
    for (auto const window : windows) {
        for (std::size_t step = 0; step < timesteps; ++step) {
            used[window + step] = true;
        }
    }
    data::row_indices out;
    for (std::size_t row = 0; row < rows; ++row) {
        if (used[row]) {
            out.push_back(row);
        }
    }
    return out;
}

template <class Array>
double sum_of(Array const& values) {
    double sum = 0;
    for (double const value : values) {
        sum += value;
    }
    return sum;
}

} // namespace detail

/// The whole way from the merged table to windows, labels and parts. given: the parts, if not those of
/// the options. Throws value_error for an unknown target or too few rows to make windows and three
/// parts of.
inline dataset prepare(market const& from, pipeline_options const& options,
                       parts const* given = nullptr) {
    dataset out;
    auto const values = from.values();
    auto const kept = data::complete_rows(values);
    out.merged_rows = values.shape()[0];
    out.dates = data::take(from.dates(), kept);
    out.nan_rows = nan_rows(values);
    if (kept.size() < options.timesteps + 5) {
        throw xrnn::value_error{"windows of " + std::to_string(options.timesteps) +
                                " days in three parts need at least " +
                                std::to_string(options.timesteps + 5) + " complete rows, and " +
                                std::to_string(kept.size()) + " of " +
                                std::to_string(out.merged_rows) + " merged rows are complete"};
    }
    out.split = given != nullptr ? *given
                                 : split_windows(kept.size() - options.timesteps, options.split,
                                                 options.split_seed);
    data::min_max_scaler scaler;
    if (options.scaler == scaler_kind::train) {
        xt::xtensor<double, 2> const complete = data::take(values, kept);
        scaler.fit(data::take(
            complete, detail::training_rows(out.split.train, options.timesteps, kept.size())));
        out.scaled = scaler.transform(complete);
    } else {
        out.scaled = data::drop_nan_rows(scaler.fit_transform(values));
    }
    auto const labels = detail::labels_of_rows(from, options, out.dates);
    data::window_options const ahead{.horizon = options.label == label_kind::leakfree ? 1U : 0U};
    auto [x, y] = data::windows(out.scaled, labels, options.timesteps, ahead);
    out.scaled_sum = detail::sum_of(out.scaled);
    out.windows_sum = detail::sum_of(x);
    out.x = xt::cast<float>(x);
    out.y = xt::cast<float>(y);
    return out;
}

} // namespace stock_index
