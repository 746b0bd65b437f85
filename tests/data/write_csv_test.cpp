// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/write_csv.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <xrnn/data/csv.hpp>

namespace data = xrnn::data;
using data::frame;
using data::numbers;
using data::texts;

namespace {

double const nan_value = std::numeric_limits<double>::quiet_NaN();
double const infinity = std::numeric_limits<double>::infinity();

void check_round_trip(frame const& table, char separator = ',') {
    data::csv_options options;
    options.separator = separator;
    for (std::string const& name : table.names())
        if (table.is_text(name))
            options.text_columns.push_back(name);
    std::string const text = data::to_csv(table, separator);
    CAPTURE(text);
    frame const back = data::parse_csv(text, options);
    REQUIRE(back.names() == table.names());
    REQUIRE(back.rows() == table.rows());
    for (std::string const& name : table.names()) {
        REQUIRE(back.is_text(name) == table.is_text(name));
        if (table.is_text(name)) {
            CHECK(back.text(name) == table.text(name));
            continue;
        }
        for (std::size_t row = 0; row < table.rows(); ++row) {
            double const before = table[name][row], after = back[name][row];
            if (std::isnan(before))
                CHECK(std::isnan(after));
            else
                CHECK(std::bit_cast<std::uint64_t>(before) == std::bit_cast<std::uint64_t>(after));
        }
    }
}

} // namespace

TEST_CASE("write_csv: the text") {
    frame const table{{"date", numbers{20210523, 20210524}},
                      {"a,b", numbers{0.1, nan_value}},
                      {"note", texts{"x \"y\"", "two\nlines"}}};
    CHECK(data::to_csv(table) == "date,\"a,b\",note\n20210523,0.1,\"x \"\"y\"\"\"\n"
                                 "20210524,,\"two\nlines\"\n");
    CHECK(data::to_csv(table, ';').starts_with("date;a,b;note\n"));
    CHECK(data::to_csv(frame{{"a", numbers{}}, {"b", numbers{}}}) == "a,b\n");
    CHECK(data::to_csv(frame{{"a", numbers{nan_value, 1}}}) == "a\n\"\"\n1\n");
    CHECK_THROWS_AS(data::to_csv(frame{}), xrnn::value_error);
    CHECK_THROWS_AS(data::to_csv(table, '.'), xrnn::value_error);
}

TEST_CASE("write_csv: what is written reads back, bit for bit") {
    check_round_trip({{"a", numbers{0.1, -0.0, 1e300, 5e-324, nan_value, infinity, -infinity,
                                    9007199254740993.0, 1.0 / 3.0, -1e-7}}});
    check_round_trip({{"", numbers{nan_value}}});
    check_round_trip(
        {{"", texts{"", "\"", "\"\"", ",", "\r", "\n", "\r\n", " x ", "12", "é,نماد"}}});
    check_round_trip({{"\xef\xbb\xbf"
                       "a",
                       numbers{1}}}); // not taken for a byte order mark
    check_round_trip({{" a", texts{}}, {"b\n", numbers{}}});
}

TEST_CASE("write_csv: random tables round trip with every separator") {
    std::mt19937 random(7);
    std::vector<std::string> const pieces = {"a",    "\"", ",", ";", "\n",
                                             "\r\n", "\r", " ", "é", "1"};
    for (int round = 0; round < 200; ++round) {
        frame table;
        std::size_t const rows = random() % 5;
        for (std::size_t column = 0; column < 1 + random() % 4; ++column) {
            texts words(rows);
            numbers values(rows);
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t i = random() % 4; i > 0; --i)
                    words[row] += pieces[random() % pieces.size()];
                std::uint64_t const bits = std::uint64_t{random()} << 32 | random();
                values[row] = std::bit_cast<double>(bits); // any double at all
            }
            std::string const name = pieces[random() % pieces.size()] + std::to_string(column);
            if (random() % 2 == 0)
                table.add(name, words);
            else
                table.add(name, values);
        }
        check_round_trip(table, ",;\t| :"[random() % 6]);
    }
}

TEST_CASE("write_csv: files") {
    std::filesystem::path const path =
        std::filesystem::temp_directory_path() /
        ("xrnn_write_csv_test_" + std::to_string(std::random_device{}()) + ".csv");
    frame const table{{"a", numbers{1, 2}}, {"b", texts{"x", "y"}}};
    data::write_csv(path, table);
    frame const back = data::read_csv(path);
    CHECK(back["a"] == table["a"]);
    CHECK(back.text("b") == table.text("b"));
    data::write_csv(path, frame{{"c", numbers{3}}}); // over the old file
    CHECK(data::read_csv(path)["c"] == numbers{3});
    std::filesystem::remove(path);
    CHECK_THROWS_AS(data::write_csv(path / "none" / "t.csv", table), xrnn::io_error);
}
