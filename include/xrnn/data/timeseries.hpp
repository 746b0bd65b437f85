// SPDX-License-Identifier: BSD-3-Clause
//
// From a table of rows in time order to what a recurrent network trains on.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/arrays.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::data {

/// Indices of the rows of `values` (rows, columns) that hold no NaN. Take labels or dates by the
/// same indices to keep them aligned: `take(labels, complete_rows(values))`.
template <TensorExpression E>
row_indices complete_rows(E const& values) {
    using real = detail::real_of<E>;
    detail::dense_array<real, 2, E> table = detail::as_dense<real, 2>(values, "complete_rows");
    row_indices rows;
    for (std::size_t row = 0; row < table.shape()[0]; ++row) {
        bool complete = true;
        for (std::size_t column = 0; column < table.shape()[1]; ++column)
            complete = complete && !std::isnan(table(row, column));
        if (complete)
            rows.push_back(row);
    }
    return rows;
}

/// `values` (rows, columns) without the rows that hold a NaN.
template <TensorExpression E>
xt::xtensor<typename E::value_type, 2> drop_nan_rows(E const& values) {
    using value = typename E::value_type;
    detail::dense_array<value, 2, E> table = detail::as_dense<value, 2>(values, "drop_nan_rows");
    return data::take(table, complete_rows(table));
}

struct window_options {
    /// How many rows after the last row of a window its label lies. 0: the label of the window's
    /// last row, whose data the network sees; 1: the label of the row that follows, as a forecast
    /// needs it.
    std::size_t horizon = 0;
};

namespace detail {

/// The number of windows of `timesteps` rows that leave `after` rows behind them.
XRNN_WHEN_CALLED std::size_t count_windows(std::size_t rows, std::size_t timesteps,
                                           std::size_t after) {
    if (timesteps == 0)
        throw value_error("windows: timesteps must be at least 1, got 0");
    if (rows < timesteps || rows - timesteps < after)
        throw shape_error(messages::text({"windows: ", timesteps, " timesteps with ", after,
                                          " rows behind them need a series of at least ",
                                          timesteps + after, " rows, got ", rows}));
    return rows - timesteps - after + 1;
}

template <class Requested, class E>
using window_value = std::conditional_t<std::is_void_v<Requested>, real_of<E>, Requested>;

template <class T, TensorExpression E>
xt::xtensor<T, 3> cut_windows(E const& series, std::size_t timesteps, std::size_t after) {
    dense_array<T, 2, E> table = as_dense<T, 2>(series, "windows");
    std::size_t const width = table.shape()[1];
    std::size_t const count = count_windows(table.shape()[0], timesteps, after);
    xt::xtensor<T, 3> cut(std::array<std::size_t, 3>{count, timesteps, width});
    T* out = cut.data(); // rows lie one after another, so a window is one block of the series
    for (std::size_t window = 0; window < count; ++window)
        out = std::copy_n(table.data() + window * width, timesteps * width, out);
    return cut;
}

template <class T, class Labels>
xt::xtensor<T, 1> cut_labels(Labels const& labels, std::size_t first, std::size_t count) {
    if (labels.size() < first + count)
        throw shape_error(messages::text({"windows: ", count, " windows need labels up to row ",
                                          first + count - 1, ", got ", labels.size(), " labels"}));
    xt::xtensor<T, 1> cut(std::array<std::size_t, 1>{count});
    for (std::size_t i = 0; i < count; ++i)
        cut(i) = static_cast<T>(labels[first + i]);
    return cut;
}

} // namespace detail

/// Sliding windows over a series (rows, features): window w holds the rows w to w + timesteps - 1.
/// Every window has a row after it, so there are rows - timesteps of them (the usual loop over
/// X[i - timesteps : i] for i from timesteps to rows - 1). Returns (windows, timesteps, features) of
/// the series' floating-point type, or of T: `windows<float>(series, 10)`. Throws shape_error for a
/// series that is too short, value_error for 0 timesteps.
template <class T = void, TensorExpression E>
xt::xtensor<detail::window_value<T, E>, 3> windows(E const& series, std::size_t timesteps) {
    return detail::cut_windows<detail::window_value<T, E>>(series, timesteps, 1);
}

/// The window that ends with the last row, (1, timesteps, features): what a forecast of the row
/// after the series needs.
template <class T = void, TensorExpression E>
xt::xtensor<detail::window_value<T, E>, 3> last_window(E const& series, std::size_t timesteps) {
    using value = detail::window_value<T, E>;
    xt::xtensor<value, 3> const all = detail::cut_windows<value>(series, timesteps, 0);
    return data::take(all, {all.shape()[0] - 1});
}

/// The same windows as windows(series, timesteps) with a label each: {x, y}, x (windows, timesteps,
/// features), y (windows). `labels` (a 1-D expression or a vector, any arithmetic type) has one entry
/// per row of the series, and window w gets labels[w + timesteps - 1 + horizon]. With i = w +
/// timesteps, the row that follows the window, that is labels[i - 1] for horizon 0 and labels[i] for
/// horizon 1, both over rows - timesteps windows; a horizon above 1 costs horizon - 1 windows at the
/// end. More labels than rows are allowed and the surplus is unused; throws shape_error when there
/// are too few.
template <class T = void, TensorExpression E, class Labels>
std::tuple<xt::xtensor<detail::window_value<T, E>, 3>, xt::xtensor<detail::window_value<T, E>, 1>>
windows(E const& series, Labels const& labels, std::size_t timesteps,
        window_options const& options = {}) {
    using value = detail::window_value<T, E>;
    std::size_t const after = std::max<std::size_t>(options.horizon, 1);
    xt::xtensor<value, 3> x = detail::cut_windows<value>(series, timesteps, after);
    std::size_t const first = timesteps - 1 + options.horizon;
    if constexpr (TensorExpression<Labels>) {
        using label = typename Labels::value_type;
        detail::dense_array<label, 1, Labels> row =
            detail::as_dense<label, 1>(labels, "windows: labels");
        return {std::move(x), detail::cut_labels<value>(row, first, x.shape()[0])};
    } else {
        return {std::move(x), detail::cut_labels<value>(labels, first, x.shape()[0])};
    }
}

} // namespace xrnn::data
