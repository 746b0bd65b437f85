// SPDX-License-Identifier: BSD-3-Clause
//
// A folder of exchange exports, one CSV file an instrument, as one table by date; and the labels.
#pragma once

#include <xrnn/data/csv.hpp>
#include <xrnn/data/frame.hpp>
#include <xrnn/data/merge.hpp>
#include <xrnn/data/timeseries.hpp>
#include <xrnn/errors.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace stock_index {

namespace data = xrnn::data;

inline constexpr std::string_view date_column = "<DTYYYYMMDD>";
inline constexpr std::string_view close_column = "<CLOSE>";

namespace detail {

/// "<OPEN>" of IRX6X13T0003 becomes "IRX6X13T0003:OPEN"; the date keeps its name, it is the key.
inline data::frame with_file_name(data::frame const& table, std::string const& stem) {
    return table.rename([&](std::string const& name) {
        if (name == date_column) {
            return name;
        }
        auto const bare = name.size() > 2 && name.front() == '<' && name.back() == '>'
                              ? name.substr(1, name.size() - 2)
                              : name;
        return stem + ":" + bare;
    });
}

inline std::string date_range(std::vector<data::named_frame> const& files) {
    double first = std::numeric_limits<double>::infinity();
    double last = -first;
    for (auto const& file : files) {
        for (double const date : file.table[date_column]) {
            first = std::min(first, date);
            last = std::max(last, date);
        }
    }
    return first > last
               ? "the files hold no row"
               : "the files' dates run from " + std::to_string(static_cast<long long>(first)) +
                     " to " + std::to_string(static_cast<long long>(last));
}

} // namespace detail

/// The merged table, and the files it was made from (their rows before `since` too, since the first
/// label looks back by a day).
class market {
  public:
    market(data::frame merged, std::vector<data::named_frame> files, int since)
        : merged_{std::move(merged)}, files_{std::move(files)}, since_{since} {}

    /// First column the date, then every numeric column of every file, in the files' order.
    data::frame const& table() const { return merged_; }
    std::vector<std::string> const& columns() const { return merged_.names(); }
    data::numbers const& dates() const { return merged_[date_column]; }
    int since() const { return since_; }

    /// (rows, columns), the date first.
    xt::xtensor<double, 2> values() const { return merged_.values(); }

    /// The dates after `since` in one file. Throws value_error for a file that is not there.
    data::numbers dates_of(std::string_view stem) const {
        return file(stem).where(date_column,
                                [this](double date) { return date > since_; })[date_column];
    }

    /// The closes after `since` in one file, and before them the last one up to `since` (NaN when
    /// there is none), so that every day after `since` has a close before it.
    data::numbers close(std::string_view stem) const {
        auto const& table = file(stem);
        auto const& all = table[close_column];
        data::numbers closes{std::numeric_limits<double>::quiet_NaN()};
        for (std::size_t row = 0; row < all.size(); ++row) {
            if (table[date_column][row] > since_) {
                closes.push_back(all[row]);
            } else {
                closes.front() = all[row];
            }
        }
        return closes;
    }

  private:
    data::frame const& file(std::string_view stem) const {
        std::string known;
        for (auto const& [name, table] : files_) {
            if (name == stem) {
                return table;
            }
            known += (known.empty() ? "" : ", ") + name;
        }
        throw xrnn::value_error{"there is no file '" + std::string{stem} +
                                ".csv' with rows; the files are " + known};
    }

    data::frame merged_;
    std::vector<data::named_frame> files_;
    int since_;
};

/// Reads every CSV file of `folder` in the order of their names, leaves out empty ones (before and
/// after the rows up to `since` go), drops text columns and merges file after file to the right on
/// the date: the last file's dates win. Throws io_error or format_error for a folder or file that
/// cannot be read, value_error when a file has no date column or no row is left.
inline market read_market(std::filesystem::path const& folder, int since) {
    std::vector<data::named_frame> files;
    std::vector<data::named_frame> recent;
    for (auto const& [stem, table] : data::read_folder(folder)) {
        if (table.empty()) {
            continue;
        }
        if (!table.has(date_column)) {
            throw xrnn::value_error{(folder / (stem + ".csv")).string() + ": expected a column '" +
                                    std::string{date_column} + "' of dates as YYYYMMDD"};
        }
        files.push_back({stem, table.drop_text()});
        auto after =
            files.back().table.where(date_column, [since](double date) { return date > since; });
        if (!after.empty()) {
            recent.push_back({stem, detail::with_file_name(after, stem)});
        }
    }
    if (recent.empty()) {
        throw xrnn::value_error{"no row is later than " + std::to_string(since) + " in " +
                                folder.string() + ": " + detail::date_range(files)};
    }
    data::frame merged = recent.front().table;
    for (std::size_t i = 1; i < recent.size(); ++i) {
        merged = data::merge(merged, recent[i].table, date_column, data::join::right);
    }
    return {std::move(merged), std::move(files), since};
}

/// Rows of a table (rows, columns) that hold a NaN.
inline data::row_indices nan_rows(xt::xtensor<double, 2> const& values) {
    auto const kept = data::complete_rows(values);
    data::row_indices rows;
    for (std::size_t row = 0; row < values.shape()[0]; ++row) {
        if (!std::binary_search(kept.begin(), kept.end(), row)) {
            rows.push_back(row);
        }
    }
    return rows;
}

/// 0 where a value lies below the one before it, else 1: one label fewer than values. As in the
/// document equal values count as a rise, and so does a comparison with NaN.
inline data::numbers label(data::numbers const& values) {
    data::numbers labels;
    for (std::size_t i = 1; i < values.size(); ++i) {
        labels.push_back(values[i] - values[i - 1] < 0 ? 0.0 : 1.0);
    }
    return labels;
}

} // namespace stock_index
