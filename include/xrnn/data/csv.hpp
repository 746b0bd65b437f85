// SPDX-License-Identifier: BSD-3-Clause
//
// Reading and writing tables as comma separated values.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/encoding.hpp>
#include <xrnn/data/frame.hpp>
#include <xrnn/errors.hpp>

namespace xrnn::data {

struct csv_options {
    text_encoding encoding = text_encoding::detect;
    char separator = ',';
    /// Cells that mean "no value", besides empty and blank ones and any spelling of nan.
    std::vector<std::string> missing = {"NA", "N/A", "null", "NULL"};
    /// Columns to keep as text even when every cell is a number (codes such as 00123).
    std::vector<std::string> text_columns = {};
};

namespace detail {

enum class cell_kind { missing, number, text, out_of_range };

struct cell_value {
    cell_kind kind;
    double number;
};

/// A separator may not be part of a number, a quote, a line break or half a UTF-8 character.
XRNN_WHEN_CALLED void check_separator(char separator) {
    if (std::string_view(",;|:\t ").find(separator) == std::string_view::npos)
        throw value_error("csv: the separator must be one of , ; | : tab and space");
}

XRNN_WHEN_CALLED std::string_view without_blanks(std::string_view cell) {
    std::size_t const first = cell.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return cell.substr(first, cell.find_last_not_of(" \t") - first + 1);
}

/// What a cell says; parse_csv documents the rules.
XRNN_WHEN_CALLED cell_value read_cell(std::string_view cell,
                                      std::vector<std::string> const& missing) {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    cell = without_blanks(cell);
    if (cell.empty() || std::find(missing.begin(), missing.end(), cell) != missing.end())
        return {cell_kind::missing, nan};
    std::string_view digits = cell;
    if (digits.front() == '+' && digits.size() > 1 && digits[1] != '-')
        digits.remove_prefix(1); // from_chars takes no plus sign
    double value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end != digits.data() + digits.size() || error == std::errc::invalid_argument ||
        digits.back() == ')') // from_chars knows nan(...), nobody else does
        return {cell_kind::text, nan};
    if (error == std::errc::result_out_of_range)
        return {cell_kind::out_of_range, nan};
    return {std::isnan(value) ? cell_kind::missing : cell_kind::number, value};
}

/// Cuts a text into records of fields (RFC 4180).
class csv_scanner {
  public:
    csv_scanner(std::string_view text, char separator, std::string where)
        : text_(text), separator_(separator), where_(std::move(where)) {}

    /// Reads the next record that is not an empty line; false at the end of the text.
    bool next(std::vector<std::string>& record) {
        while (skip_line_break()) {
        }
        if (at_end())
            return false;
        record_line_ = line_;
        record.clear();
        do
            record.push_back(field(record.size() + 1));
        while (skip(separator_));
        if (!at_end() && !skip_line_break())
            fail(line_, record.size(),
                 text_[at_] == '\r' ? "a carriage return without a line feed"
                                    : "text behind a closing quote");
        return true;
    }

    /// The line (from 1) on which the last record starts.
    std::size_t record_line() const { return record_line_; }

  private:
    bool at_end() const { return at_ == text_.size(); }

    bool skip(char c) {
        bool const found = !at_end() && text_[at_] == c;
        at_ += found ? 1U : 0U;
        return found;
    }

    bool skip_line_break() {
        std::string_view const rest = text_.substr(at_);
        std::size_t const length = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
        at_ += length;
        line_ += length != 0 ? 1U : 0U;
        return length != 0;
    }

    std::string field(std::size_t column) {
        if (skip('"'))
            return quoted_field(column);
        std::array<char, 3> const ends = {separator_, '\n', '\r'};
        std::size_t const end =
            std::min(text_.find_first_of(ends.data(), at_, ends.size()), text_.size());
        std::string const value(text_.substr(at_, end - at_));
        at_ = end;
        return value;
    }

    std::string quoted_field(std::size_t column) {
        std::size_t const first_line = line_;
        std::string value;
        while (!at_end()) {
            char const c = text_[at_++];
            if (c == '"' && !skip('"'))
                return value;
            line_ += c == '\n' ? 1U : 0U;
            value += c;
        }
        fail(first_line, column, "a quote that is never closed");
    }

    [[noreturn]] void fail(std::size_t line, std::size_t column, std::string const& what) const {
        throw format_error(
            messages::text({where_, ", line ", line, ", column ", column, ": ", what}));
    }

    std::string_view text_;
    char separator_;
    std::string where_;
    std::size_t at_ = 0, line_ = 1, record_line_ = 1;
};

/// A table before its columns are known to be numbers or text.
struct raw_table {
    std::vector<std::string> names;
    std::vector<texts> columns;
    std::vector<std::size_t> lines; ///< of each row in the file
};

XRNN_WHEN_CALLED raw_table scan_table(std::string_view text, char separator,
                                      std::string const& where) {
    csv_scanner scanner(text, separator, where);
    raw_table table;
    if (!scanner.next(table.names))
        throw format_error(where + ": expected a line of column names, got an empty file");
    for (std::size_t i = 0; i < table.names.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (table.names[i] == table.names[j])
                throw format_error(
                    messages::text({where, ", line ", scanner.record_line(), ": columns ", j + 1,
                                    " and ", i + 1, " are both called '", table.names[i], "'"}));
    table.columns.resize(table.names.size());
    std::vector<std::string> record;
    while (scanner.next(record)) {
        if (record.size() != table.names.size())
            throw format_error(
                messages::text({where, ", line ", scanner.record_line(), " (row ",
                                table.lines.size() + 1, "): expected ", table.names.size(),
                                " columns as in the header, got ", record.size()}));
        for (std::size_t column = 0; column < record.size(); ++column)
            table.columns[column].push_back(std::move(record[column]));
        table.lines.push_back(scanner.record_line());
    }
    return table;
}

/// The column as numbers if every cell is a number or missing, else as the texts they are.
XRNN_WHEN_CALLED cells typed_column(raw_table& table, std::size_t column,
                                    csv_options const& options, std::string const& where) {
    texts& raw = table.columns[column];
    std::vector<std::string> const& forced = options.text_columns;
    if (std::find(forced.begin(), forced.end(), table.names[column]) != forced.end())
        return std::move(raw);
    numbers values;
    values.reserve(raw.size());
    std::optional<std::size_t> too_large;
    for (std::size_t row = 0; row < raw.size(); ++row) {
        cell_value const cell = read_cell(raw[row], options.missing);
        if (cell.kind == cell_kind::text)
            return std::move(raw);
        if (cell.kind == cell_kind::out_of_range && !too_large)
            too_large = row;
        values.push_back(cell.number);
    }
    if (too_large)
        throw format_error(messages::text({where, ", line ", table.lines[*too_large], " (row ",
                                           *too_large + 1, "), column '", table.names[column],
                                           "': ", raw[*too_large], " does not fit a double"}));
    return values;
}

XRNN_WHEN_CALLED frame parse_table(std::string_view bytes, csv_options const& options,
                                   std::string const& where) {
    check_separator(options.separator);
    std::string const text = decode_text(bytes, options.encoding, where);
    raw_table table = scan_table(text, options.separator, where);
    frame result;
    for (std::size_t column = 0; column < table.names.size(); ++column)
        result.add(table.names[column], typed_column(table, column, options, where));
    return result;
}

} // namespace detail

/// A table from the bytes of a CSV file whose first line names the columns.
///
/// Text: UTF-8 or UTF-16, with or without byte order mark (decode_text); LF or CRLF; fields in double
/// quotes (a quote counts at the start of a field) may hold separators, line breaks and doubled
/// quotes; empty lines are skipped. Names and texts are kept as written, blanks included.
///
/// Numbers: a column is numeric when every cell is a number or missing, quoted or not, else text.
/// A number is what std::from_chars reads whole ("." is the decimal point in every locale), after an
/// optional plus sign, with blanks around it ignored; `inf` and `infinity` in any case count. Missing
/// (NaN): an empty or blank cell, `nan` in any case, and options.missing. Not numbers: hexadecimal,
/// digit groups (1,000), Persian and Arabic digits. A column without any value is numeric. Whole
/// numbers above 2^53 are rounded as doubles are.
///
/// Throws format_error with line and column for an empty file, rows of another length than the
/// header, doubled names, open quotes, text behind a closing quote, a carriage return alone, invalid
/// UTF or NUL, and numbers beyond the range of a double.
XRNN_WHEN_CALLED frame parse_csv(std::string_view bytes, csv_options const& options = {}) {
    return detail::parse_table(bytes, options, "csv text");
}

/// The table in a CSV file: see parse_csv, whose errors name the file. Throws io_error when the file
/// cannot be read.
XRNN_WHEN_CALLED frame read_csv(std::filesystem::path const& path,
                                csv_options const& options = {}) {
    std::ifstream file(path, std::ios::binary);
    if (std::error_code unused; !file || std::filesystem::is_directory(path, unused))
        throw io_error(messages::text({"read_csv: cannot open '", path.string(), "'"}));
    std::string const bytes{std::istreambuf_iterator<char>(file), {}};
    if (file.bad())
        throw io_error(messages::text({"read_csv: cannot read '", path.string(), "'"}));
    return detail::parse_table(bytes, options, path.string());
}

/// A table and the file it came from, without its folder and extension.
struct named_frame {
    std::string name;
    frame table;
};

/// Every *.csv file of a folder (not of its sub-folders), sorted by file name as bytes. Throws
/// io_error when there is no such folder or no such file in it, and what read_csv throws.
XRNN_WHEN_CALLED std::vector<named_frame> read_folder(std::filesystem::path const& folder,
                                                      csv_options const& options = {}) {
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    if (error)
        throw io_error(messages::text(
            {"read_folder: cannot open the folder '", folder.string(), "': ", error.message()}));
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_entry const& entry : entries)
        if (entry.path().extension() == ".csv" && entry.is_regular_file())
            files.push_back(entry.path());
    if (files.empty())
        throw io_error(messages::text({"read_folder: no *.csv file in '", folder.string(), "'"}));
    std::sort(files.begin(), files.end(), [](auto const& a, auto const& b) {
        return a.filename().string() < b.filename().string();
    });
    std::vector<named_frame> tables;
    for (std::filesystem::path const& file : files)
        tables.push_back({file.stem().string(), read_csv(file, options)});
    return tables;
}

} // namespace xrnn::data
