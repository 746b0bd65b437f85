// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/scaling.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "data/reference/scaling.hpp"
#include "support/errors.hpp"

namespace data = xrnn::data;
using matrix = xt::xtensor<double, 2>;

namespace {

matrix as_matrix(std::vector<double> const& values) {
    matrix result(std::array<std::size_t, 2>{reference::rows, reference::columns});
    std::copy(values.begin(), values.end(), result.begin());
    return result;
}

/// The largest relative difference; infinite when the sizes or the places of the NaNs differ.
template <class A, class B>
double difference(A const& a, B const& b) {
    double const infinity = std::numeric_limits<double>::infinity();
    if (a.size() != b.size())
        return infinity;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        double const x = a.data()[i], y = b.data()[i];
        if (std::isnan(x) != std::isnan(y))
            return infinity;
        if (x != y && !std::isnan(x))
            largest = std::max(largest, std::abs(x - y) / std::max(std::abs(x), std::abs(y)));
    }
    return largest;
}

} // namespace

TEST_CASE("scaling: min_max_scaler is scikit-learn's, bit for bit") {
    matrix const x = as_matrix(reference::x()), other = as_matrix(reference::other());
    data::min_max_scaler scaler;
    CHECK(difference(scaler.fit_transform(x), reference::min_max_fitted()) == 0);
    CHECK(difference(scaler.transform(other), reference::min_max_other()) == 0);
    CHECK(difference(scaler.inverse_transform(scaler.transform(x)), reference::min_max_inverse()) ==
          0);
    CHECK(difference(scaler.scale(), reference::min_max_scale()) == 0);
    CHECK(scaler.columns() == reference::columns);

    data::min_max_scaler range({.minimum = -2.5, .maximum = 3});
    CHECK(difference(range.fit_transform(x), reference::min_max_range_fitted()) == 0);
    CHECK(difference(range.transform(other), reference::min_max_range_other()) == 0);
    CHECK(difference(range.inverse_transform(range.transform(x)),
                     reference::min_max_range_inverse()) == 0);
    CHECK(difference(range.scale(), reference::min_max_range_scale()) == 0);
}

TEST_CASE("scaling: standard_scaler is scikit-learn's to 1e-15 of the values") {
    matrix const x = as_matrix(reference::x()), other = as_matrix(reference::other());
    data::standard_scaler scaler;
    CHECK(difference(scaler.fit_transform(x), reference::standard_fitted()) <= 1e-15);
    CHECK(difference(scaler.transform(other), reference::standard_other()) <= 1e-15);
    CHECK(difference(scaler.inverse_transform(scaler.transform(x)),
                     reference::standard_inverse()) <= 1e-15);
    CHECK(difference(scaler.scale(), reference::standard_scale()) <= 1e-15);
    CHECK(difference(scaler.mean(), reference::standard_mean()) <= 1e-15);
    CHECK(difference(scaler.variance(), reference::standard_variance()) <= 1e-15);
}

TEST_CASE("scaling: the comparison above can fail") {
    std::vector<double> const a = {1, reference::nan};
    CHECK(difference(a, a) == 0);
    CHECK(difference(a, std::vector<double>{1 + 4e-16, reference::nan}) > 1e-16);
    CHECK(std::isinf(difference(a, std::vector<double>{1, 2})));
    CHECK(std::isinf(difference(a, std::vector<double>{1})));
}

TEST_CASE("scaling: constant columns, NaN and one row") {
    matrix const x = {{1, 5, reference::nan}, {3, 5, 2}, {2, 5, 4}};
    matrix const scaled = data::min_max_scaler{}.fit_transform(x);
    CHECK(scaled(0, 0) == 0);
    CHECK(scaled(1, 0) == 1);
    CHECK(scaled(2, 0) == 0.5);
    CHECK(scaled(0, 1) == 0); // constant: the minimum
    CHECK(std::isnan(scaled(0, 2)));
    CHECK(scaled(1, 2) == 0);
    CHECK(data::standard_scaler{}.fit(x).scale()[1] == 1);
    matrix const row = {{3, -1e9, 0}};
    CHECK(data::min_max_scaler{}.fit_transform(row) == matrix{{0, 0, 0}});
    CHECK(data::standard_scaler{}.fit_transform(row) == matrix{{0, 0, 0}});
}

TEST_CASE("scaling: any expression, and its type comes back") {
    matrix const x = {{1, 5}, {3, 7}, {2, 9}};
    matrix const expected = data::min_max_scaler{}.fit_transform(x);
    xt::xarray<double> const dynamic = x;
    CHECK(data::min_max_scaler{}.fit_transform(dynamic) == expected);
    CHECK(data::min_max_scaler{}.fit_transform(x + 0.0) == expected);
    xt::xtensor<double, 2, xt::layout_type::column_major> const columns = x;
    CHECK(data::min_max_scaler{}.fit_transform(columns) == expected);
    xt::xtensor<int, 2> const whole = {{1, 5}, {3, 7}, {2, 9}};
    CHECK(data::min_max_scaler{}.fit_transform(whole) == expected);
    xt::xtensor<float, 2> const single = {{1, 5}, {3, 7}, {2, 9}};
    xt::xtensor<float, 2> const result = data::min_max_scaler{}.fit_transform(single);
    static_assert(std::is_same_v<decltype(data::min_max_scaler{}.fit_transform(single)),
                                 xt::xtensor<float, 2>>);
    CHECK(result == xt::xtensor<float, 2>{{0, 0}, {1, 0.5F}, {0.5F, 1}});
    data::min_max_scaler const fitted = data::min_max_scaler{}.fit(x);
    CHECK(fitted.transform(xt::view(x, xt::range(1, 2), xt::all())) == matrix{{1, 0.5}});
    CHECK(fitted.transform(matrix(std::array<std::size_t, 2>{0, 2})).shape()[0] == 0);
}

TEST_CASE_TEMPLATE("scaling: misuse", Scaler, data::min_max_scaler, data::standard_scaler) {
    matrix const x = {{1, 2}, {3, 4}};
    matrix const wide = {{1, 2, 3}};
    matrix const infinite = {{1, 2}, {3, std::numeric_limits<double>::infinity()}};
    Scaler scaler;
    CHECK(support::message_of<xrnn::error>([&] {
              scaler.transform(x);
          }).ends_with("transform: the scaler has not been fitted, call fit first"));
    CHECK_THROWS_AS(scaler.inverse_transform(x), xrnn::value_error);
    CHECK_THROWS_AS(scaler.state(), xrnn::value_error);
    CHECK_THROWS_AS(scaler.fit(matrix(std::array<std::size_t, 2>{0, 2})), xrnn::shape_error);
    CHECK_THROWS_AS(scaler.fit(infinite), xrnn::value_error);
    CHECK(scaler.columns() == 0);
    scaler.fit(x);
    matrix const before = scaler.transform(x);
    CHECK(support::message_of<xrnn::error>([&] {
              scaler.transform(wide);
          }).ends_with("expected 2 columns as in fit, got an array of shape (1, 3)"));
    CHECK_THROWS_AS(scaler.inverse_transform(wide), xrnn::shape_error);
    CHECK(support::message_of<xrnn::error>([&] {
              scaler.transform(infinite);
          }).ends_with("got infinity in row 1, column 1"));
    xt::xarray<double> const flat = {1, 2};
    CHECK_THROWS_AS(scaler.fit(flat), xrnn::shape_error);
    CHECK_THROWS_AS(scaler.fit(infinite), xrnn::value_error);
    CHECK(scaler.transform(x) == before); // a failed fit changes nothing
    scaler.fit(wide);
    CHECK(scaler.columns() == 3);
}

TEST_CASE("scaling: a range must be one") {
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(data::min_max_scaler({.minimum = 1, .maximum = 1}), xrnn::value_error);
    CHECK_THROWS_AS(data::min_max_scaler({.minimum = 2, .maximum = 1}), xrnn::value_error);
    CHECK_THROWS_AS(data::min_max_scaler({.minimum = 0, .maximum = infinity}), xrnn::value_error);
    CHECK_THROWS_AS(data::min_max_scaler({.minimum = reference::nan}), xrnn::value_error);
}

TEST_CASE_TEMPLATE("scaling: the state restores the scaler bit for bit", Scaler,
                   data::min_max_scaler, data::standard_scaler) {
    matrix const x = as_matrix(reference::x()), other = as_matrix(reference::other());
    Scaler scaler;
    scaler.fit(x);
    std::vector<data::named_array> arrays = scaler.state();
    for (data::named_array const& array : arrays) {
        REQUIRE(array.shape.size() == 1);
        CHECK(array.shape[0] == array.values.size());
    }
    arrays.insert(arrays.begin(), {"lstm.kernel", {1, 1}, {0.5}}); // beside a model's arrays
    Scaler const restored = Scaler::from_state(arrays);
    CHECK(difference(restored.transform(other), scaler.transform(other)) == 0);
    CHECK(difference(restored.inverse_transform(x), scaler.inverse_transform(x)) == 0);
    CHECK(restored.state().size() == scaler.state().size());
}

TEST_CASE_TEMPLATE("scaling: a broken state is refused", Scaler, data::min_max_scaler,
                   data::standard_scaler) {
    matrix const x = {{1, 2}, {3, 5}};
    std::vector<data::named_array> const good = Scaler{}.fit(x).state();
    CHECK_NOTHROW(Scaler::from_state(good));
    CHECK_THROWS_AS(Scaler::from_state({}), xrnn::format_error);
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(good[i].name);
        std::vector<data::named_array> bad = good;
        bad.push_back(good[i]);
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error); // twice
        bad = good;
        bad[i].name += "_";
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error); // missing
        bad = good;
        bad[i].values[1] = std::numeric_limits<double>::infinity();
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error);
        bad = good;
        bad[i].values.push_back(1);
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error); // shape and values differ
        bad[i].shape = {3};
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error); // columns differ
        bad = good;
        bad[i].shape = {1, 2};
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error);
        bad[i].shape = {0};
        bad[i].values.clear();
        CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error);
        if (good[i].name.ends_with("scale")) {
            bad = good;
            bad[i].values[0] = 0;
            CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error);
        }
        if (good[i].name.ends_with("range")) {
            bad = good;
            bad[i].values = {1, 1};
            CHECK_THROWS_AS(Scaler::from_state(bad), xrnn::format_error);
        }
    }
}
