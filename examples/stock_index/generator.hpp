// SPDX-License-Identifier: BSD-3-Clause
//
// A made-up market of the document's exact shape, for the tests: 18 files of 12 columns (8 of them
// numbers beside the date), 238 days after 20210523, and one day that one file lacks, so that the
// table goes (238, 145) -> (237, 145) -> (227, 10, 145) as the document prints it.
#pragma once

#include "text.hpp"

#include <xrnn/errors.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace stock_index {

struct generator_options {
    unsigned seed = 1;
    std::size_t files = 18;
    std::size_t rows = 238;       // days after `since`
    std::size_t rows_before = 20; // days up to and including `since`
    std::optional<std::size_t> gap =
        100;                     // the day (counted from `since`) that the first file lacks
    std::size_t empty_files = 0; // further files that hold a header only
};

struct generated_market {
    std::filesystem::path folder;
    std::string target;
    int since;
};

namespace detail {

/// Sum of uniforms instead of std::normal_distribution: the same numbers with every library.
inline double noise(std::mt19937_64& engine) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
        sum += static_cast<double>(engine() >> 11) * 0x1p-53;
    }
    return sum;
}

inline int yyyymmdd(std::chrono::sys_days day) {
    auto const date = std::chrono::year_month_day{day};
    return int{date.year()} * 10000 + static_cast<int>(unsigned{date.month()}) * 100 +
           static_cast<int>(unsigned{date.day()});
}

/// Trading days (Saturday to Wednesday): `before` of them up to 2021-05-23, then `after` more.
inline std::vector<int> trading_days(std::size_t before, std::size_t after) {
    using namespace std::chrono;
    auto const open = [](sys_days day) {
        auto const weekday_ = weekday{day};
        return weekday_ != Thursday && weekday_ != Friday;
    };
    constexpr auto since = sys_days{year{2021} / 5 / 23};
    std::vector<int> days;
    for (auto day = since; days.size() < before; day -= std::chrono::days{1}) {
        if (open(day)) {
            days.insert(days.begin(), yyyymmdd(day));
        }
    }
    for (auto day = since + std::chrono::days{1}; days.size() < before + after;
         day += std::chrono::days{1}) {
        if (open(day)) {
            days.push_back(yyyymmdd(day));
        }
    }
    return days;
}

inline void write_utf16le(std::filesystem::path const& path, std::string_view ascii) {
    std::ofstream file{path, std::ios::binary};
    for (char const c : ascii) {
        file.put(c).put('\0');
    }
    if (!file.flush()) {
        throw xrnn::io_error{"cannot write " + path.string()};
    }
}

} // namespace detail

inline constexpr std::string_view generated_header =
    "<TICKER>,<DTYYYYMMDD>,<FIRST>,<HIGH>,<LOW>,<CLOSE>,<VALUE>,<VOL>,<PER>,<OPEN>,<LAST>,<Name>\n";

/// Writes the market into `folder` (created when it is missing) and says what to read it with.
/// All instruments follow one common random walk with a slight rise, and a walk of their own.
/// Throws io_error when a file cannot be written.
inline generated_market write_market(std::filesystem::path const& folder,
                                     generator_options options = {}) {
    std::filesystem::create_directories(folder);
    auto const days = detail::trading_days(options.rows_before, options.rows);
    std::mt19937_64 engine{options.seed};
    std::vector<double> common(days.size());
    for (double& step : common) {
        step = 0.001 + 0.008 * detail::noise(engine);
    }
    for (std::size_t file = 0; file < options.files; ++file) {
        auto const number = std::to_string(100 + file).substr(1);
        // The last but one is the index that the labels come from, as in the document.
        auto const stem =
            file + 2 == options.files ? std::string{"IRX6XTPI0009"} : "IRX6X" + number + "T0000";
        auto const last = file + 1 == options.files;
        std::string text{generated_header};
        double previous = 20000 * (1 + static_cast<double>(file));
        for (std::size_t day = 0; day < days.size(); ++day) {
            double const close = previous * std::exp(common[day] + 0.006 * detail::noise(engine));
            double const high = std::max(previous, close) * 1.002;
            double const low = std::min(previous, close) * 0.998;
            double const volume = 1e6 * std::exp(0.3 * detail::noise(engine));
            if (!(file == 0 && options.gap && day == options.rows_before + *options.gap)) {
                text += "T" + number + "," + std::to_string(days[day]);
                for (double const value : {previous, high, low, close, volume * close, volume}) {
                    text.append(",").append(fixed(value, 0));
                }
                text += ",D," + fixed(previous, 0) + "," + fixed(close, 0) + ",Made-up " + number +
                        "\n";
            }
            previous = close;
        }
        detail::write_utf16le(folder / ((last ? "IRXZX" + number + "T0000" : stem) + ".csv"), text);
    }
    for (std::size_t file = 0; file < options.empty_files; ++file) {
        detail::write_utf16le(folder / ("IRX6XE" + std::to_string(file) + ".csv"),
                              generated_header);
    }
    return {folder, "IRX6XTPI0009", 20210523};
}

} // namespace stock_index
