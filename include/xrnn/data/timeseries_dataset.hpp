// SPDX-License-Identifier: BSD-3-Clause
//
// Windows over a series, cut batch by batch while a training goes through them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <xrnn/data/arrays.hpp>
#include <xrnn/data/held_table.hpp>
#include <xrnn/data/random_order.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::data {

/// Keyword arguments of timeseries_dataset_from_array, with Keras's names and defaults.
struct timeseries_options {
    std::size_t sequence_length = 0; ///< steps of a window; must be given
    std::size_t sequence_stride = 1; ///< rows between the beginnings of neighbouring windows
    std::size_t sampling_rate = 1;   ///< rows between neighbouring steps of a window
    std::size_t batch_size = 128;
    bool shuffle = false; ///< another order each time, by `seed`
    std::uint64_t seed = 0;
    std::size_t start_index = 0; ///< rows before it are not used
    std::size_t end_index = 0;   ///< rows from it on are not used; 0: all are
};

/// Targets that lie in the series itself: for each window the value of one column, `horizon` rows
/// after the window's last one.
struct column_ahead {
    std::size_t column = 0;
    std::size_t horizon = 1;
};

/// Some windows, x (rows, sequence_length, features), and the target of each, y (rows, …).
template <class T, std::size_t TargetRank>
struct timeseries_batch {
    xt::xtensor<T, 3> x;
    xt::xtensor<T, TargetRank> y;
};
/// Windows without targets.
template <class T>
struct timeseries_batch<T, 0> {
    xt::xtensor<T, 3> x;
};

namespace detail {

/// Which rows the windows begin at: start + stride·k for k below count.
struct window_places {
    std::size_t start = 0, stride = 1, count = 0;
};

inline void require(bool fits, std::string const& what) {
    if (!fits)
        throw value_error("timeseries_dataset_from_array: " + what);
}

inline void check_options(timeseries_options const& options, std::size_t rows, std::size_t end) {
    require(options.sequence_length > 0, "sequence_length must be at least 1");
    require(options.batch_size > 0, "batch_size must be at least 1");
    require(options.start_index < rows,
            messages::text({"start_index must be below the ", rows, " rows of the series, got ",
                            options.start_index}));
    require(end <= rows, messages::text({"end_index must be at most the ", rows,
                                         " rows of the series, got ", end}));
    require(options.start_index < end, messages::text({"end_index must be above start_index, ",
                                                       options.start_index, ", got ", end}));
    require(options.sampling_rate > 0 && options.sampling_rate < rows,
            messages::text({"sampling_rate must be at least 1 and below the ", rows,
                            " rows of the series, got ", options.sampling_rate}));
    require(options.sequence_stride > 0 && options.sequence_stride < rows,
            messages::text({"sequence_stride must be at least 1 and below the ", rows,
                            " rows of the series, got ", options.sequence_stride}));
}

/// targets: how many rows have one, counted from row 0.
inline window_places place_windows(timeseries_options const& options, std::size_t rows,
                                   std::size_t targets) {
    std::size_t const end = options.end_index == 0 ? rows : options.end_index;
    check_options(options, rows, end);
    std::size_t const used = end - options.start_index;
    bool const fits = options.sequence_length - 1 <= (used - 1) / options.sampling_rate;
    std::size_t places = fits ? used - (options.sequence_length - 1) * options.sampling_rate : 0;
    places = std::min(places, targets - std::min(targets, options.start_index));
    if (places == 0)
        throw shape_error(messages::text(
            {"timeseries_dataset_from_array: no window of ", options.sequence_length, " steps, ",
             options.sampling_rate, " rows apart, with a target fits into ", used,
             " rows from row ", options.start_index, " on and ", targets, " targets"}));
    return {options.start_index, options.sequence_stride,
            (places - 1) / options.sequence_stride + 1};
}

} // namespace detail

/// What timeseries_dataset_from_array returns: a range of batches. Going through it again is a new
/// epoch.
template <class T, class SeriesValue, class TargetValue, std::size_t TargetRank>
class timeseries_dataset {
  public:
    using value_type = timeseries_batch<T, TargetRank>;
    static constexpr bool has_targets = TargetRank > 0;

    timeseries_dataset(detail::held_table<SeriesValue> series,
                       detail::held_table<TargetValue> targets, timeseries_options const& options)
        : series_(std::move(series)), targets_(std::move(targets)), options_(options) {
        places_ = detail::place_windows(options, series_.rows,
                                        has_targets ? targets_.rows : series_.rows);
    }

    /// Batches of an epoch; the last one may be smaller.
    std::size_t size() const { return (windows() - 1) / options_.batch_size + 1; }
    /// Windows of an epoch.
    std::size_t windows() const { return places_.count; }
    std::size_t features() const { return series_.width; }
    timeseries_options const& options() const { return options_; }

    /// The next epoch's number, from 0 on. With a seed it settles the order: set it to repeat an
    /// epoch, or to go on with a training.
    std::uint64_t epoch() const { return epoch_; }
    void set_epoch(std::uint64_t epoch) const { epoch_ = epoch; }

    /// Goes through the batches once. The dataset must outlive it.
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = timeseries_batch<T, TargetRank>;
        using difference_type = std::ptrdiff_t;
        using pointer = value_type const*;
        using reference = value_type const&;

        iterator() = default;
        iterator(timeseries_dataset const& from, std::uint64_t epoch)
            : pass_(std::make_shared<pass>(from, epoch)) {
            pass_->gather();
        }

        /// Stays valid until the iterator moves on.
        reference operator*() const { return pass_->batch; }
        pointer operator->() const { return &pass_->batch; }
        /// Exchanges the batch for another, whose memory the next ones are written to.
        void take(value_type& other) { std::swap(pass_->batch, other); }
        iterator& operator++() {
            pass_->first += pass_->from->options_.batch_size;
            if (!done())
                pass_->gather();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(iterator const& i, std::default_sentinel_t) { return i.done(); }

      private:
        /// What the copies of an iterator share.
        struct pass {
            pass(timeseries_dataset const& dataset, std::uint64_t epoch)
                : from(&dataset), order(dataset.windows(), dataset.options_.seed, epoch) {}
            void gather() { from->gather(order, first, batch); }

            timeseries_dataset const* from;
            random_order order;
            std::size_t first = 0;
            timeseries_batch<T, TargetRank> batch;
        };
        bool done() const { return !pass_ || pass_->first >= pass_->from->windows(); }
        std::shared_ptr<pass> pass_;
    };

    /// Begins an epoch. Not for two threads at once.
    iterator begin() const { return {*this, epoch_++}; }
    std::default_sentinel_t end() const { return {}; }

  private:
    void gather(random_order const& order, std::size_t first, value_type& batch) const {
        std::size_t const rows = std::min(options_.batch_size, windows() - first);
        std::size_t const time = options_.sequence_length;
        batch.x.resize(std::array<std::size_t, 3>{rows, time, features()});
        if constexpr (has_targets)
            batch.y.resize(target_shape(rows));
        T* x = batch.x.data();
        for (std::size_t k = 0; k < rows; ++k) {
            std::size_t const window = options_.shuffle ? order(first + k) : first + k;
            std::size_t const begin = places_.start + places_.stride * window;
            for (std::size_t t = 0; t < time; ++t)
                x = series_.copy_row(begin + t * options_.sampling_rate, x);
            if constexpr (has_targets)
                targets_.copy_row(begin, batch.y.data() + k * targets_.width);
        }
    }
    std::array<std::size_t, TargetRank> target_shape(std::size_t rows) const {
        std::array<std::size_t, TargetRank> shape{rows};
        if constexpr (TargetRank == 2) // also of an array whose rank the type does not tell
            shape[1] = targets_.width;
        else
            std::copy_n(targets_.row_shape.begin(), TargetRank - 1, shape.begin() + 1);
        return shape;
    }

    detail::held_table<SeriesValue> series_;
    detail::held_table<TargetValue> targets_;
    timeseries_options options_;
    detail::window_places places_;
    mutable std::uint64_t epoch_ = 0;
};

namespace detail {

template <class E>
auto hold_series(E&& series) {
    auto table = hold(std::forward<E>(series), "timeseries_dataset_from_array");
    if (table.row_shape.size() > 1)
        throw shape_error("timeseries_dataset_from_array: the series must be (rows, features) or "
                          "(rows,), but each of its rows has shape " +
                          shape_text(table.row_shape));
    return table;
}

template <class Requested, class Table>
using dataset_value =
    std::conditional_t<std::is_void_v<Requested>, typename Table::value_type, Requested>;

} // namespace detail

/// Keras's function of this name: windows over a series (rows, features), or (rows,) for one feature,
/// as a range of batches that `fit` can go through.
///
///     auto const train = data::timeseries_dataset_from_array(
///         series, targets, {.sequence_length = 10, .sampling_rate = 2, .batch_size = 64,
///                           .shuffle = true, .end_index = 8000});
///     for (auto const& [x, y] : train)   // x (64, 10, features), y (64, …)
///
/// A window that begins at row i holds the rows i, i + sampling_rate, …; its target is targets[i], so
/// to forecast the row after it of a series without gaps, give the targets from row sequence_length
/// on (or see column_ahead). Windows begin at start_index, start_index + sequence_stride, …, as long
/// as they lie before end_index and have a target. `targets` has one entry for each row, of any shape:
/// an expression, a std::vector, or std::nullopt for none.
///
/// Nothing is copied but the batch at hand: a series or targets that are variables (xt::xtensor,
/// xt::xarray, xt::adapt, of float or double, in any layout) must outlive the dataset; temporaries are
/// kept, other expressions computed once. Values have the series' type, or T:
/// timeseries_dataset_from_array<float>(…).
///
/// With `shuffle`, each epoch has another order, a function of (seed, epoch), which needs no memory.
/// Throws value_error where Keras raises ValueError, except that end_index may be the number of rows;
/// shape_error where no window fits, for which Keras returns a dataset without batches.
template <class T = void, class E, class Targets>
requires detail::Holdable<std::remove_cvref_t<Targets>>
auto timeseries_dataset_from_array(E&& series, Targets&& targets,
                                   timeseries_options const& options) {
    using Y = std::remove_cvref_t<Targets>;
    auto table = detail::hold_series(std::forward<E>(series));
    auto labels = detail::hold(std::forward<Targets>(targets), "timeseries_dataset_from_array");
    if (labels.row_shape.size() > 1 && detail::batch_rank<Y> == 2)
        throw shape_error("timeseries_dataset_from_array: targets of more than two dimensions must "
                          "be an xt::xtensor");
    using value = detail::dataset_value<T, decltype(table)>;
    return timeseries_dataset<value, typename decltype(table)::value_type,
                              typename decltype(labels)::value_type, detail::batch_rank<Y>>(
        std::move(table), std::move(labels), options);
}

/// The same without targets: batches have x only.
template <class T = void, class E>
auto timeseries_dataset_from_array(E&& series, std::nullopt_t, timeseries_options const& options) {
    auto table = detail::hold_series(std::forward<E>(series));
    using series_value = typename decltype(table)::value_type;
    using value = detail::dataset_value<T, decltype(table)>;
    return timeseries_dataset<value, series_value, series_value, 0>(std::move(table), {}, options);
}

/// The same with targets from the series itself, y (rows,): a window gets series(last row of the
/// window + horizon, column). That row too lies before end_index, so that nothing of what follows,
/// a test part for example, is seen.
///
///     data::timeseries_dataset_from_array(series, data::column_ahead{.column = 3, .horizon = 5},
///                                         {.sequence_length = 20});
template <class T = void, class E>
auto timeseries_dataset_from_array(E&& series, column_ahead ahead,
                                   timeseries_options const& options) {
    auto table = detail::hold_series(std::forward<E>(series));
    using series_value = typename decltype(table)::value_type;
    using value = detail::dataset_value<T, decltype(table)>;
    detail::require(
        ahead.column < table.width,
        messages::text({"column ", ahead.column, " of a series of ", table.width, " features"}));
    std::size_t const end = options.end_index == 0 ? table.rows : options.end_index;
    detail::check_options(options, table.rows, end);
    std::size_t const steps = options.sequence_length - 1;
    bool const fits = steps <= end / options.sampling_rate && ahead.horizon <= end &&
                      steps * options.sampling_rate <= end - ahead.horizon;
    std::size_t const shift = fits ? steps * options.sampling_rate + ahead.horizon : end;
    detail::held_table<series_value> labels = table;
    labels.rows = end - shift;
    labels.data += static_cast<std::ptrdiff_t>(ahead.column) * labels.column_stride +
                   (fits ? static_cast<std::ptrdiff_t>(shift) * labels.row_stride : 0);
    labels.row_shape.clear();
    labels.width = 1;
    return timeseries_dataset<value, series_value, series_value, 1>(std::move(table),
                                                                    std::move(labels), options);
}

} // namespace xrnn::data
