// SPDX-License-Identifier: BSD-3-Clause
//
// A training's curves for TensorBoard, in the layout of Keras 3.
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/event_file.hpp>
#include <xrnn/training/history.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace xrnn {

/// How often tensor_board writes: "epoch", "batch", or a number of batches.
class update_frequency {
  public:
    /// Throws value_error for another word.
    update_frequency(char const* word) : batches_(std::string_view(word) == "batch" ? 1 : 0) {
        if (batches_ == 0 && std::string_view(word) != "epoch") {
            throw value_error("tensor_board: update_freq is \"epoch\", \"batch\" or a number of "
                              "batches, not \"" +
                              std::string(word) + "\"");
        }
    }
    /// Throws value_error for less than 1.
    template <std::integral T>
    update_frequency(T batches) : batches_(static_cast<std::size_t>(batches)) {
        if (batches < T(1)) {
            throw value_error("tensor_board: update_freq must be at least 1 batch, got " +
                              std::to_string(batches));
        }
    }
    /// 0: with the epochs only.
    [[nodiscard]] std::size_t batches() const noexcept { return batches_; }

  private:
    std::size_t batches_;
};

namespace tensor_board_detail {
/// What a tensor_board keeps while it is used.
struct tensor_board_files {
    std::unique_ptr<io::event_writer> train, validation;
    std::size_t batch = 0; // of all epochs

    void flush() {
        train->flush();
        if (validation) {
            validation->flush();
        }
    }
};
} // namespace tensor_board_detail

/// Callback of `fit`: writes each epoch's values for TensorBoard (tensorboard --logdir logs).
///
///     tensor_board{.log_dir = "logs/lstm16", .update_freq = 100}
///
/// As in Keras 3, log_dir/train gets epoch_loss, epoch_<metric> and epoch_learning_rate,
/// log_dir/validation, if there is validation data, epoch_loss and epoch_<metric> for val_loss and
/// val_<metric>; the step is the epoch, counted from 0. With update_freq a number n, train also gets
/// batch_<metric> for every n-th batch, counted from 1 through all epochs. Files are complete at the
/// end of each epoch. Of the processes of one training the first alone writes. Unlike Keras's, there
/// are no graphs, histograms and profiles, and no evaluation_<metric>_vs_iterations.
/// Throws io_error, where there is no place for the files at the beginning of the training.
struct tensor_board {
    std::filesystem::path log_dir = "logs";
    update_frequency update_freq = "epoch";
    std::shared_ptr<tensor_board_detail::tensor_board_files> files =
        {}; // its own, made by on_train_begin

    template <class Run>
    void on_train_begin(Run& run) {
        files.reset();
        if (run.first()) {
            files = std::make_shared<tensor_board_detail::tensor_board_files>();
            files->train = std::make_unique<io::event_writer>(log_dir / "train");
        }
    }

    template <class Run>
    void on_train_batch_end(Run& run, std::size_t) {
        if (!files || update_freq.batches() == 0 || ++files->batch % update_freq.batches() != 0) {
            return;
        }
        for (auto const& [name, value] : run.means()) {
            files->train->scalar("batch_" + name, static_cast<std::int64_t>(files->batch), value);
        }
    }

    template <class Run>
    void on_epoch_end(Run& run, std::size_t epoch, logs const& values) {
        if (!files) {
            return;
        }
        auto const step = static_cast<std::int64_t>(epoch);
        constexpr std::string_view prefix = "val_";
        for (auto const& [name, value] : values) {
            if (name == "learning_rate") { // of a schedule; below is what the optimizer has
                continue;
            }
            if (!name.starts_with(prefix)) {
                files->train->scalar("epoch_" + name, step, value);
                continue;
            }
            if (!files->validation) {
                files->validation = std::make_unique<io::event_writer>(log_dir / "validation");
            }
            files->validation->scalar("epoch_" + name.substr(prefix.size()), step, value);
        }
        files->train->scalar("epoch_learning_rate", step, run.learning_rate());
        files->flush();
    }

    template <class Run>
    void on_train_end(Run&) {
        if (files) {
            files->flush();
        }
        files.reset();
    }
};

} // namespace xrnn
