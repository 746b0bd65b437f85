// SPDX-License-Identifier: BSD-3-Clause
//
// What fit shows while it runs: a bar that grows on a terminal, one line an epoch elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include <xrnn/errors.hpp>
#include <xrnn/training/history.hpp>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace xrnn {
namespace progress_detail {

inline bool on_a_terminal() {
#if __has_include(<unistd.h>)
    return isatty(STDOUT_FILENO) == 1;
#else
    return false;
#endif
}

} // namespace progress_detail

/// Shows a bar that grows on a terminal (verbose 1), one line an epoch elsewhere or with verbose 2;
/// nothing with verbose 0. fit adds it by its own `verbose`.
class progress_bar {
  public:
    explicit progress_bar(int verbose = 1)
        : verbose_(verbose), bar_(verbose == 1 && progress_detail::on_a_terminal()) {}

    void on_epoch_begin(auto& run, std::size_t epoch) {
        begin_ = shown_ = clock::now();
        if (verbose_ > 0)
            std::printf("Epoch %zu/%zu\n", epoch + 1, run.epochs());
    }
    /// Redraws the bar, at most twenty times a second; the means are asked for then only.
    void on_train_batch_end(auto& run, std::size_t batch) {
        done_ = batch + 1;
        if (!bar_ || clock::now() - shown_ < std::chrono::milliseconds(50))
            return;
        shown_ = clock::now();
        std::printf("\r%s", line(run.batches(), run.means()).c_str());
        std::fflush(stdout);
    }
    XRNN_COLD void on_epoch_end(auto&, std::size_t, logs const& values) {
        if (verbose_ == 0)
            return;
        std::printf("%s%s\n", bar_ ? "\r" : "", line(done_, values).c_str());
        std::fflush(stdout);
    }

  private:
    using clock = std::chrono::steady_clock;

    /// batches: of an epoch, 0 if not known.
    XRNN_COLD std::string line(std::size_t batches, logs const& values) const {
        std::size_t const width = 30, done = done_;
        std::size_t const filled = batches == 0 ? width : width * done / batches;
        std::string text =
            messages::text({done, "/", batches == 0 ? "?" : std::to_string(batches)});
        if (verbose_ == 1 && batches > 0) {
            text.append(" [").append(filled, '=');
            if (filled < width)
                text.append(">").append(width - filled - 1, '.');
            text += "]";
        }
        double const seconds = std::chrono::duration<double>(clock::now() - begin_).count();
        char field[64];
        std::snprintf(field, sizeof field, " - %.0fs %.0fms/step", seconds,
                      done == 0 ? 0.0 : 1e3 * seconds / static_cast<double>(done));
        text += field;
        for (auto const& [name, value] : values) {
            std::snprintf(field, sizeof field, ": %.4f", value);
            text += messages::text({" - ", name, field});
        }
        return text;
    }

    int verbose_;
    bool bar_;
    std::size_t done_ = 0;
    clock::time_point begin_ = clock::now();
    clock::time_point shown_ = begin_;
};

} // namespace xrnn
