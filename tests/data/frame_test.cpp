// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"
#include <xrnn/data/frame.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using xrnn::data::frame;
using xrnn::data::numbers;
using xrnn::data::texts;
using names = std::vector<std::string>;

namespace {

double const nan_value = std::numeric_limits<double>::quiet_NaN();

frame market() {
    return {{"<DATE>", numbers{1, 2, 3, 4}},
            {"<NAME>", texts{"a", "b", "c", "d"}},
            {"<CLOSE>", numbers{10, nan_value, 30, 40}}};
}

} // namespace

TEST_CASE("frame: sizes, names, columns") {
    frame const table = market();
    CHECK(table.rows() == 4);
    CHECK(table.columns() == 3);
    CHECK_FALSE(table.empty());
    CHECK(table.names() == names{"<DATE>", "<NAME>", "<CLOSE>"});
    CHECK(table.has("<NAME>"));
    CHECK_FALSE(table.has("NAME"));
    CHECK(table.index_of("<CLOSE>") == 2);
    CHECK(table.is_text("<NAME>"));
    CHECK_FALSE(table.is_text("<DATE>"));
    CHECK(table["<DATE>"] == numbers{1, 2, 3, 4});
    CHECK(table.text("<NAME>") == texts{"a", "b", "c", "d"});

    frame const nothing;
    CHECK(nothing.empty());
    CHECK(nothing.rows() == 0);
    CHECK(nothing.columns() == 0);
    frame const header{{"a", numbers{}}, {"b", texts{}}};
    CHECK(header.empty());
    CHECK(header.columns() == 2);
}

TEST_CASE("frame: a column that is not there names the nearest ones") {
    frame const table{{"<OPEN>", numbers{}},
                      {"<CLOSE>", numbers{}},
                      {"<VOL>", numbers{}},
                      {"<Last P>", numbers{}}};
    CHECK(support::message_of<xrnn::error>([&] { (void)table["<CLOS>"]; }) ==
          "frame: no column '<CLOS>'; nearest are '<CLOSE>', '<VOL>', '<OPEN>'");
    CHECK(support::message_of<xrnn::error>([&] {
              (void)table.text("x");
          }).starts_with("frame: no column 'x'"));
    CHECK(support::message_of<xrnn::error>([] { (void)frame{}["x"]; }) ==
          "frame: no column 'x'; there are no columns");
    CHECK_THROWS_AS((void)table.at("x"), xrnn::value_error);
    CHECK_THROWS_AS((void)table.is_text("x"), xrnn::value_error);
    CHECK(xrnn::data::detail::edit_distance("kitten", "sitting") == 3);
    CHECK(xrnn::data::detail::edit_distance("", "abc") == 3);
    CHECK(xrnn::data::detail::edit_distance("abc", "") == 3);
    CHECK(xrnn::data::detail::edit_distance("abc", "abc") == 0);
}

TEST_CASE("frame: the kind of a column is asked for") {
    CHECK(support::message_of<xrnn::error>([] { (void)market()["<NAME>"]; }) ==
          "frame: column '<NAME>' holds text, not numbers");
    CHECK(support::message_of<xrnn::error>([] { (void)market().text("<DATE>"); }) ==
          "frame: column '<DATE>' holds numbers, not text");
}

TEST_CASE("frame: adding columns") {
    frame table = market();
    table.add("x", numbers{5, 6, 7, 8});
    CHECK(table.names().back() == "x");
    CHECK_THROWS_AS(table.add("x", numbers{5, 6, 7, 8}), xrnn::value_error);
    CHECK(support::message_of<xrnn::error>([&] { table.add("y", texts{"a"}); }) ==
          "frame: column 'y' has 1 rows, expected 4");
    CHECK(table.columns() == 4); // unchanged by what failed
    CHECK_THROWS_AS((frame{{"a", numbers{1}}, {"a", numbers{2}}}), xrnn::value_error);
    CHECK_THROWS_AS((frame{{"a", numbers{}}, {"b", numbers{2}}}), xrnn::shape_error);
}

TEST_CASE("frame: from an array and back") {
    xt::xtensor<double, 2> const values = {{1, 2, 3}, {4, 5, 6}};
    frame const table({"a", "b", "c"}, values);
    CHECK(table.rows() == 2);
    CHECK(table["b"] == numbers{2, 5});
    CHECK(table.values() == values);
    frame const scaled({"a", "b", "c"}, 2.0 * values);
    CHECK(scaled["c"] == numbers{6, 12});
    xt::xarray<float> const other = xt::xtensor<float, 2>{{1.5F}, {2.5F}};
    CHECK(frame({"a"}, other)["a"] == numbers{1.5, 2.5});
    CHECK_THROWS_AS(frame({"a", "b"}, values), xrnn::shape_error);
    CHECK_THROWS_AS(frame({"a", "b", "a"}, values), xrnn::value_error);
    xt::xarray<double> const flat = {1, 2, 3};
    CHECK_THROWS_AS(frame({"a", "b", "c"}, flat), xrnn::shape_error);

    CHECK_THROWS_AS((void)market().values(), xrnn::value_error);
    CHECK(std::isnan(market().drop_text().values()(1, 1)));
    xt::xtensor<double, 2> const none = frame{{"a", numbers{}}, {"b", numbers{}}}.values();
    CHECK(none.shape()[0] == 0);
    CHECK(none.shape()[1] == 2);
}

TEST_CASE("frame: choosing columns") {
    CHECK(market().select({"<CLOSE>", "<DATE>"}).names() == names{"<CLOSE>", "<DATE>"});
    CHECK(market().select({}).columns() == 0);
    CHECK_THROWS_AS(market().select({"x"}), xrnn::value_error);
    CHECK_THROWS_AS(market().select({"<DATE>", "<DATE>"}), xrnn::value_error);
    CHECK(market().drop({"<DATE>"}).names() == names{"<NAME>", "<CLOSE>"});
    CHECK_THROWS_AS(market().drop({"x"}), xrnn::value_error);
    CHECK(market().drop_text().names() == names{"<DATE>", "<CLOSE>"});
    CHECK(frame{{"t", texts{"a"}}}.drop_text().columns() == 0);
}

TEST_CASE("frame: renaming") {
    CHECK(market().rename("<NAME>", "name").names() == names{"<DATE>", "name", "<CLOSE>"});
    CHECK(market().rename("<NAME>", "<NAME>").names() == market().names());
    CHECK_THROWS_AS(market().rename("x", "y"), xrnn::value_error);
    CHECK_THROWS_AS(market().rename("<NAME>", "<DATE>"), xrnn::value_error);
    frame const plain =
        market().rename([](std::string const& name) { return name.substr(1, name.size() - 2); });
    CHECK(plain.names() == names{"DATE", "NAME", "CLOSE"});
    CHECK(plain["CLOSE"][2] == 30);
    CHECK_THROWS_AS(market().rename([](std::string const&) { return "same"; }), xrnn::value_error);
    CHECK(market().prefix("X:", "<DATE>").names() == names{"<DATE>", "X:<NAME>", "X:<CLOSE>"});
    CHECK(market().prefix("X:").names() == names{"X:<DATE>", "X:<NAME>", "X:<CLOSE>"});
}

TEST_CASE("frame: choosing rows") {
    frame const late = market().where("<DATE>", [](double date) { return date > 2; });
    CHECK(late["<DATE>"] == numbers{3, 4});
    CHECK(late.text("<NAME>") == texts{"c", "d"});
    // NaN compares false
    CHECK(market().where("<CLOSE>", [](double c) { return c > 0; }).rows() == 3);
    CHECK(market().where("<CLOSE>", [](double c) { return c <= 0; }).rows() == 0);
    frame const none = market().where("<DATE>", [](double) { return false; });
    CHECK(none.empty());
    CHECK(none.names() == market().names());
    CHECK_THROWS_AS(market().where("<NAME>", [](double) { return true; }), xrnn::value_error);
    frame const even = market().filter([](std::size_t row) { return row % 2 == 0; });
    CHECK(even.text("<NAME>") == texts{"a", "c"});
    CHECK(market().take({3, 0, 3})["<DATE>"] == numbers{4, 1, 4});
    CHECK(market().take({}).empty());
    CHECK_THROWS_AS(market().take({4}), xrnn::value_error);
}

TEST_CASE("frame: appending rows") {
    frame table = market();
    table.append(market().take({0}));
    CHECK(table["<DATE>"] == numbers{1, 2, 3, 4, 1});
    CHECK(table.text("<NAME>").back() == "a");
    table.append(table);
    CHECK(table.rows() == 10);
    CHECK_THROWS_AS(table.append(market().drop({"<DATE>"})), xrnn::value_error);
    CHECK_THROWS_AS(table.append(market().select({"<NAME>", "<DATE>", "<CLOSE>"})),
                    xrnn::value_error);
    frame const text{{"<DATE>", numbers{1}}, {"<NAME>", texts{"a"}}, {"<CLOSE>", texts{"x"}}};
    CHECK_THROWS_AS(table.append(text), xrnn::value_error);
    CHECK(table.rows() == 10); // unchanged by what failed, every column
    CHECK(table["<CLOSE>"].size() == 10);
    frame from_nothing;
    from_nothing.append(market());
    CHECK(from_nothing.rows() == 4);
}
