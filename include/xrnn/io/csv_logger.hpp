// SPDX-License-Identifier: BSD-3-Clause
//
// A training's values as a table that grows by a line an epoch.
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/files.hpp>
#include <xrnn/training/history.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xrnn {
namespace csv_logger_detail {

/// A table that a csv_logger is writing.
class csv_log {
  public:
    csv_log(std::filesystem::path path, char separator, bool append)
        : path_(std::move(path)), separator_(separator) {
        if (append && std::filesystem::exists(path_)) {
            read_header();
        }
        file_ = io::detail::open(path_, append ? "ab" : "wb", "write", path_);
    }

    void write_epoch(std::size_t epoch, logs const& values) {
        if (names_.empty()) {
            begin(values);
        }
        std::string line = number(epoch);
        for (std::string const& name : names_) {
            line += separator_ + (values.contains(name) ? number(values[name]) : "NA");
        }
        write(line + '\n');
    }

  private:
    /// The first line of a file to go on with; a last line without an end gets one.
    void read_header() {
        io::file_reader reader(path_);
        std::string text(static_cast<std::size_t>(reader.size()), '\0');
        reader.read(std::as_writable_bytes(std::span(text)));
        there_ = text.substr(0, text.find('\n'));
        if (there_.ends_with('\r')) {
            there_.pop_back();
        }
        ends_open_ = !text.empty() && !text.ends_with('\n');
    }

    /// Settles the columns.
    void begin(logs const& values) {
        for (auto const& entry : values) {
            names_.push_back(entry.first);
        }
        std::ranges::sort(names_);
        std::string header = "epoch";
        for (std::string const& name : names_) {
            header += separator_ + quoted(name);
        }
        if (there_.empty()) {
            write(header + '\n');
        } else if (there_ != header) {
            throw format_error("csv_logger: '" + path_.string() + "' has the columns \"" + there_ +
                               "\", to which \"" + header + "\" cannot be appended");
        } else if (ends_open_) {
            write("\n");
        }
    }

    std::string quoted(std::string_view name) const {
        if (name.find_first_of(std::string("\"\r\n") + separator_) == std::string_view::npos) {
            return std::string(name);
        }
        std::string result = "\"";
        for (char const c : name) {
            result.append(c == '"' ? 2 : 1, c);
        }
        return result + '"';
    }

    /// The shortest digits that read back as the same number.
    template <class Number>
    static std::string number(Number value) {
        std::array<char, 32> digits{};
        return {digits.data(),
                std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
    }

    void write(std::string const& text) {
        errno = 0;
        if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() ||
            std::fflush(file_.get()) != 0) {
            io::detail::fail("write", path_, io::detail::last_error());
        }
    }

    std::filesystem::path path_;
    char separator_;
    std::string there_; // the header of a file to go on with
    bool ends_open_ = false;
    std::vector<std::string> names_;
    io::detail::file_handle file_;
};

} // namespace csv_logger_detail

/// Callback of `fit`: a line for each epoch, written at its end.
///
///     csv_logger{.filename = "training.csv"}
///
///     epoch,accuracy,loss,val_loss
///     0,0.5,0.693147,0.7012
///
/// As in Keras the epochs count from 0, the other columns are those of the first epoch, sorted by
/// name, a value that a later epoch lacks is NA, and `append` goes on with the file, without a second
/// header, if it is there. Numbers have the shortest digits that read back as the same double.
/// Throws io_error; format_error, at the end of the first epoch, where the file to append to has
/// other columns. Of the processes of one training the first alone writes.
struct csv_logger {
    std::filesystem::path filename;
    char separator = ',';
    bool append = false;
    std::shared_ptr<csv_logger_detail::csv_log> log = {}; // its own, made by on_train_begin

    template <class Run>
    void on_train_begin(Run& run) {
        log.reset();
        if (run.first()) {
            log = std::make_shared<csv_logger_detail::csv_log>(filename, separator, append);
        }
    }

    template <class Run>
    void on_epoch_end(Run&, std::size_t epoch, logs const& values) {
        if (log) {
            log->write_epoch(epoch, values);
        }
    }

    template <class Run>
    void on_train_end(Run&) {
        log.reset();
    }
};

} // namespace xrnn
