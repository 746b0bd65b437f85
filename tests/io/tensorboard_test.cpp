// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/tensorboard.hpp>

#include "io/temporary_folder.hpp"
#include "support/callback_run.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

namespace fs = std::filesystem;
using xrnn::tensor_board;

namespace {

xrnn::logs values(std::initializer_list<std::pair<char const*, double>> entries) {
    xrnn::logs result;
    for (auto const& [name, value] : entries)
        result.at_or_add(name) = value;
    return result;
}

/// "tag@step=value" of the only event file of a folder.
std::vector<std::string> events_of(fs::path const& folder) {
    std::vector<std::string> result;
    std::size_t files = 0;
    for (fs::path const& path : fs::directory_iterator(folder)) {
        ++files;
        for (xrnn::io::scalar_event const& event : xrnn::io::read_events(path))
            result.push_back(event.tag + "@" + std::to_string(event.step) + "=" +
                             std::to_string(event.value));
    }
    CHECK(files == 1);
    return result;
}

using texts = std::vector<std::string>;

/// What fit does with a callback, two epochs of three batches.
void go(tensor_board callback, callback_run& run) {
    callback.on_train_begin(run);
    for (std::size_t epoch = 0; epoch < 2; ++epoch) {
        double const e = static_cast<double>(epoch);
        run.so_far = values({{"loss", e + 0.25}});
        for (std::size_t batch = 0; batch < 3; ++batch)
            callback.on_train_batch_end(run, batch);
        callback.on_epoch_end(run, epoch,
                              values({{"loss", e}, {"accuracy", 0.5}, {"val_loss", e + 2}}));
        run.rate /= 2;
    }
    callback.on_train_end(run);
}

} // namespace

static_assert(std::is_aggregate_v<tensor_board> && std::is_copy_constructible_v<tensor_board>);

TEST_CASE("tensor_board: Keras's folders and tags") {
    temporary_folder folder;
    callback_run run{.rate = 0.5};
    go({.log_dir = folder.path}, run);
    CHECK(events_of(folder.path / "train") ==
          texts{"epoch_loss@0=0.000000", "epoch_accuracy@0=0.500000",
                "epoch_learning_rate@0=0.500000", "epoch_loss@1=1.000000",
                "epoch_accuracy@1=0.500000", "epoch_learning_rate@1=0.250000"});
    CHECK(events_of(folder.path / "validation") ==
          texts{"epoch_loss@0=2.000000", "epoch_loss@1=3.000000"});
}

TEST_CASE("tensor_board: every n-th batch, counted through the epochs") {
    temporary_folder folder;
    callback_run run;
    go({.log_dir = folder.path / "two", .update_freq = 2}, run);
    texts batches;
    for (std::string const& event : events_of(folder.path / "two" / "train"))
        if (event.starts_with("batch"))
            batches.push_back(event);
    CHECK(batches ==
          texts{"batch_loss@2=0.250000", "batch_loss@4=1.250000", "batch_loss@6=1.250000"});
    go({.log_dir = folder.path / "all", .update_freq = "batch"}, run);
    CHECK(events_of(folder.path / "all" / "train").size() == 6 + 6);
}

TEST_CASE("tensor_board: without validation there is no folder for it") {
    temporary_folder folder;
    callback_run run;
    tensor_board callback{.log_dir = folder.path};
    callback.on_train_begin(run);
    callback.on_epoch_end(run, 0, values({{"loss", 1}, {"learning_rate", 7}}));
    // complete already, though the training goes on
    CHECK(events_of(folder.path / "train") ==
          texts{"epoch_loss@0=1.000000", "epoch_learning_rate@0=0.001000"});
    CHECK_FALSE(fs::exists(folder.path / "validation"));
    callback.on_train_end(run);
    callback.on_epoch_end(run, 1, values({{"loss", 1}})); // after the end: nothing
    CHECK(events_of(folder.path / "train").size() == 2);
}

TEST_CASE("tensor_board: only the first process writes") {
    temporary_folder folder;
    callback_run run{.is_first = false};
    go({.log_dir = folder.path, .update_freq = 1}, run);
    CHECK(fs::is_empty(folder.path));
}

TEST_CASE("tensor_board: update_freq") {
    CHECK(xrnn::update_frequency("epoch").batches() == 0);
    CHECK(xrnn::update_frequency("batch").batches() == 1);
    CHECK(xrnn::update_frequency(1000).batches() == 1000);
    CHECK_THROWS_WITH_AS(
        xrnn::update_frequency("step"),
        "tensor_board: update_freq is \"epoch\", \"batch\" or a number of batches, not \"step\"",
        xrnn::value_error);
    CHECK_THROWS_WITH_AS(xrnn::update_frequency(0),
                         "tensor_board: update_freq must be at least 1 batch, got 0",
                         xrnn::value_error);
    CHECK_THROWS_AS(xrnn::update_frequency(-1), xrnn::value_error);
}
