// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"
#include <xrnn/data/timeseries.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace data = xrnn::data;

namespace {

double const nan_value = std::numeric_limits<double>::quiet_NaN();

/// values(row, feature) = 10 * row + feature
xt::xtensor<double, 2> series(std::size_t rows, std::size_t features) {
    xt::xtensor<double, 2> values(std::array<std::size_t, 2>{rows, features});
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t feature = 0; feature < features; ++feature)
            values(row, feature) = static_cast<double>(10 * row + feature);
    return values;
}

std::vector<double> counting(std::size_t n) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i)
        values[i] = static_cast<double>(i);
    return values;
}

} // namespace

TEST_CASE("timeseries: rows with NaN go") {
    xt::xtensor<double, 2> const values = {{1, 2}, {nan_value, 3}, {4, 5}, {6, nan_value}};
    CHECK(data::complete_rows(values) == data::row_indices{0, 2});
    CHECK(data::drop_nan_rows(values) == xt::xtensor<double, 2>{{1, 2}, {4, 5}});
    CHECK(data::drop_nan_rows(series(3, 2)) == series(3, 2));
    xt::xtensor<double, 2> const all = nan_value * series(3, 2);
    CHECK(data::drop_nan_rows(all).shape() == std::array<std::size_t, 2>{0, 2});
    xt::xarray<double> const dynamic = values;
    CHECK(data::drop_nan_rows(dynamic) == xt::xtensor<double, 2>{{1, 2}, {4, 5}});
    CHECK(data::drop_nan_rows(2.0 * values)(1, 1) == 10);
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK(data::complete_rows(xt::xtensor<double, 2>{{infinity}}).size() == 1);
    static_assert(std::is_same_v<decltype(data::drop_nan_rows(xt::xtensor<float, 2>{})),
                                 xt::xtensor<float, 2>>);
    CHECK(data::drop_nan_rows(xt::xtensor<float, 2>{{NAN}, {1.0F}})(0, 0) == 1.0F);
    CHECK(data::drop_nan_rows(xt::xtensor<int, 2>{{1, 2}}) == xt::xtensor<int, 2>{{1, 2}});
    xt::xarray<double> const flat = {1, 2};
    CHECK_THROWS_AS(data::drop_nan_rows(flat), xrnn::shape_error);
    CHECK_THROWS_AS(data::complete_rows(flat), xrnn::shape_error);
}

TEST_CASE("timeseries: windows hold consecutive rows") {
    for (std::size_t const timesteps : {1U, 2U, 5U, 6U}) {
        CAPTURE(timesteps);
        xt::xtensor<double, 3> const cut = data::windows(series(7, 3), timesteps);
        CHECK(cut.shape() == std::array<std::size_t, 3>{7 - timesteps, timesteps, 3});
        for (std::size_t window = 0; window < cut.shape()[0]; ++window)
            for (std::size_t step = 0; step < timesteps; ++step)
                for (std::size_t feature = 0; feature < 3; ++feature)
                    CHECK(cut(window, step, feature) ==
                          static_cast<double>(10 * (window + step) + feature));
    }
}

TEST_CASE("timeseries: the last window, for a forecast") {
    CHECK(data::last_window(series(7, 2), 2) == xt::xtensor<double, 3>{{{50, 51}, {60, 61}}});
    CHECK(data::last_window(series(3, 2), 3).shape() == std::array<std::size_t, 3>{1, 3, 2});
    CHECK_THROWS_AS(data::last_window(series(3, 2), 4), xrnn::shape_error);
    CHECK_THROWS_AS(data::last_window(series(3, 2), 0), xrnn::value_error);
}

TEST_CASE("timeseries: labels lie `horizon` rows after a window's last row") {
    std::size_t const rows = 9, timesteps = 4;
    for (std::size_t const horizon : {0U, 1U, 2U, 5U}) {
        CAPTURE(horizon);
        auto [x, y] =
            data::windows(series(rows, 2), counting(rows), timesteps, {.horizon = horizon});
        std::size_t const expected =
            horizon < 2 ? rows - timesteps : rows - timesteps - horizon + 1;
        REQUIRE(x.shape()[0] == expected);
        REQUIRE(y.size() == expected);
        for (std::size_t window = 0; window < y.size(); ++window)
            CHECK(y(window) == x(window, timesteps - 1, 0) / 10 + static_cast<double>(horizon));
    }
    // horizon 0 and i = the row behind the window: labels[i - 1]
    auto [x, y] = data::windows(series(12, 1), counting(12), 10);
    CHECK(y == xt::xtensor<double, 1>{9, 10});
    CHECK_THROWS_AS(data::windows(series(9, 2), counting(9), 4, {.horizon = 6}), xrnn::shape_error);
}

TEST_CASE("timeseries: fewer and more labels than rows") {
    auto [x, y] = data::windows(series(9, 1), counting(20), 4); // the surplus is unused
    CHECK(y == xt::xtensor<double, 1>{3, 4, 5, 6, 7});
    CHECK_NOTHROW(data::windows(series(9, 1), counting(8), 4)); // the last row's label is unused
    CHECK(support::message_of<xrnn::error>([] { data::windows(series(9, 1), counting(7), 4); }) ==
          "windows: 5 windows need labels up to row 7, got 7 labels");
    CHECK_NOTHROW(data::windows(series(9, 1), counting(9), 4, {.horizon = 1}));
    CHECK_THROWS_AS(data::windows(series(9, 1), counting(8), 4, {.horizon = 1}), xrnn::shape_error);
}

TEST_CASE("timeseries: value types and expressions") {
    auto [x, y] = data::windows<float>(series(5, 2), counting(5), 2);
    static_assert(std::is_same_v<decltype(x), xt::xtensor<float, 3>>);
    static_assert(std::is_same_v<decltype(y), xt::xtensor<float, 1>>);
    CHECK(x(2, 1, 1) == 31.0F);
    xt::xtensor<float, 2> const single = xt::cast<float>(series(5, 2));
    static_assert(std::is_same_v<decltype(data::windows(single, 2)), xt::xtensor<float, 3>>);
    static_assert(
        std::is_same_v<decltype(data::windows<double>(single, 2)), xt::xtensor<double, 3>>);
    xt::xtensor<int, 2> const whole = xt::cast<int>(series(5, 2));
    CHECK(data::windows(whole, 2) == data::windows(series(5, 2), 2));
    xt::xarray<double> const dynamic = series(5, 2);
    CHECK(data::windows(dynamic, 2) == data::windows(series(5, 2), 2));
    xt::xtensor<double, 2, xt::layout_type::column_major> const columns = series(5, 2);
    CHECK(data::windows(columns, 2) == data::windows(series(5, 2), 2));
    CHECK(data::windows(xt::view(dynamic, xt::all(), xt::range(1, 2)), 2)(0, 1, 0) == 11);

    auto [x1, y1] = data::windows(series(5, 2), xt::xtensor<int, 1>{0, 1, 0, 1, 1}, 2);
    CHECK(y1 == xt::xtensor<double, 1>{1, 0, 1});
    xt::xarray<float> const labels = {0, 1, 0, 1, 1};
    auto [x2, y2] = data::windows(series(5, 2), labels, 2);
    CHECK(y2 == y1);
    auto [x3, y3] =
        data::windows(series(5, 2), std::vector<bool>{false, true, false, true, true}, 2);
    CHECK(y3 == y1);
    xt::xarray<double> const square = series(5, 2);
    CHECK_THROWS_AS(data::windows(series(5, 2), square, 2), xrnn::shape_error);
}

TEST_CASE("timeseries: series that are too short") {
    CHECK(
        support::message_of<xrnn::error>([] { data::windows(series(10, 2), 10); }) ==
        "windows: 10 timesteps with 1 rows behind them need a series of at least 11 rows, got 10");
    CHECK_THROWS_AS(data::windows(series(0, 2), 1), xrnn::shape_error);
    CHECK_THROWS_AS(data::windows(series(3, 2), static_cast<std::size_t>(-1)), xrnn::shape_error);
    CHECK_THROWS_AS(data::windows(series(3, 2), 0), xrnn::value_error);
    CHECK_THROWS_AS(
        data::windows(series(3, 2), counting(3), 1, {.horizon = static_cast<std::size_t>(-1)}),
        xrnn::shape_error);
    xt::xarray<double> const flat = {1, 2, 3};
    CHECK_THROWS_AS(data::windows(flat, 1), xrnn::shape_error);
    CHECK(data::windows(series(3, 0), 1).shape() == std::array<std::size_t, 3>{2, 1, 0});
}
