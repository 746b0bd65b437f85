// SPDX-License-Identifier: BSD-3-Clause
//
// What a model is worth on data it has not seen, and how much that varies: splits by scikit-learn's
// names and rules, and a function that goes through them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/arrays.hpp>
#include <xrnn/data/split.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/random.hpp>
#include <xrnn/training/history.hpp>

namespace xrnn::data {

/// Each row is in the test part of one fold and in the training part of all others. The first
/// n mod n_splits folds have one row more. Index for index scikit-learn's KFold, with
/// shuffle also (random_state as there).
struct k_fold {
    std::size_t n_splits = 5;
    bool shuffle = false;
    std::uint64_t random_state = 0;

    /// Throws value_error unless 2 <= n_splits <= n.
    XRNN_WHEN_CALLED std::vector<split_indices> split(std::size_t n) const {
        if (n_splits < 2 || n_splits > n)
            throw value_error(
                messages::text({"k_fold: n_splits must lie between 2 and the number of rows, ", n,
                                ", but is ", n_splits}));
        row_indices order(n);
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (shuffle)
            random_state_of(random_state).shuffle(order);
        std::vector<std::size_t> fold_of(n);
        std::size_t next = 0;
        for (std::size_t fold = 0; fold < n_splits; ++fold)
            for (std::size_t k = n / n_splits + (fold < n % n_splits ? 1 : 0); k > 0; --k)
                fold_of[order[next++]] = fold;
        std::vector<split_indices> folds(n_splits);
        for (std::size_t row = 0; row < n; ++row)
            for (std::size_t fold = 0; fold < n_splits; ++fold)
                (fold_of[row] == fold ? folds[fold].test : folds[fold].train).push_back(row);
        return folds;
    }

  private:
    static xrnn::random_state random_state_of(std::uint64_t seed) {
        return xrnn::random_state(seed);
    }
};

/// Rolling origin: each fold tests on the rows that follow those it trains on, `gap` rows apart; the
/// past grows from fold to fold (or rolls along, with max_train_size). Index for index scikit-learn's
/// TimeSeriesSplit. Windows of a series overlap: a gap of their length less one keeps a training window
/// from holding days of a test window.
struct time_series_split {
    std::size_t n_splits = 5;
    std::size_t max_train_size = 0; // 0: all the past
    std::size_t test_size = 0;      // 0: n / (n_splits + 1)
    std::size_t gap = 0;

    /// Throws value_error where n_splits is below 2, or there are too few rows.
    XRNN_WHEN_CALLED std::vector<split_indices> split(std::size_t n) const {
        if (n_splits < 2)
            throw value_error(messages::text(
                {"time_series_split: n_splits must be at least 2, but is ", n_splits}));
        std::size_t const test = test_size == 0 ? n / (n_splits + 1) : test_size;
        if (n_splits + 1 > n || test == 0 || n <= gap || (n - gap) / test < n_splits ||
            n - gap - n_splits * test == 0)
            throw value_error(
                messages::text({"time_series_split: ", n, " rows are too few for ", n_splits,
                                " splits with test_size ", test, " and gap ", gap}));
        std::vector<split_indices> folds(n_splits);
        for (std::size_t fold = 0; fold < n_splits; ++fold) {
            std::size_t const first = n - (n_splits - fold) * test, end = first - gap;
            std::size_t const begin =
                max_train_size == 0 || end < max_train_size ? 0 : end - max_train_size;
            folds[fold].train.resize(end - begin);
            std::iota(folds[fold].train.begin(), folds[fold].train.end(), begin);
            folds[fold].test.resize(test);
            std::iota(folds[fold].test.begin(), folds[fold].test.end(), first);
        }
        return folds;
    }
};

/// What every fold has found.
struct cross_validation {
    std::vector<logs> folds;

    /// A value over the folds. Throws value_error for a name that a fold has not.
    std::vector<double> values(std::string_view name) const {
        std::vector<double> result;
        for (logs const& fold : folds)
            result.push_back(fold[name]);
        return result;
    }
    double mean(std::string_view name) const {
        std::vector<double> const all = values(name);
        return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    }
    /// Of the folds as they are (divided by their number, as numpy.std).
    double standard_deviation(std::string_view name) const {
        double const middle = mean(name);
        double squares = 0;
        for (double const value : values(name))
            squares += (value - middle) * (value - middle);
        return std::sqrt(squares / static_cast<double>(folds.size()));
    }
    double min(std::string_view name) const {
        std::vector<double> const all = values(name);
        return *std::min_element(all.begin(), all.end());
    }
    double max(std::string_view name) const {
        std::vector<double> const all = values(name);
        return *std::max_element(all.begin(), all.end());
    }

    /// A line for each value: its mean, standard deviation, least and largest.
    XRNN_WHEN_CALLED std::string table() const {
        std::string text = "                             mean    std. dev.   least   largest\n";
        if (folds.empty())
            return text;
        for (auto const& entry : folds.front()) {
            char line[128];
            std::snprintf(line, sizeof line, "%-26s %8.4f    %8.4f  %8.4f  %8.4f\n",
                          entry.first.c_str(), mean(entry.first), standard_deviation(entry.first),
                          min(entry.first), max(entry.first));
            text += line;
        }
        return text;
    }
};

namespace detail {

template <class F>
concept TakesRows = requires(F& f, split_indices const& rows) {
    f(rows);
};

} // namespace detail

/// Calls f(rows) for each fold of n rows, rows.train and rows.test, and gathers the logs that it
/// returns. A scaler is to be fitted on the training rows in there, so that nothing of the test leaks.
template <class Splitter, detail::TakesRows F>
cross_validation cross_validate(std::size_t n, Splitter const& splitter, F&& f) {
    cross_validation result;
    for (split_indices const& rows : splitter.split(n))
        result.folds.push_back(f(rows));
    return result;
}

/// The same with the rows taken from x and y (any expressions with n rows): f(x_train, y_train, x_test,
/// y_test).
///
///     auto const cv = data::cross_validate(x, y, data::time_series_split{.gap = 9},
///         [](auto const& x_train, auto const& y_train, auto const& x_test, auto const& y_test) {
///             auto model = sequential{input<5>{}, lstm<8>{}, dense<1, sigmoid>{}};
///             auto trainer = compile(model, binary_crossentropy{}, adam{}, accuracy{});
///             trainer.fit(x_train, y_train, {.epochs = 20, .verbose = 0});
///             return trainer.evaluate(x_test, y_test);
///         });
///     cv.mean("accuracy");
///
/// Throws shape_error where x and y differ in their rows; value_error of the splitter. Source:
/// scikit-learn's cross_validate.
template <TensorExpression X, TensorExpression Y, class Splitter, class F>
cross_validation cross_validate(X const& x, Y const& y, Splitter const& splitter, F&& f) {
    if (x.dimension() == 0 || y.dimension() == 0 || x.shape()[0] != y.shape()[0])
        throw shape_error(messages::text(
            {"cross_validate: x and y must have the same number of rows, got x ",
             detail::shape_text(x.shape()), " and y ", detail::shape_text(y.shape())}));
    return cross_validate(static_cast<std::size_t>(x.shape()[0]), splitter,
                          [&](split_indices const& rows) {
                              return f(data::take(x, rows.train), data::take(y, rows.train),
                                       data::take(x, rows.test), data::take(y, rows.test));
                          });
}

} // namespace xrnn::data
