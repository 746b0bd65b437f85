// SPDX-License-Identifier: BSD-3-Clause
//
// Splitting data into parts for training and for testing.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/arrays.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/random.hpp>

namespace xrnn::data {

/// The size of a part: a share (a floating-point number between 0 and 1) or a count (an integer).
/// Unset by default. As in scikit-learn 1.0 is a share and an error, 1 is one row.
class part_size {
  public:
    constexpr part_size() = default;
    template <std::floating_point T>
    constexpr part_size(T share) : kind_(kind::share), value_(static_cast<double>(share)) {}
    template <std::integral T>
    constexpr part_size(T count) : kind_(kind::count), value_(static_cast<double>(count)) {}

    constexpr bool is_set() const { return kind_ != kind::unset; }
    constexpr bool is_share() const { return kind_ == kind::share; }
    constexpr double value() const { return value_; }

  private:
    enum class kind { unset, share, count };
    kind kind_ = kind::unset;
    double value_ = 0;
};

/// The arguments of scikit-learn's `train_test_split`. With neither size set the test part is a
/// quarter. Unlike there, an unset `random_state` is 0: every run gives the same split.
struct split_options {
    part_size test_size{};
    part_size train_size{};
    std::uint64_t random_state = 0; ///< 0 to 2^32 - 1
    bool shuffle = true;            ///< false: the first rows train, the next ones test
};

/// Row indices of the two parts, in the order in which rows are to be taken.
struct split_indices {
    row_indices train;
    row_indices test;
};

namespace detail {

struct part_counts {
    std::size_t train;
    std::size_t test;
};

XRNN_WHEN_CALLED std::string part_text(part_size const& size) {
    if (!size.is_set())
        return "unset";
    return size.is_share() ? std::to_string(size.value())
                           : std::to_string(static_cast<long long>(size.value()));
}

XRNN_WHEN_CALLED void check_part(char const* name, part_size const& size, std::size_t n) {
    double const limit = size.is_share() ? 1.0 : static_cast<double>(n);
    if (size.is_set() && !(size.value() > 0.0 && size.value() < limit))
        throw value_error(
            messages::text({"train_test_split: ", name,
                            " must be a share between 0.0 and 1.0 or a count between 1 and ",
                            n == 0 ? 0 : n - 1, ", got ", part_text(size)}));
}

/// The rules of scikit-learn: shares are rounded up for the test part, down for the training part;
/// a part whose size is unset takes the rest.
XRNN_WHEN_CALLED part_counts count_parts(std::size_t n, split_options const& options) {
    part_size const train = options.train_size;
    part_size const test =
        options.test_size.is_set() || train.is_set() ? options.test_size : part_size(0.25);
    check_part("test_size", test, n);
    check_part("train_size", train, n);
    double const rows = static_cast<double>(n);
    double n_test = test.is_share() ? std::ceil(test.value() * rows) : test.value();
    double n_train = train.is_share() ? std::floor(train.value() * rows) : train.value();
    if (!train.is_set())
        n_train = rows - n_test;
    else if (!test.is_set())
        n_test = rows - n_train;
    bool const shares_exceed_one =
        train.is_share() && test.is_share() && train.value() + test.value() > 1.0;
    if (shares_exceed_one || n_train + n_test > rows || n_train < 1.0 || n_test < 1.0)
        throw value_error(
            messages::text({"train_test_split: ", n, " rows with test_size ", part_text(test),
                            " and train_size ", part_text(train),
                            ": both parts need at least one row and together at most all rows"}));
    return {static_cast<std::size_t>(n_train), static_cast<std::size_t>(n_test)};
}

} // namespace detail

/// Splits n rows into a training and a test part: index for index what scikit-learn's
/// `train_test_split(range(n), ...)` returns for the same arguments. One permutation is drawn; its
/// first entries are the test part, the next ones the training part. Throws value_error where
/// scikit-learn raises ValueError: a size out of range, parts larger than the whole, an empty part.
XRNN_WHEN_CALLED split_indices train_test_split(std::size_t n, split_options const& options = {}) {
    detail::part_counts const count = detail::count_parts(n, options);
    row_indices order;
    if (options.shuffle) {
        order = random_permutation(n, options.random_state);
    } else {
        order.resize(count.train + count.test);
        std::iota(order.begin(), order.end(), std::size_t{0});
    }
    using difference = row_indices::difference_type;
    auto const first = order.begin();
    auto const train = static_cast<difference>(count.train);
    auto const test = static_cast<difference>(count.test);
    if (!options.shuffle)
        return {row_indices(first, first + train),
                row_indices(first + train, first + train + test)};
    return {row_indices(first + test, first + test + train), row_indices(first, first + test)};
}

/// Splits an array along axis 0. Returns {x_train, x_test}.
template <TensorExpression X>
auto train_test_split(X const& x, split_options const& options = {}) {
    if (x.dimension() == 0)
        throw shape_error("train_test_split: a scalar has no rows");
    split_indices const rows = train_test_split(static_cast<std::size_t>(x.shape()[0]), options);
    return std::tuple{data::take(x, rows.train), data::take(x, rows.test)};
}

/// Splits two arrays (features and labels) by the same rows. Returns {x_train, x_test, y_train,
/// y_test}, the order of scikit-learn. Throws shape_error when they differ in their rows.
template <TensorExpression X, TensorExpression Y>
auto train_test_split(X const& x, Y const& y, split_options const& options = {}) {
    if (x.dimension() == 0 || y.dimension() == 0 || x.shape()[0] != y.shape()[0])
        throw shape_error(messages::text(
            {"train_test_split: x and y must have the same number of rows, got x ",
             detail::shape_text(x.shape()), " and y ", detail::shape_text(y.shape())}));
    split_indices const rows = train_test_split(static_cast<std::size_t>(x.shape()[0]), options);
    return std::tuple{data::take(x, rows.train), data::take(x, rows.test),
                      data::take(y, rows.train), data::take(y, rows.test)};
}

/// The past trains, the future tests: train_test_split without shuffling. For series, where a
/// shuffled split lets the model see the days around every test day.
XRNN_WHEN_CALLED split_indices chronological_split(std::size_t n, split_options options = {}) {
    options.shuffle = false;
    return train_test_split(n, options);
}

/// Returns {x_train, x_test}.
template <TensorExpression X>
auto chronological_split(X const& x, split_options options = {}) {
    options.shuffle = false;
    return train_test_split(x, options);
}

/// Returns {x_train, x_test, y_train, y_test}.
template <TensorExpression X, TensorExpression Y>
auto chronological_split(X const& x, Y const& y, split_options options = {}) {
    options.shuffle = false;
    return train_test_split(x, y, options);
}

/// n rows in as many consecutive parts as there are shares, for example {0.7, 0.2, 0.1} for
/// training, validation and test. A part ends at the rounded sum of the shares up to it. Throws
/// value_error unless the shares are positive, sum up to 1 and give every part a row.
XRNN_WHEN_CALLED std::vector<row_indices> chronological_parts(std::size_t n,
                                                              std::vector<double> const& shares) {
    double const total = std::accumulate(shares.begin(), shares.end(), 0.0);
    if (!(std::abs(total - 1.0) <= 1e-9))
        throw value_error(
            messages::text({"chronological_parts: the shares must sum up to 1, got ", total}));
    std::vector<row_indices> parts;
    std::size_t begin = 0;
    double sum = 0;
    for (double const share : shares) {
        sum += share;
        bool const last = parts.size() + 1 == shares.size();
        std::size_t const end =
            last ? n : static_cast<std::size_t>(std::round(sum * static_cast<double>(n)));
        if (!(share > 0.0) || end <= begin || end > n)
            throw value_error(messages::text({"chronological_parts: share ", parts.size(), " (",
                                              share, ") of ", n, " rows gives no row"}));
        row_indices part(end - begin);
        std::iota(part.begin(), part.end(), begin);
        parts.push_back(std::move(part));
        begin = end;
    }
    return parts;
}

} // namespace xrnn::data
