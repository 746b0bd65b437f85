// SPDX-License-Identifier: BSD-3-Clause
//
// Writing a table as comma separated values that read_csv reads back unchanged.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/csv.hpp>
#include <xrnn/data/encoding.hpp>
#include <xrnn/data/frame.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/io/files.hpp>

namespace xrnn::data {

namespace detail {

/// The shortest digits that read back as the same double; nothing for NaN.
XRNN_WHEN_CALLED std::string number_text(double value) {
    if (std::isnan(value))
        return {};
    std::array<char, 32> digits{}; // a shortest double takes at most 24 characters
    char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

XRNN_WHEN_CALLED std::string quoted_if_needed(std::string_view field, char separator) {
    std::array<char, 4> const special = {separator, '"', '\n', '\r'};
    bool const is_plain =
        field.find_first_of(special.data(), 0, special.size()) == std::string_view::npos;
    // At the start of a file such a name would be read as the byte order mark.
    if (is_plain && !field.starts_with(utf8_mark))
        return std::string(field);
    std::string quoted = "\"";
    for (char const c : field)
        quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
}

XRNN_WHEN_CALLED std::string cell_text(cells const& column, std::size_t row, char separator) {
    if (auto const* values = std::get_if<numbers>(&column))
        return number_text((*values)[row]);
    return quoted_if_needed(std::get<texts>(column)[row], separator);
}

/// A record of one empty field would be an empty line, which readers skip.
XRNN_WHEN_CALLED void append_record(std::string& text, std::string const& record) {
    text += record.empty() ? "\"\"" : record;
    text += '\n';
}

} // namespace detail

/// The frame as CSV in UTF-8: a line of names, then a line a row, ended by LF. Numbers have the
/// shortest digits that read back as the same double, NaN is an empty cell; texts are quoted where
/// they must be. Throws value_error for a frame without columns or an impossible separator. A text column of which every cell
/// reads as a number comes back as text only when read_csv is told so (csv_options::text_columns).
XRNN_WHEN_CALLED std::string to_csv(frame const& table, char separator = ',') {
    if (table.columns() == 0)
        throw value_error("to_csv: the frame has no columns");
    detail::check_separator(separator);
    std::vector<cells const*> columns;
    std::string text, record;
    for (std::string const& name : table.names()) {
        if (!columns.empty())
            record += separator;
        record += detail::quoted_if_needed(name, separator);
        columns.push_back(&table.at(name));
    }
    detail::append_record(text, record);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        record.clear();
        for (cells const* column : columns) {
            if (column != columns.front())
                record += separator;
            record += detail::cell_text(*column, row, separator);
        }
        detail::append_record(text, record);
    }
    return text;
}

/// Writes to_csv's text, whole or not at all. Throws io_error when the system refuses.
XRNN_WHEN_CALLED void write_csv(std::filesystem::path const& path, frame const& table,
                                char separator = ',') {
    std::string const text = to_csv(table, separator);
    io::write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

} // namespace xrnn::data
