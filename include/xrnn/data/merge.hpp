// SPDX-License-Identifier: BSD-3-Clause
//
// Joining two frames on a key column as pandas.merge does.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/frame.hpp>
#include <xrnn/errors.hpp>

namespace xrnn::data {

/// Which keys the result of a merge has: inner, those in both frames; left or right, those of one
/// frame in its order; outer, all of them, sorted.
enum class join { inner, left, right, outer };

/// What is appended to a column name that both frames have (the key apart).
struct merge_suffixes {
    std::string left = "_x";
    std::string right = "_y";
};

namespace detail {

/// A row of the result: the rows it comes from.
struct joined_row {
    std::optional<std::size_t> left, right;
};

/// Equal keys get equal numbers; missing numeric keys (NaN) are equal to one another, as in pandas.
struct key_codes {
    std::vector<std::size_t> left, right;
    std::size_t count = 0;              ///< codes run from 0 to count - 1 ...
    std::vector<std::size_t> ascending; ///< ... and so they are sorted: numbers or bytes, NaN last
};

template <class Key>
bool key_less(Key const& a, Key const& b) {
    if constexpr (std::is_same_v<Key, double>)
        return std::isnan(b) ? !std::isnan(a) : a < b;
    else
        return a < b;
}

template <class Key>
key_codes encode_keys(std::vector<Key> const& left, std::vector<Key> const& right) {
    key_codes codes;
    std::unordered_map<Key, std::size_t> known;
    std::optional<std::size_t> nan_code;
    std::vector<Key> distinct;
    auto const code_of = [&](Key const& key) {
        if constexpr (std::is_same_v<Key, double>)
            if (std::isnan(key)) { // never equal to itself, so a map would not find it again
                if (!nan_code) {
                    nan_code = distinct.size();
                    distinct.push_back(key);
                }
                return *nan_code;
            }
        auto const [found, is_new] = known.try_emplace(key, distinct.size());
        if (is_new)
            distinct.push_back(key);
        return found->second;
    };
    for (Key const& key : left)
        codes.left.push_back(code_of(key));
    for (Key const& key : right)
        codes.right.push_back(code_of(key));
    codes.count = distinct.size();
    for (std::size_t code = 0; code < codes.count; ++code)
        codes.ascending.push_back(code);
    std::sort(codes.ascending.begin(), codes.ascending.end(),
              [&](std::size_t a, std::size_t b) { return key_less(distinct[a], distinct[b]); });
    return codes;
}

XRNN_WHEN_CALLED std::vector<row_indices> rows_by_code(std::vector<std::size_t> const& codes,
                                                       std::size_t count) {
    std::vector<row_indices> rows(count);
    for (std::size_t row = 0; row < codes.size(); ++row)
        rows[codes[row]].push_back(row);
    return rows;
}

/// For each row of one side, in order, its partners on the other; {row, none} without any.
XRNN_WHEN_CALLED std::vector<std::pair<std::size_t, std::optional<std::size_t>>>
pair_rows(std::vector<std::size_t> const& codes, std::vector<row_indices> const& partners) {
    std::vector<std::pair<std::size_t, std::optional<std::size_t>>> pairs;
    for (std::size_t row = 0; row < codes.size(); ++row) {
        if (partners[codes[row]].empty())
            pairs.emplace_back(row, std::nullopt);
        for (std::size_t const partner : partners[codes[row]])
            pairs.emplace_back(row, partner);
    }
    return pairs;
}

XRNN_WHEN_CALLED std::vector<joined_row> join_outer(key_codes const& codes) {
    std::vector<row_indices> const left = rows_by_code(codes.left, codes.count);
    std::vector<row_indices> const right = rows_by_code(codes.right, codes.count);
    std::vector<joined_row> rows;
    for (std::size_t const code : codes.ascending) {
        for (std::size_t const l : left[code]) {
            if (right[code].empty())
                rows.push_back({l, std::nullopt});
            for (std::size_t const r : right[code])
                rows.push_back({l, r});
        }
        if (left[code].empty())
            for (std::size_t const r : right[code])
                rows.push_back({std::nullopt, r});
    }
    return rows;
}

XRNN_WHEN_CALLED std::vector<joined_row> join_rows(key_codes const& codes, join how) {
    if (how == join::outer)
        return join_outer(codes);
    std::vector<joined_row> rows;
    if (how == join::right) {
        for (auto const& [r, l] : pair_rows(codes.right, rows_by_code(codes.left, codes.count)))
            rows.push_back({l, r});
        return rows;
    }
    for (auto const& [l, r] : pair_rows(codes.left, rows_by_code(codes.right, codes.count)))
        if (how == join::left || r)
            rows.push_back({l, r});
    return rows;
}

/// Cells of the result: from `column` where `side` names a row, else missing.
XRNN_WHEN_CALLED cells joined_cells(cells const& column, std::vector<joined_row> const& rows,
                                    std::optional<std::size_t> joined_row::*side) {
    return with_values(column, [&](auto const& source) {
        using values = std::remove_cvref_t<decltype(source)>;
        typename values::value_type missing{};
        if constexpr (std::is_same_v<values, numbers>)
            missing = std::numeric_limits<double>::quiet_NaN();
        values result;
        result.reserve(rows.size());
        for (joined_row const& row : rows)
            result.push_back(row.*side ? source[*(row.*side)] : missing);
        return cells(std::move(result));
    });
}

XRNN_WHEN_CALLED cells joined_key(cells const& left, cells const& right,
                                  std::vector<joined_row> const& rows) {
    return with_values(left, [&](auto const& source) {
        using values = std::remove_cvref_t<decltype(source)>;
        values const& other = *std::get_if<values>(&right);
        values result;
        result.reserve(rows.size());
        for (joined_row const& row : rows)
            result.push_back(row.left ? source[*row.left] : other[*row.right]);
        return cells(std::move(result));
    });
}

} // namespace detail

/// Joins two frames on the column `on` (numeric or text), as pandas.merge(left, right, on=, how=):
/// the left frame's columns first, then the right's without the key. Rows: inner and left in the
/// left frame's order, right in the right frame's, outer sorted by key (missing keys last). A key
/// that comes twice multiplies: every left row meets every right row. Missing cells are NaN or "";
/// missing numeric keys match one another. Throws value_error when a frame lacks the key, when the
/// key is text in one frame only, or when two columns get the same name.
XRNN_WHEN_CALLED frame merge(frame const& left, frame const& right, std::string_view on,
                             join how = join::inner, merge_suffixes const& suffixes = {}) {
    if (left.is_text(on) != right.is_text(on))
        throw value_error(messages::text(
            {"merge: the key '", on, "' is text in one frame and numeric in the other"}));
    detail::key_codes const codes = left.is_text(on)
                                        ? detail::encode_keys(left.text(on), right.text(on))
                                        : detail::encode_keys(left[on], right[on]);
    std::vector<detail::joined_row> const rows = detail::join_rows(codes, how);
    frame result;
    for (std::string const& name : left.names()) {
        if (name == on)
            result.add(name, detail::joined_key(left.at(on), right.at(on), rows));
        else
            result.add(right.has(name) ? name + suffixes.left : name,
                       detail::joined_cells(left.at(name), rows, &detail::joined_row::left));
    }
    for (std::string const& name : right.names())
        if (name != on)
            result.add(left.has(name) ? name + suffixes.right : name,
                       detail::joined_cells(right.at(name), rows, &detail::joined_row::right));
    return result;
}

} // namespace xrnn::data
