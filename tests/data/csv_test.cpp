// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/csv.hpp>

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "data/reference/csv.hpp"

namespace data = xrnn::data;
using data::parse_csv;
using namespace std::string_literals;

namespace {

/// The message of the format_error that `text` gives, "" when it gives none.
std::string refusal(std::string_view text, data::csv_options const& options = {}) {
    try {
        parse_csv(text, options);
    } catch (xrnn::format_error const& error) {
        return error.what();
    }
    return "";
}

/// The value of a number in a column of its own, beside a plain number.
double number(std::string const& cell) {
    data::frame const table = parse_csv("a\n" + cell + "\n1\n");
    REQUIRE_MESSAGE(!table.is_text("a"), cell);
    return table["a"][0];
}

bool is_text(std::string const& cell) {
    return parse_csv("a\n" + cell + "\n1\n").is_text("a");
}

/// A folder that goes away with the test.
struct scratch_folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("xrnn_csv_test_" + std::to_string(std::random_device{}()));
    scratch_folder() { std::filesystem::create_directories(path); }
    ~scratch_folder() { std::filesystem::remove_all(path); }
    void write(std::string const& name, std::string const& bytes) const {
        std::ofstream(path / name, std::ios::binary) << bytes;
    }
};

} // namespace

TEST_CASE("csv: a plain table") {
    data::frame const table = parse_csv("<DATE>,<OPEN>,<Last P>,<Name>\n20210523,1.5,-2e3,Overall\n"
                                        "20210524,,0.25,\"Index, all\"\n");
    CHECK(table.names() == std::vector<std::string>{"<DATE>", "<OPEN>", "<Last P>", "<Name>"});
    CHECK(table.rows() == 2);
    CHECK(table["<DATE>"] == data::numbers{20210523, 20210524});
    CHECK(table["<OPEN>"][0] == 1.5);
    CHECK(std::isnan(table["<OPEN>"][1]));
    CHECK(table["<Last P>"] == data::numbers{-2000, 0.25});
    CHECK(table.text("<Name>") == data::texts{"Overall", "Index, all"});
}

TEST_CASE("csv: line ends") {
    for (std::string const text : {"a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n",
                                   "a,b\r\n1,2\n3,4", "\n\na,b\n\n1,2\r\n\r\n3,4\n\n\n"}) {
        CAPTURE(text);
        data::frame const table = parse_csv(text);
        CHECK(table["a"] == data::numbers{1, 3});
        CHECK(table["b"] == data::numbers{2, 4});
    }
}

TEST_CASE("csv: a header alone gives no rows") {
    for (std::string const text : {"a,b", "a,b\n", "a,b\r\n",
                                   "\xef\xbb\xbf"
                                   "a,b\n"}) {
        data::frame const table = parse_csv(text);
        CHECK(table.names() == std::vector<std::string>{"a", "b"});
        CHECK(table.rows() == 0);
        CHECK(table.empty());
        CHECK_FALSE(table.is_text("a"));
    }
}

TEST_CASE("csv: quoted fields") {
    data::frame const table = parse_csv(
        "name,\"a \"\"b\"\"\"\n\"x,y\",1\n\"line\nbreak\r\n\",\"2\"\n\"\",3\n5\" nail,4\n");
    CHECK(table.text("name") == data::texts{"x,y", "line\nbreak\r\n", "", "5\" nail"});
    CHECK(table["a \"b\""] == data::numbers{1, 2, 3, 4});
}

TEST_CASE("csv: the same fields as Python's csv module") {
    std::vector<reference::csv_case> const cases = reference::csv_cases();
    CHECK(cases.size() == 60);
    for (reference::csv_case const& expected : cases) {
        CAPTURE(expected.text);
        data::frame const table = parse_csv(expected.text);
        REQUIRE(table.names() == expected.records.front());
        REQUIRE(table.rows() == expected.records.size() - 1);
        for (std::size_t row = 0; row < table.rows(); ++row)
            for (std::size_t column = 0; column < table.columns(); ++column)
                CHECK(table.text(table.names()[column])[row] == expected.records[row + 1][column]);
    }
}

TEST_CASE("csv: the separator is a choice") {
    data::csv_options options;
    options.separator = ';';
    CHECK(parse_csv("a;b\n1;2,5\n", options).text("b") == data::texts{"2,5"});
    options.separator = '\t';
    data::frame const table = parse_csv("a\tb\n1\t\n", options);
    CHECK(table["a"] == data::numbers{1});
    CHECK(std::isnan(table["b"][0]));
    for (char const wrong : {'"', '\n', '\r', '.', '-', '1', 'e', '\0', '\xa0'}) {
        options.separator = wrong;
        CHECK_THROWS_AS(parse_csv("a\n1\n", options), xrnn::value_error);
    }
}

TEST_CASE("csv: what is a number") {
    CHECK(number("0.1") == 0.1);
    CHECK(number("-7") == -7);
    CHECK(number("+7.5") == 7.5);
    CHECK(number(".5") == 0.5);
    CHECK(number("+.5") == 0.5);
    CHECK(number("5.") == 5);
    CHECK(number("1E+3") == 1000);
    CHECK(number(" \t12 ") == 12);
    CHECK(number("\" 12\"") == 12);
    CHECK(number("00123") == 123);
    CHECK(number("1.7976931348623157e308") == std::numeric_limits<double>::max());
    CHECK(number("5e-324") == std::numeric_limits<double>::denorm_min());
    CHECK(number("9007199254740993") == 9007199254740992);
    CHECK(std::signbit(number("-0")));
    double const infinity = std::numeric_limits<double>::infinity();
    for (std::string const cell : {"inf", "INF", "+inf", "Infinity", "infinity"})
        CHECK(number(cell) == infinity);
    CHECK(number("-inf") == -infinity);
}

TEST_CASE("csv: what is missing") {
    for (std::string const cell : {"\"\"", "\"  \"", " ", "\t", "nan", "NaN", "-nan", "+NAN", "NA",
                                   "N/A", "null", " NULL "}) {
        CAPTURE(cell);
        CHECK(std::isnan(number(cell)));
    }
    data::frame const table = parse_csv("a,b\n,x\nNA,\n");
    CHECK_FALSE(table.is_text("a")); // no value at all
    CHECK(std::isnan(table["a"][1]));
    CHECK(table.text("b") == data::texts{"x", ""});
    CHECK(parse_csv("b\nx\nNA\n").text("b") == data::texts{"x", "NA"}); // texts stay as written

    data::csv_options options;
    options.missing = {"-999"};
    CHECK(std::isnan(parse_csv("a\n-999\n", options)["a"][0]));
    CHECK(parse_csv("a\nNA\n", options).is_text("a"));
}

TEST_CASE("csv: what is text") {
    for (std::string const cell : {"x",
                                   "1x",
                                   "1 2",
                                   "0x1F",
                                   "1e",
                                   "e5",
                                   "1_000",
                                   "\"1,000\"",
                                   "--1",
                                   "+-1",
                                   "-+1",
                                   "+",
                                   "-",
                                   ".",
                                   "++1",
                                   "+ 1",
                                   "nan(1)",
                                   "nan()",
                                   "1.2.3",
                                   "12:30",
                                   "1\xc2\xa0",
                                   "1\xd9\xab"
                                   "5",
                                   "\xdb\xb1\xdb\xb2" /* Persian 12 */,
                                   "\xd9\xa1\xd9\xa2" /* Arabic 12 */,
                                   "infinit",
                                   "True",
                                   "2021-05-23",
                                   "1e999x"}) {
        CAPTURE(cell);
        CHECK(is_text(cell));
    }
    CHECK(parse_csv("a\n1\n2\n \nx\n").text("a") == data::texts{"1", "2", " ", "x"});
}

TEST_CASE("csv: a number beyond a double is an error unless the column is text") {
    CHECK(refusal("a,b\n1,2\n\n3,1e999\n") ==
          "csv text, line 4 (row 2), column 'b': 1e999 does not fit a double");
    CHECK(refusal("a\n-1e-999\n") != "");
    CHECK(parse_csv("a\n1e999\nx\n").text("a") == data::texts{"1e999", "x"});
}

TEST_CASE("csv: columns kept as text on request") {
    data::csv_options options;
    options.text_columns = {"code"};
    data::frame const table = parse_csv("code,v\n00123,1\n,2\n", options);
    CHECK(table.text("code") == data::texts{"00123", ""});
    CHECK(table["v"] == data::numbers{1, 2});
}

TEST_CASE("csv: names") {
    CHECK(parse_csv(",a\n0,5\n")[""] == data::numbers{0}); // an index column without name
    CHECK(parse_csv(" a , b\n0,5\n").names() == std::vector<std::string>{" a ", " b"});
    CHECK(refusal("a,b,a\n1,2,3\n") == "csv text, line 1: columns 1 and 3 are both called 'a'");
    CHECK(refusal("\n\"\",\n") == "csv text, line 2: columns 1 and 2 are both called ''");
}

TEST_CASE("csv: broken files say what and where") {
    CHECK(refusal("") == "csv text: expected a line of column names, got an empty file");
    CHECK(refusal("\n\r\n\n") != "");
    CHECK(refusal("\xef\xbb\xbf") != "");
    CHECK(refusal("a,b\n1,2\n3\n") ==
          "csv text, line 3 (row 2): expected 2 columns as in the header, got 1");
    CHECK(refusal("a,b\n1,2,\n") ==
          "csv text, line 2 (row 1): expected 2 columns as in the header, got 3");
    CHECK(refusal("a,b\n\"x\ny\",1\n\n1,2,3") ==
          "csv text, line 5 (row 2): expected 2 columns as in the header, got 3");
    CHECK(refusal("a,b\n1,2\n3,\"x\ny\n4,5\n") ==
          "csv text, line 3, column 2: a quote that is never closed");
    CHECK(refusal("a,b\n1,\"x\"y\n") == "csv text, line 2, column 2: text behind a closing quote");
    CHECK(refusal("a,b\n1,\"x\" \n") == "csv text, line 2, column 2: text behind a closing quote");
    CHECK(refusal("a,b\n1,2\r3,4\n") ==
          "csv text, line 2, column 2: a carriage return without a line feed");
    CHECK(refusal("a,b\n1,2\r") != "");
    CHECK(refusal("a\n\xff\n") ==
          "csv text, line 2, character 1: expected UTF-8, got a byte of value 255 that cannot "
          "stand there");
    CHECK(refusal("a,\xd8\xa8,c\n1,2,\0\n"s) ==
          "csv text, line 2, character 5: a NUL character, which no text holds");
}

TEST_CASE("csv: no locale is asked") {
    if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr)
        MESSAGE("locale de_DE.UTF-8 is not installed: the test says little");
    CHECK(number("0.5") == 0.5);
    CHECK(is_text("\"0,5\""));
    std::setlocale(LC_ALL, "C");
}

TEST_CASE("csv: files") {
    scratch_folder const folder;
    folder.write("b.csv", "\xef\xbb\xbf"
                          "a,b\r\n1,x\r\n");
    folder.write("A.csv", "a,b\n");
    folder.write("c.d.csv", "z\n1\n");
    folder.write("notes.txt", "not a table\"");
    std::filesystem::create_directory(folder.path / "sub.csv");

    data::frame const table = data::read_csv(folder.path / "b.csv");
    CHECK(table["a"] == data::numbers{1});
    CHECK(table.text("b") == data::texts{"x"});

    std::vector<data::named_frame> const tables = data::read_folder(folder.path);
    REQUIRE(tables.size() == 3); // in the order of bytes: capitals first
    CHECK(tables[0].name == "A");
    CHECK(tables[0].table.empty());
    CHECK(tables[1].name == "b");
    CHECK(tables[2].name == "c.d");
    CHECK(tables[2].table["z"] == data::numbers{1});

    std::string const path = (folder.path / "bad.csv").string();
    folder.write("bad.csv", "a,b\n1\n");
    std::string message;
    try {
        data::read_folder(folder.path);
    } catch (xrnn::format_error const& error) {
        message = error.what();
    }
    CHECK(message == path + ", line 2 (row 1): expected 2 columns as in the header, got 1");
}

TEST_CASE("csv: files that are not there") {
    scratch_folder const folder;
    CHECK_THROWS_AS(data::read_csv(folder.path / "none.csv"), xrnn::io_error);
    CHECK_THROWS_AS(data::read_csv(folder.path), xrnn::io_error);
    CHECK_THROWS_AS(data::read_folder(folder.path), xrnn::io_error); // empty
    CHECK_THROWS_AS(data::read_folder(folder.path / "none"), xrnn::io_error);
    folder.write("a.txt", "a\n");
    CHECK_THROWS_AS(data::read_folder(folder.path / "a.txt"), xrnn::io_error);
    CHECK_THROWS_WITH(data::read_folder(folder.path),
                      ("read_folder: no *.csv file in '" + folder.path.string() + "'").c_str());
}
