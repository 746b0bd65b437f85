// SPDX-License-Identifier: BSD-3-Clause
//
// The program of docs/training.md, run; its output against the page.
#define main training_main
#include "../../docs/examples/training.cpp"
#undef main

#include "docs/documents.hpp"

#include <doctest/doctest.h>

TEST_CASE("the program of the page does what the page says") {
    std::string const output = documents::output_of(training_main);
    INFO(output);
    CHECK(output.find("\nreturned ") == std::string::npos);
    auto const shown =
        documents::compare_output(documents::read(documents::root / "docs/training.md"),
                                  "docs/examples/training.cpp", output);
    CHECK(shown.fault == "");
    CHECK(shown.blocks == 2);
    for (char const* line :
         {"stopped early: yes", "good enough after", "killed at step 17",
          "the same bits as without the interruption: yes", "folds: 4, they differ", "batches: 26"})
        CHECK(output.find(line) != std::string::npos);
}
