// SPDX-License-Identifier: BSD-3-Clause
//
// TensorBoard's event files: named scalars over the steps of a training.
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/detail/event_record.hpp>
#include <xrnn/io/files.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xrnn::io {

namespace detail {

/// Goes through the records of an event file. What is read was checked against the file's size
/// before there was memory for it.
class record_reader {
  public:
    explicit record_reader(std::filesystem::path const& path)
        : file_(path), where_(messages::text({"event file '", path.string(), "'"})) {}

    /// Reads the next record; false at the end of the file. Where the file ends within a record, as
    /// after a crash: format_error, or false with `torn_is_end`.
    bool next(bool torn_is_end = false) {
        begin_ += record_.size();
        record_.clear();
        std::uintmax_t const left = file_.size() - begin_;
        if (left == 0) {
            return false;
        }
        std::uint64_t length = 0;
        if (left >= 12) {
            append(12);
            check(0, 8);
            length = fixed_value(std::string_view(record_).substr(0, 8));
        }
        if (left < 16 || length > left - 16) {
            record_.clear();
            if (torn_is_end) {
                return false;
            }
            reject_event(where_, begin_,
                         messages::text({"the file ends within a record: of ", length,
                                         " bytes of data and 16 more, ", left, " are there"}));
        }
        append(static_cast<std::size_t>(length) + 4);
        check(12, static_cast<std::size_t>(length));
        return true;
    }
    [[nodiscard]] std::string_view data() const {
        return std::string_view(record_).substr(12, record_.size() - 16);
    }
    /// Where the record begins; after the last one, where the whole records end.
    [[nodiscard]] std::uintmax_t byte() const { return begin_; }
    [[nodiscard]] std::string_view where() const { return where_; }

  private:
    void append(std::size_t count) {
        std::size_t const before = record_.size();
        record_.resize(before + count);
        file_.read(std::as_writable_bytes(std::span(record_).subspan(before)));
    }
    /// A range of the record against the checksum behind it.
    void check(std::size_t first, std::size_t size) const {
        std::string_view const record = record_;
        if (masked_crc(record.substr(first, size)) != fixed_value(record.substr(first + size, 4))) {
            reject_event(where_, begin_ + first + size,
                         messages::text(
                             {"the checksum of the ", size, " bytes before does not match them"}));
        }
    }

    file_reader file_;
    std::string where_;
    std::string record_;
    std::uintmax_t begin_ = 0;
};

/// Calls use(event) for every event; the first must say that it is such a file. Returns where the
/// whole records end.
template <class Use>
std::uintmax_t for_each_event(std::filesystem::path const& path, bool torn_is_end, Use&& use) {
    record_reader records(path);
    bool first = true;
    while (records.next(torn_is_end)) {
        decoded_event const event =
            decode_event(records.data(), records.byte() + 12, records.where());
        if (std::exchange(first, false) && event.version != event_file_version) {
            reject_event(records.where(), records.byte(),
                         messages::text({"expected the version \"", event_file_version,
                                         "\", got \"", event.version, "\""}));
        }
        use(event);
    }
    if (first) {
        reject_event(records.where(), 0, "it holds no whole event, not even its version");
    }
    return records.byte();
}

inline double seconds_now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

inline std::string host_name() {
    std::array<char, 256> name{};
#if XRNN_IO_HAS_FSYNC
    if (::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0') {
        return name.data();
    }
#endif
    return "localhost";
}

/// events.out.tfevents.SECONDS.HOST.PROCESS.NUMBER; the numbers count the files of this process.
inline std::string event_file_name(double now) {
    static std::atomic<unsigned> number{0};
    std::string seconds = std::to_string(static_cast<std::int64_t>(now));
    seconds.insert(0, 10 - std::min<std::size_t>(10, seconds.size()), '0');
#if XRNN_IO_HAS_FSYNC
    std::string const process = std::to_string(::getpid());
#else
    std::string const process = "0";
#endif
    return messages::text(
        {"events.out.tfevents.", seconds, ".", host_name(), ".", process, ".", number++});
}

} // namespace detail

/// The scalars of an event file in their order. Other summaries (images, histograms, tensors) are
/// passed over; TensorFlow 2 writes its scalars as tensors.
/// Throws io_error, and format_error, which names the byte, for anything that is not as it should
/// be: lengths, checksums, fields, a first event that does not name the version.
inline std::vector<scalar_event> read_events(std::filesystem::path const& path) {
    std::vector<scalar_event> events;
    detail::for_each_event(path, false, [&](detail::decoded_event const& event) {
        events.insert(events.end(), event.scalars.begin(), event.scalars.end());
    });
    return events;
}

/// Writes scalars for TensorBoard to draw:
///
///     io::event_writer writer("logs/train");       // a new file in that folder
///     writer.scalar("epoch_loss", 0, 0.693);
///     writer.flush();                              // now a reader sees it
///
/// Values wait in memory until `flush` or the end of the writer's life.
class event_writer {
  public:
    /// A new file in `folder`, which is made if it is not there. TensorBoard shows all files of a
    /// folder as one run. Throws io_error.
    explicit event_writer(std::filesystem::path const& folder) {
        std::error_code reason;
        std::filesystem::create_directories(folder, reason);
        if (reason) {
            detail::fail("create the folder", folder, reason);
        }
        double const now = detail::seconds_now();
        path_ = folder / detail::event_file_name(now);
        file_ = detail::open(path_, "wbx", "create", path_);
        put(detail::encode_version(now));
        flush();
    }

    /// Goes on with a file, such as one whose program crashed: a record that was not written to its
    /// end is cut off, everything before is checked. Throws io_error, format_error.
    static event_writer append(std::filesystem::path path) {
        std::uintmax_t const whole =
            detail::for_each_event(path, true, [](detail::decoded_event const&) {});
        std::error_code reason;
        std::filesystem::resize_file(path, whole, reason);
        if (reason) {
            detail::fail("shorten", path, reason);
        }
        detail::file_handle file = detail::open(path, "ab", "append to", path);
        return {std::move(path), std::move(file)};
    }

    /// One value, kept as a float. Throws io_error.
    void scalar(std::string_view tag, std::int64_t step, double value) {
        write({detail::seconds_now(), step, std::string(tag), value});
    }
    /// The same with a time of its own.
    void write(scalar_event const& event) { put(detail::encode_scalar(event)); }

    /// Hands what waits to the system. Throws io_error.
    void flush() {
        errno = 0;
        if (std::fflush(file_.get()) != 0) {
            detail::fail("write", path_, detail::last_error());
        }
    }

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

  private:
    event_writer(std::filesystem::path path, detail::file_handle file)
        : path_(std::move(path)), file_(std::move(file)) {}

    void put(std::string const& event) {
        std::string const record = detail::encode_record(event);
        errno = 0;
        if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) {
            detail::fail("write", path_, detail::last_error());
        }
    }

    std::filesystem::path path_;
    detail::file_handle file_;
};

} // namespace xrnn::io
