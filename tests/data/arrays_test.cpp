// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/arrays.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace data = xrnn::data;

TEST_CASE("arrays: rows of one, two and three dimensions") {
    xt::xtensor<int, 1> const one = {5, 6, 7};
    CHECK(data::take(one, {2, 0, 2}) == xt::xtensor<int, 1>{7, 5, 7});
    xt::xtensor<double, 2> const two = {{1, 2}, {3, 4}, {5, 6}};
    CHECK(data::take(two, {2, 0}) == xt::xtensor<double, 2>{{5, 6}, {1, 2}});
    xt::xtensor<float, 3> const three = {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
    CHECK(data::take(three, {1}) == xt::xtensor<float, 3>{{{5, 6}, {7, 8}}});
    CHECK(data::take(std::vector<std::string>{"a", "b"}, {1, 1}) ==
          std::vector<std::string>{"b", "b"});
    CHECK(data::take(std::vector<bool>{true, false}, {1}) == std::vector<bool>{false});
}

TEST_CASE("arrays: rows of expressions") {
    xt::xtensor<double, 2> const two = {{1, 2}, {3, 4}, {5, 6}};
    xt::xarray<double> const dynamic = two;
    xt::xarray<double> const taken = data::take(dynamic, {1});
    CHECK(taken == xt::xarray<double>(xt::xtensor<double, 2>{{3, 4}}));
    CHECK(data::take(two * 2.0, {1}) == xt::xtensor<double, 2>{{6, 8}});
    CHECK(data::take(xt::view(two, xt::all(), xt::range(1, 2)), {0, 2}) ==
          xt::xtensor<double, 2>{{2}, {6}});
    xt::xtensor<double, 2, xt::layout_type::column_major> const columns = two;
    CHECK(data::take(columns, {2}) == xt::xtensor<double, 2>{{5, 6}});
    std::vector<double> buffer = {1, 2, 3, 4};
    CHECK(data::take(xt::adapt(buffer, std::vector<std::size_t>{2, 2}), {1}).size() == 2);
}

TEST_CASE("arrays: no rows and wrong rows") {
    xt::xtensor<double, 2> const two = {{1, 2}, {3, 4}};
    CHECK(data::take(two, {}).shape() == std::array<std::size_t, 2>{0, 2});
    xt::xtensor<double, 2> const narrow(std::array<std::size_t, 2>{3, 0});
    CHECK(data::take(narrow, {0, 1}).shape() == std::array<std::size_t, 2>{2, 0});
    CHECK_THROWS_WITH_AS(data::take(two, {0, 2}), "take: row 2 of an array that has 2 rows",
                         xrnn::value_error);
    xt::xarray<double> const dynamic = two;
    CHECK_THROWS_AS(data::take(dynamic, {2}), xrnn::value_error);
    xt::xarray<double> const scalar = 1.0;
    CHECK_THROWS_AS(data::take(scalar, {0}), xrnn::shape_error);
    CHECK_THROWS_AS(data::take(std::vector<int>{}, {0}), xrnn::value_error);
}
