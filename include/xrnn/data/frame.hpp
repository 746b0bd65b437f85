// SPDX-License-Identifier: BSD-3-Clause
//
// A table with named columns, the little of pandas that preparing data for a network needs.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/arrays.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::data {

using numbers = std::vector<double>;    ///< a numeric column; NaN is a missing value
using texts = std::vector<std::string>; ///< a text column (UTF-8); "" is a missing value

/// A column's cells.
using cells = std::variant<numbers, texts>;

namespace detail {

/// f(values) for a column's numbers or texts. (std::visit would do, and take longer to compile.)
template <class Cells, class F>
auto with_values(Cells& column, F&& f) {
    if (auto* const values = std::get_if<numbers>(&column))
        return f(*values);
    return f(*std::get_if<texts>(&column));
}

XRNN_WHEN_CALLED std::size_t size_of(cells const& column) {
    return with_values(column, [](auto const& values) { return values.size(); });
}

/// Edit distance (insert, delete, replace one byte), for "did you mean".
XRNN_WHEN_CALLED std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

/// The (at most three) nearest names, for an error message.
XRNN_WHEN_CALLED std::string nearest_names(std::vector<std::string> const& names,
                                           std::string_view wanted) {
    std::vector<std::size_t> distances;
    for (std::string const& name : names)
        distances.push_back(edit_distance(name, wanted));
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 3; ++i) {
        auto const nearest = std::min_element(distances.begin(), distances.end());
        *nearest = static_cast<std::size_t>(-1); // do not find it again
        text += messages::text({i == 0 ? "'" : ", '",
                                names[static_cast<std::size_t>(nearest - distances.begin())], "'"});
    }
    return text.empty() ? "there are no columns" : "nearest are " + text;
}

} // namespace detail

/// What `frame` is; a template so that it is compiled only in programs that have tables.
XRNN_WHEN_CALLED class basic_frame {
    using frame = basic_frame;

  public:
    basic_frame() = default;

    /// frame{{"date", numbers{1, 2}}, {"name", texts{"a", "b"}}}; throws as add does.
    basic_frame(std::initializer_list<std::pair<std::string, cells>> columns) {
        for (auto const& [name, values] : columns)
            add(name, values);
    }

    /// A numeric frame of `values` (rows, columns); throws shape_error unless there is a name for
    /// every column, value_error for doubled names.
    template <TensorExpression E>
    basic_frame(std::vector<std::string> const& names, E const& values) {
        detail::dense_array<double, 2, E> table = detail::as_dense<double, 2>(values, "frame");
        if (table.shape()[1] != names.size())
            throw shape_error(messages::text({"frame: expected ", names.size(),
                                              " columns, one a name, got values of shape ",
                                              detail::shape_text(table.shape())}));
        for (std::size_t column = 0; column < names.size(); ++column) {
            numbers values_of(table.shape()[0]);
            for (std::size_t row = 0; row < values_of.size(); ++row)
                values_of[row] = table(row, column);
            add(names[column], std::move(values_of));
        }
    }

    std::size_t rows() const { return data_.empty() ? 0 : detail::size_of(data_.front()); }
    std::size_t columns() const { return data_.size(); }
    bool empty() const { return rows() == 0; } ///< no rows (a file with a header only)
    std::vector<std::string> const& names() const { return names_; }

    bool has(std::string_view name) const { return find(name) < names_.size(); }

    /// The place of a column; throws value_error that lists the nearest names.
    std::size_t index_of(std::string_view name) const {
        std::size_t const index = find(name);
        if (index == names_.size())
            throw value_error(messages::text(
                {"frame: no column '", name, "'; ", detail::nearest_names(names_, name)}));
        return index;
    }

    /// A column as it is, numeric or text.
    cells const& at(std::string_view name) const { return data_[index_of(name)]; }
    bool is_text(std::string_view name) const { return std::holds_alternative<texts>(at(name)); }

    /// A numeric column: one value a row, NaN where missing. Throws value_error for a text column.
    numbers const& operator[](std::string_view name) const {
        if (auto const* values = std::get_if<numbers>(&at(name)))
            return *values;
        throw value_error(messages::text({"frame: column '", name, "' holds text, not numbers"}));
    }

    /// A text column; throws value_error for a numeric one.
    texts const& text(std::string_view name) const {
        if (auto const* values = std::get_if<texts>(&at(name)))
            return *values;
        throw value_error(messages::text({"frame: column '", name, "' holds numbers, not text"}));
    }

    /// Adds a column at the end. Throws value_error when the name is taken, shape_error when the
    /// length differs from the other columns'.
    frame& add(std::string name, cells values) {
        if (has(name))
            throw value_error(messages::text({"frame: column '", name, "' is there already"}));
        if (columns() != 0 && detail::size_of(values) != rows())
            throw shape_error(
                messages::text({"frame: column '", name, "' has ", detail::size_of(values),
                                " rows, expected ", rows()}));
        names_.reserve(names_.size() + 1); // so that the second push cannot fail after the first
        data_.push_back(std::move(values));
        names_.push_back(std::move(name));
        return *this;
    }

    /// The given columns, in the given order.
    frame select(std::vector<std::string> const& wanted) const {
        frame result;
        for (std::string const& name : wanted)
            result.add(name, at(name));
        return result;
    }

    /// All columns but the given ones.
    frame drop(std::vector<std::string> const& unwanted) const {
        for (std::string const& name : unwanted)
            index_of(name);
        return keep_columns([&](std::size_t column) {
            return std::find(unwanted.begin(), unwanted.end(), names_[column]) == unwanted.end();
        });
    }

    /// The numeric columns alone.
    frame drop_text() const {
        return keep_columns([&](std::size_t column) { return !is_text_at(column); });
    }

    frame rename(std::string_view from, std::string to) const {
        std::vector<std::string> changed = names_;
        changed[index_of(from)] = std::move(to);
        return with_names(std::move(changed));
    }

    /// Every name passed through `new_name`; throws value_error when two become equal.
    template <std::invocable<std::string const&> Function>
    frame rename(Function new_name) const {
        std::vector<std::string> changed;
        for (std::string const& name : names_)
            changed.push_back(new_name(name));
        return with_names(std::move(changed));
    }

    /// `text` put before every name but `except` (the key of a merge).
    frame prefix(std::string const& text, std::string_view except = {}) const {
        return rename([&](std::string const& name) { return name == except ? name : text + name; });
    }

    /// The given rows, in the given order; throws value_error for a row that does not exist.
    frame take(row_indices const& wanted) const {
        frame result;
        for (std::size_t column = 0; column < columns(); ++column)
            result.add(names_[column], detail::with_values(data_[column], [&](auto const& values) {
                           return cells(data::take(values, wanted));
                       }));
        return result;
    }

    /// The rows whose number satisfies `keep` (std::size_t -> bool).
    template <std::predicate<std::size_t> Predicate>
    frame filter(Predicate keep) const {
        row_indices wanted;
        for (std::size_t row = 0; row < rows(); ++row)
            if (keep(row))
                wanted.push_back(row);
        return take(wanted);
    }

    /// The rows whose value in a numeric column satisfies `keep` (double -> bool), for example
    /// where("date", [](double date) { return date > 20210523; }). A comparison with a missing
    /// value (NaN) is false, so such rows go.
    template <std::predicate<double> Predicate>
    frame where(std::string_view name, Predicate keep) const {
        numbers const& values = (*this)[name];
        return filter([&](std::size_t row) { return static_cast<bool>(keep(values[row])); });
    }

    /// The rows of `other` below these. Throws value_error unless both have the same columns, of the
    /// same kinds, in the same order. Appending to a frame without columns gives `other`.
    frame& append(frame const& other) {
        if (columns() == 0)
            return *this = other;
        frame longer = *this;
        if (names_ != other.names_)
            throw value_error("frame: append expects the same columns in the same order");
        for (std::size_t column = 0; column < columns(); ++column) {
            if (is_text_at(column) != other.is_text_at(column))
                throw value_error(messages::text({"frame: append expects column '", names_[column],
                                                  "' to be text in both frames or in neither"}));
            detail::with_values(longer.data_[column], [&](auto& values) {
                using column_type = std::remove_cvref_t<decltype(values)>;
                auto const& more = *std::get_if<column_type>(&other.data_[column]);
                values.insert(values.end(), more.begin(), more.end());
            });
        }
        return *this = std::move(longer);
    }

    /// All columns as an array (rows, columns). Throws value_error for a text column: see drop_text.
    xt::xtensor<double, 2> values() const {
        xt::xtensor<double, 2> result(std::array<std::size_t, 2>{rows(), columns()});
        for (std::size_t column = 0; column < columns(); ++column) {
            numbers const& source = (*this)[names_[column]];
            for (std::size_t row = 0; row < source.size(); ++row)
                result(row, column) = source[row];
        }
        return result;
    }

  private:
    std::size_t find(std::string_view name) const {
        return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) -
                                        names_.begin());
    }

    bool is_text_at(std::size_t column) const {
        return std::holds_alternative<texts>(data_[column]);
    }

    template <class Predicate>
    frame keep_columns(Predicate keep) const {
        frame result;
        for (std::size_t column = 0; column < columns(); ++column)
            if (keep(column))
                result.add(names_[column], data_[column]);
        return result;
    }

    frame with_names(std::vector<std::string> names) const {
        frame result;
        for (std::size_t column = 0; column < columns(); ++column)
            result.add(std::move(names[column]), data_[column]);
        return result;
    }

    std::vector<std::string> names_;
    std::vector<cells> data_;
};

/// Ordered columns of equal length, each with a name of its own, numeric or text. A frame is a plain
/// value: what narrows or renames returns a new one.
using frame = basic_frame<>;

} // namespace xrnn::data
