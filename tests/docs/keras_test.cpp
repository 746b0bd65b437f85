// SPDX-License-Identifier: BSD-3-Clause
//
// The table from Keras to xrnn: what stands in its xrnn column is code that compiles and runs.
#define main keras_table_main
#include "../../docs/examples/keras_table.cpp"
#undef main

#include "docs/documents.hpp"

#include <doctest/doctest.h>

namespace {

std::string without_blanks(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
}

/// The code in the second column of a row of a table | Keras | xrnn |.
documents::lines xrnn_column(std::string const& row) {
    documents::lines result;
    auto const second = row.find(" | ", 2);
    if (!row.starts_with("| ") || second == std::string::npos)
        return result;
    std::string const cell = row.substr(second);
    static std::regex const code("`([^`]+)`");
    for (std::sregex_iterator it(cell.begin(), cell.end(), code), end; it != end; ++it)
        result.push_back(it->str(1));
    return result;
}

} // namespace

TEST_CASE("every expression of the table is in the program") {
    std::string const program =
        without_blanks(documents::read(documents::root / "docs/examples/keras_table.cpp"));
    std::size_t expressions = 0;
    for (std::string const& row :
         documents::lines_of(documents::read(documents::root / "docs/keras.md")))
        for (std::string const& code : xrnn_column(row)) {
            if (code == "seed") // an option of fit, named in a sentence
                continue;
            CAPTURE(code);
            CHECK(program.find(without_blanks(code)) != std::string::npos);
            ++expressions;
        }
    CHECK(expressions >= 50);
    CHECK(xrnn_column("| `A(1)` | `a<1>{}`, `b` |") == documents::lines{"a<1>{}", "b"});
}

TEST_CASE("the program runs") {
    std::string const output = documents::output_of(keras_table_main);
    INFO(output);
    CHECK(output.find("returned") == std::string::npos);
    CHECK(output.find("64 rows of class 1") != std::string::npos);
    CHECK(output.find("lstm.recurrent_kernel") != std::string::npos);
}

TEST_CASE("the numbers that the page states are the library's") {
    CHECK(adam{}.epsilon == 1e-7);
    CHECK(rmsprop{}.epsilon == 1e-7);
    CHECK(detail::probability_epsilon == 1e-7);
    CHECK(hard_sigmoid{}(1.5) == doctest::Approx(0.75));
    CHECK(fit_options{}.batch_size == 32);
}
