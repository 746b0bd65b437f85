// SPDX-License-Identifier: BSD-3-Clause
//
// Small helpers for what is printed: numbers without a locale, HTML escapes, order statistics.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stock_index {

/// `value` with `digits` decimals; the same text in every locale.
inline std::string fixed(double value, int digits) {
    std::array<char, 400> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value,
                                   std::chars_format::fixed, digits);
    return {text.data(), end.ptr};
}

/// `text` for HTML: &, <, >, " written as entities.
inline std::string escape_html(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

/// The q-th quantile (0..1) as numpy's percentile computes it: linear between order statistics.
/// NaN for no values.
inline double quantile(std::vector<double> values, double q) {
    if (values.empty()) {
        return std::nan("");
    }
    std::sort(values.begin(), values.end());
    double const position = q * static_cast<double>(values.size() - 1);
    auto const below = static_cast<std::size_t>(position);
    auto const above = std::min(below + 1, values.size() - 1);
    return values[below] + (position - std::floor(position)) * (values[above] - values[below]);
}

inline double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

inline std::string percent(double share) {
    return fixed(100 * share, 0) + " %";
}

/// The accuracy of always giving the more frequent answer.
inline double majority(double always_up) {
    return std::max(always_up, 1 - always_up);
}

} // namespace stock_index
