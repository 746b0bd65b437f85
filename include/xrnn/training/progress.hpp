// SPDX-License-Identifier: BSD-3-Clause
//
// What fit shows while it runs: a bar that grows on a terminal, one line an epoch elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include <xrnn/training/history.hpp>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace xrnn {
namespace detail {

inline bool on_a_terminal() {
#if __has_include(<unistd.h>)
    return isatty(STDOUT_FILENO) == 1;
#else
    return false;
#endif
}

class progress {
  public:
    progress(int verbose, std::size_t epochs, std::size_t batches)
        : verbose_(verbose),
          epochs_(epochs),
          batches_(batches),
          bar_(verbose == 1 && on_a_terminal()) {}

    void begin_epoch(std::size_t epoch) {
        begin_ = shown_ = clock::now();
        if (verbose_ > 0)
            std::printf("Epoch %zu/%zu\n", epoch + 1, epochs_);
    }
    /// Redraws the bar, at most twenty times a second; values() is asked for then only.
    template <class Values>
    void batch(std::size_t done, Values&& values) {
        if (!bar_ || clock::now() - shown_ < std::chrono::milliseconds(50))
            return;
        shown_ = clock::now();
        std::printf("\r%s", line(done, values()).c_str());
        std::fflush(stdout);
    }
    void end_epoch(logs const& values) {
        if (verbose_ == 0)
            return;
        std::printf("%s%s\n", bar_ ? "\r" : "", line(batches_, values).c_str());
        std::fflush(stdout);
    }

  private:
    using clock = std::chrono::steady_clock;

    std::string line(std::size_t done, logs const& values) const {
        std::size_t const width = 30;
        std::size_t const filled = batches_ == 0 ? width : width * done / batches_;
        std::string text = std::to_string(done) + "/" + std::to_string(batches_);
        if (verbose_ == 1)
            text += " [" + std::string(filled, '=') +
                    (filled < width ? ">" + std::string(width - filled - 1, '.') : "") + "]";
        double const seconds = std::chrono::duration<double>(clock::now() - begin_).count();
        char field[64];
        std::snprintf(field, sizeof field, " - %.0fs %.0fms/step", seconds,
                      done == 0 ? 0.0 : 1e3 * seconds / static_cast<double>(done));
        text += field;
        for (auto const& [name, value] : values) {
            std::snprintf(field, sizeof field, ": %.4f", value);
            text += " - " + name + field;
        }
        return text;
    }

    int verbose_;
    std::size_t epochs_;
    std::size_t batches_;
    bool bar_;
    clock::time_point begin_{};
    clock::time_point shown_{};
};

} // namespace detail
} // namespace xrnn
