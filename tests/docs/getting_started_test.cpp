// SPDX-License-Identifier: BSD-3-Clause
//
// The programs of docs/getting_started.md, run; their output against the page.
#define main quick_start_main
#include "../../docs/examples/quick_start.cpp"
#undef main
#define main first_model_main
#include "../../docs/examples/first_model.cpp"
#undef main
#define main long_sequences_main
#include "../../docs/examples/long_sequences.cpp"
#undef main
#define main own_parts_main
#include "../../docs/examples/own_parts.cpp"
#undef main

#include "docs/documents.hpp"

#include <doctest/doctest.h>

namespace {

/// Compares the output with every page that shows some of it; returns the number of blocks.
std::size_t compare(std::string const& program, std::string const& output) {
    INFO(output);
    CHECK(output.find("\nreturned ") == std::string::npos);
    std::size_t blocks = 0;
    for (char const* page : {"docs/getting_started.md", "README.md"}) {
        if (!documents::fs::exists(documents::root / page))
            continue;
        auto const shown =
            documents::compare_output(documents::read(documents::root / page), program, output);
        CHECK(shown.fault == "");
        blocks += shown.blocks;
    }
    return blocks;
}

} // namespace

TEST_CASE("the quick start does what it says") {
    std::string const output = documents::output_of(quick_start_main);
    compare("docs/examples/quick_start.cpp", output);

    // it has learnt something, and the stream says what predict says
    auto const number_after = [&](std::string const& words) {
        auto const at = output.find(words);
        REQUIRE(at != std::string::npos);
        std::string const rest = output.substr(at + words.size());
        return documents::number_of(rest.substr(0, rest.find_first_of(",\n")));
    };
    CHECK(number_after("loss over all windows: ") < 0.01);
    CHECK(number_after("step by step: ") ==
          doctest::Approx(number_after("predicted ")).epsilon(1e-4));
    auto const source =
        documents::lines_of(documents::read(documents::root / "docs/examples/quick_start.cpp"));
    CHECK(source.size() <= 40);
}

TEST_CASE("the first model prints what the page shows") {
    CHECK(compare("docs/examples/first_model.cpp", documents::output_of(first_model_main)) >= 4);
}

TEST_CASE("parts of one's own print what the page shows") {
    CHECK(compare("docs/examples/own_parts.cpp", documents::output_of(own_parts_main)) >= 1);
}

TEST_CASE("the CMake lines are those of the project that the tests build") {
    std::string const page = documents::read(documents::root / "docs/getting_started.md");
    std::string const project =
        documents::read(documents::root / "tests/consumer/project/CMakeLists.txt");
    for (char const* line :
         {"find_package(xrnn 0.1 REQUIRED COMPONENTS io)", "PRIVATE xrnn::io)"}) {
        CAPTURE(line);
        CHECK(page.find(line) != std::string::npos);
        CHECK(project.find(line) != std::string::npos);
    }
}

TEST_CASE("long sequences: parts are the whole, rows end where they say") {
    std::string const output = documents::output_of(long_sequences_main);
    INFO(output);
    CHECK(output.find("in two parts as in one: yes; h has 8 values") != std::string::npos);
    auto const at = output.find("row 1 ends at ");
    REQUIRE(at != std::string::npos);
    std::string const end = output.substr(at + 14, 6);
    CHECK(output.find("stays at " + end) != std::string::npos);
}
