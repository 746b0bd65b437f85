// SPDX-License-Identifier: BSD-3-Clause
//
// Reading a file whole and writing one so that a crash leaves either the old file or the new one.
#pragma once

#include <xrnn/errors.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#if __has_include(<unistd.h>) && __has_include(<fcntl.h>)
#include <fcntl.h>
#include <unistd.h>
#define XRNN_IO_HAS_FSYNC 1
#else
#define XRNN_IO_HAS_FSYNC 0
#endif

namespace xrnn::io {

namespace detail {

[[noreturn]] inline void fail(std::string_view action, std::filesystem::path const& path,
                              std::error_code reason) {
    throw io_error(
        messages::text({"cannot ", action, " '", path.string(), "': ", reason.message()}));
}

inline std::error_code last_error() {
    return {errno != 0 ? errno : EIO, std::generic_category()};
}

struct file_closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, file_closer>;

inline file_handle open(std::filesystem::path const& path, char const* mode,
                        std::string_view action, std::filesystem::path const& shown) {
    errno = 0;
    file_handle file(std::fopen(path.string().c_str(), mode));
    if (!file) {
        fail(action, shown, last_error());
    }
    return file;
}

/// Hands `bytes` to the system and, for `durable`, waits until the disk has them.
inline void write_and_close(file_handle file, std::span<std::byte const> bytes, bool durable,
                            std::filesystem::path const& shown) {
    errno = 0;
    // no bytes may have no address, which fwrite must not be given
    bool done =
        (bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size()) &&
        std::fflush(file.get()) == 0;
#if XRNN_IO_HAS_FSYNC
    done = done && (!durable || ::fsync(::fileno(file.get())) == 0);
#else
    static_cast<void>(durable);
#endif
    if (!done) {
        fail("write", shown, last_error());
    }
    if (std::fclose(file.release()) != 0) {
        fail("write", shown, last_error());
    }
}

/// A rename survives a power cut only when the directory that holds the name is synced too.
inline void sync_directory([[maybe_unused]] std::filesystem::path const& directory) {
#if XRNN_IO_HAS_FSYNC
    int const descriptor = ::open(directory.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        fail("open the directory", directory, last_error());
    }
    int const result = ::fsync(descriptor);
    std::error_code const reason = last_error();
    ::close(descriptor);
    // Some file systems have no fsync for directories; there is nothing more to be done then.
    if (result != 0 && reason != std::errc::invalid_argument) {
        fail("sync the directory", directory, reason);
    }
#endif
}

/// A name for the file in the making: short, so that it fits where the target's name fits.
inline std::filesystem::path temporary_beside(std::filesystem::path const& target) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;
    std::string name = ".xrnn-";
    for (int i = 0; i < 12; ++i) {
        name += digits[random() % digits.size()];
    }
    return target.parent_path() / (name + ".tmp");
}

/// Removes the file in the making unless it became the target.
struct temporary_file {
    std::filesystem::path path;
    explicit temporary_file(std::filesystem::path name) : path(std::move(name)) {}
    temporary_file(temporary_file const&) = delete;
    temporary_file& operator=(temporary_file const&) = delete;
    ~temporary_file() {
        std::error_code ignored;
        if (!path.empty()) {
            std::filesystem::remove(path, ignored);
        }
    }
};

} // namespace detail

/// A regular file, read from front to back. Its size is known before anything is read.
class file_reader {
  public:
    /// Throws io_error when `path` cannot be opened or is not a regular file.
    explicit file_reader(std::filesystem::path path) : path_(std::move(path)) {
        std::error_code reason;
        std::filesystem::file_status const status = std::filesystem::status(path_, reason);
        if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
            throw io_error("cannot read '" + path_.string() + "': it is not a regular file");
        }
        file_ = detail::open(path_, "rb", "read", path_);
        size_ = std::filesystem::file_size(path_, reason);
        if (reason) {
            detail::fail("read", path_, reason);
        }
    }

    /// Bytes in the file.
    [[nodiscard]] std::uintmax_t size() const noexcept { return size_; }

    /// Fills `target` with the next bytes; throws io_error when the file has fewer.
    void read(std::span<std::byte> target) {
        errno = 0;
        if (std::fread(target.data(), 1, target.size(), file_.get()) != target.size()) {
            if (std::ferror(file_.get()) != 0) {
                detail::fail("read", path_, detail::last_error());
            }
            throw io_error("cannot read '" + path_.string() + "': it became shorter meanwhile");
        }
    }

  private:
    std::filesystem::path path_;
    detail::file_handle file_;
    std::uintmax_t size_ = 0;
};

/// Writes `bytes` to `path`, whole or not at all: into a new file beside the target, synced to the
/// disk, then renamed over the target, then the directory synced. A target that is a symbolic link
/// stays one; an existing file keeps its permissions. A device or pipe (`/dev/stdout`) is written
/// directly, since a rename would replace it. Without POSIX the syncs are left out.
/// Throws io_error with the system's reason; the target is then what it was before.
inline void write_file(std::filesystem::path const& path, std::span<std::byte const> bytes) {
    namespace fs = std::filesystem;
    std::error_code reason;
    fs::file_status const status = fs::status(path, reason);
    if (fs::is_directory(status)) {
        throw io_error(messages::text({"cannot write '", path.string(), "': it is a directory"}));
    }
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        detail::write_and_close(detail::open(path, "wb", "write", path), bytes, false, path);
        return;
    }
    fs::path target = fs::exists(status) ? fs::canonical(path, reason) : fs::absolute(path, reason);
    if (reason) {
        detail::fail("write", path, reason);
    }
    detail::temporary_file temporary{detail::temporary_beside(target)};
    detail::file_handle file = detail::open(temporary.path, "wbx", "create a file beside", path);
    if (fs::exists(status)) {
        fs::permissions(temporary.path, status.permissions(), reason); // only best effort
    }
    detail::write_and_close(std::move(file), bytes, true, path);
    fs::rename(temporary.path, target, reason);
    if (reason) {
        detail::fail("write", path, reason);
    }
    temporary.path.clear();
    detail::sync_directory(target.parent_path());
}

} // namespace xrnn::io
