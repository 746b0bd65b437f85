// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/split.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "data/reference/splits.hpp"

namespace data = xrnn::data;
using data::row_indices;

namespace {

/// FNV-1a over whole indices, so that order counts.
std::uint32_t fnv(row_indices const& indices) {
    std::uint32_t value = 2166136261U;
    for (std::size_t const index : indices)
        value = (value ^ static_cast<std::uint32_t>(index)) * 16777619U;
    return value;
}

data::split_options options_of(reference::split_case const& expected) {
    return {.test_size = expected.test,
            .train_size = expected.train,
            .random_state = expected.seed,
            .shuffle = expected.shuffle};
}

} // namespace

TEST_CASE("split: index for index what scikit-learn returns") {
    CHECK(data::train_test_split(23, {.test_size = 0.3, .random_state = 22}).train ==
          reference::train23());
    CHECK(data::train_test_split(23, {.test_size = 0.3, .random_state = 22}).test ==
          reference::test23());
    std::vector<reference::split_case> const cases = reference::split_cases();
    CHECK(cases.size() > 500);
    for (reference::split_case const& expected : cases) {
        CAPTURE(expected.n);
        CAPTURE(expected.seed);
        CAPTURE(expected.test.value());
        CAPTURE(expected.train.value());
        data::split_indices const got = data::train_test_split(expected.n, options_of(expected));
        CHECK(got.train.size() == expected.n_train);
        CHECK(got.test.size() == expected.n_test);
        CHECK(fnv(got.train) == expected.train_hash);
        CHECK(fnv(got.test) == expected.test_hash);
    }
}

TEST_CASE("split: the hash above sees an exchange") {
    CHECK(fnv({1, 2, 3}) != fnv({1, 3, 2}));
    CHECK(fnv({1, 2, 3}) != fnv({1, 2}));
}

TEST_CASE("split: refuses what scikit-learn refuses") {
    for (reference::split_case const& refused : reference::split_errors()) {
        CAPTURE(refused.n);
        CAPTURE(refused.test.value());
        CAPTURE(refused.train.value());
        CHECK_THROWS_AS(data::train_test_split(refused.n, options_of(refused)), xrnn::value_error);
    }
    double const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(data::train_test_split(10, {.test_size = nan}), xrnn::value_error);
    CHECK_THROWS_AS(data::train_test_split(10, {.train_size = nan}), xrnn::value_error);
    CHECK_THROWS_AS(data::train_test_split(10, {.random_state = 1ULL << 32}), xrnn::value_error);
    CHECK_THROWS_WITH(
        data::train_test_split(10, {.test_size = 10}),
        "train_test_split: test_size must be a share between 0.0 and 1.0 or a count between 1 and "
        "9, got 10");
    CHECK_THROWS_WITH(data::train_test_split(1, {.test_size = 0.5}),
                      "train_test_split: 1 rows with test_size 0.500000 and train_size unset: both "
                      "parts need at least one row and together at most all rows");
}

TEST_CASE("split: an unset random_state is a fixed one") {
    CHECK(data::train_test_split(50).test == data::train_test_split(50, {.random_state = 0}).test);
    CHECK(data::train_test_split(50).test != data::train_test_split(50, {.random_state = 1}).test);
    CHECK(data::train_test_split(50).test.size() == 13);
}

TEST_CASE("split: arrays are split by the same rows") {
    xt::xtensor<double, 3> x(std::array<std::size_t, 3>{10, 2, 3});
    xt::xtensor<float, 1> y(std::array<std::size_t, 1>{10});
    for (std::size_t row = 0; row < 10; ++row) {
        y(row) = static_cast<float>(row);
        for (std::size_t i = 0; i < 6; ++i)
            x(row, i / 3, i % 3) = static_cast<double>(10 * row + i);
    }
    data::split_options const options = {.test_size = 0.3, .random_state = 22};
    data::split_indices const rows = data::train_test_split(10, options);
    auto [x_train, x_test, y_train, y_test] = data::train_test_split(x, y, options);
    static_assert(std::is_same_v<decltype(x_train), xt::xtensor<double, 3>>);
    static_assert(std::is_same_v<decltype(y_test), xt::xtensor<float, 1>>);
    CHECK(x_train == data::take(x, rows.train));
    CHECK(x_test == data::take(x, rows.test));
    CHECK(y_train == data::take(y, rows.train));
    CHECK(y_test == data::take(y, rows.test));
    for (std::size_t i = 0; i < 7; ++i)
        CHECK(x_train(i, 1, 2) == static_cast<double>(10 * y_train(i) + 5));
    auto [only_train, only_test] = data::train_test_split(x, options);
    CHECK(only_train == x_train);
    CHECK(only_test == x_test);
    auto [v_train, v_test, w_train, w_test] = data::train_test_split(
        xt::view(x, xt::range(0, 8), xt::all(), xt::all()), xt::view(y, xt::range(0, 8)), options);
    CHECK(v_train.shape()[0] == 5);
    CHECK(w_test.size() == 3);
    xt::xtensor<float, 1> const short_y(std::array<std::size_t, 1>{9});
    CHECK_THROWS_WITH_AS(
        data::train_test_split(x, short_y, options),
        "train_test_split: x and y must have the same number of rows, got x (10, 2, 3) and y (9)",
        xrnn::shape_error);
}

TEST_CASE("split: the past trains, the future tests") {
    data::split_indices const rows = data::chronological_split(10, {.test_size = 0.3});
    CHECK(rows.train == row_indices{0, 1, 2, 3, 4, 5, 6});
    CHECK(rows.test == row_indices{7, 8, 9});
    CHECK(data::chronological_split(5, {.test_size = 1, .train_size = 2}).test == row_indices{2});
    xt::xtensor<double, 2> const x = {{1}, {2}, {3}, {4}};
    xt::xtensor<int, 1> const y = {1, 2, 3, 4};
    auto [x_train, x_test, y_train, y_test] = data::chronological_split(x, y, {.test_size = 1});
    CHECK(x_train == xt::xtensor<double, 2>{{1}, {2}, {3}});
    CHECK(y_test == xt::xtensor<int, 1>{4});
    auto [only_train, only_test] = data::chronological_split(x, {.test_size = 0.5});
    CHECK(only_test == xt::xtensor<double, 2>{{3}, {4}});
    CHECK_THROWS_AS(data::chronological_split(1), xrnn::value_error);
}

TEST_CASE("split: consecutive parts") {
    std::vector<row_indices> const parts = data::chronological_parts(10, {0.7, 0.2, 0.1});
    REQUIRE(parts.size() == 3);
    CHECK(parts[0] == row_indices{0, 1, 2, 3, 4, 5, 6});
    CHECK(parts[1] == row_indices{7, 8});
    CHECK(parts[2] == row_indices{9});
    CHECK(data::chronological_parts(3, {1.0})[0] == row_indices{0, 1, 2});
    for (std::size_t n = 10; n < 300; ++n) { // every row once, in order
        row_indices all;
        for (row_indices const& part : data::chronological_parts(n, {0.6, 0.1, 0.1, 0.2}))
            all.insert(all.end(), part.begin(), part.end());
        REQUIRE(all.size() == n);
        CHECK(all.front() == 0);
        CHECK(std::is_sorted(all.begin(), all.end()));
    }
    CHECK_THROWS_AS(data::chronological_parts(10, {}), xrnn::value_error);
    CHECK_THROWS_AS(data::chronological_parts(10, {0.5, 0.4}), xrnn::value_error);
    CHECK_THROWS_AS(data::chronological_parts(10, {0.5, 0.6}), xrnn::value_error);
    CHECK_THROWS_AS(data::chronological_parts(10, {1.5, -0.5}), xrnn::value_error);
    CHECK_THROWS_AS(data::chronological_parts(10, {0.0, 1.0}), xrnn::value_error);
    CHECK_THROWS_AS(data::chronological_parts(2, {0.4, 0.3, 0.3}), xrnn::value_error);
    CHECK_THROWS_AS(data::chronological_parts(0, {1.0}), xrnn::value_error);
    double const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(data::chronological_parts(10, {nan, 1.0}), xrnn::value_error);
}
