// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <regex>

#include <xrnn/training/progress.hpp>

#if __has_include(<unistd.h>)

using namespace xrnn;

namespace {

/// What f writes to standard output, which is no terminal meanwhile.
std::string output_of(auto const& f) {
    std::fflush(stdout);
    int const saved = dup(STDOUT_FILENO);
    std::FILE* const file = std::tmpfile();
    REQUIRE(file != nullptr);
    dup2(fileno(file), STDOUT_FILENO);
    f();
    std::fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    std::rewind(file);
    std::string text;
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file))
        text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

struct two_epochs_of_three {
    std::size_t epochs() const { return 2; }
    std::size_t batches() const { return 3; }
    logs means() const { return {}; }
};

std::string two_epochs(int verbose) {
    return output_of([&] {
        progress_bar shown(verbose);
        two_epochs_of_three run;
        logs values;
        values.at_or_add("loss") = 0.25;
        values.at_or_add("accuracy") = 0.75;
        for (std::size_t epoch = 0; epoch < 2; ++epoch) {
            shown.on_epoch_begin(run, epoch);
            for (std::size_t k = 0; k < 3; ++k)
                shown.on_train_batch_end(run, k);
            shown.on_epoch_end(run, epoch, values);
        }
    });
}

} // namespace

TEST_CASE("silent when asked") {
    CHECK(two_epochs(0).empty());
}

TEST_CASE("plain lines where there is no terminal, as Keras writes them") {
    std::string const values = " - 0s \\d+ms/step - loss: 0\\.2500 - accuracy: 0\\.7500\n";
    std::string const bar = "3/3 \\[={30}\\]" + values;
    CHECK(std::regex_match(two_epochs(1), std::regex("Epoch 1/2\n" + bar + "Epoch 2/2\n" + bar)));
    CHECK(std::regex_match(two_epochs(2),
                           std::regex("Epoch 1/2\n3/3" + values + "Epoch 2/2\n3/3" + values)));
}

#endif
