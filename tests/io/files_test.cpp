// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/files.hpp>

#include "io/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;
using xrnn::io::write_file;

namespace {

std::span<std::byte const> bytes_of(std::string const& text) {
    return std::as_bytes(std::span(text));
}

std::string content(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t entries(fs::path const& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

std::string message_of_write(fs::path const& path, std::string const& text) {
    try {
        write_file(path, bytes_of(text));
    } catch (xrnn::io_error const& e) {
        return e.what();
    }
    return "";
}

/// Makes writes beyond `bytes` fail, as on a full disk.
struct file_size_limit {
    rlimit before{};
    void (*handler)(int) = nullptr;
    explicit file_size_limit(rlim_t bytes) {
        handler = std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        rlimit now = before;
        now.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~file_size_limit() {
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
    }
};

} // namespace

TEST_CASE("write_file creates and replaces, and leaves nothing else behind") {
    temporary_folder folder;
    fs::path const path = folder.path / "a.bin";
    write_file(path, bytes_of("first"));
    CHECK(content(path) == "first");
    write_file(path, bytes_of(std::string(100'000, 'x')));
    CHECK(content(path) == std::string(100'000, 'x'));
    write_file(path, {});
    CHECK(content(path).empty());
    CHECK(entries(folder.path) == 1);
}

TEST_CASE("a relative path without a folder is written in the current one") {
    temporary_folder folder;
    fs::path const before = fs::current_path();
    fs::current_path(folder.path);
    write_file("plain.bin", bytes_of("here"));
    fs::current_path(before);
    CHECK(content(folder.path / "plain.bin") == "here");
}

TEST_CASE("a name as long as the file system allows can be written") {
    temporary_folder folder;
    fs::path const path = folder.path / std::string(255, 'n');
    write_file(path, bytes_of("long"));
    CHECK(content(path) == "long");
    CHECK(message_of_write(folder.path / std::string(256, 'n'), "x").find("too long") !=
          std::string::npos);
    CHECK(entries(folder.path) == 1);
}

TEST_CASE("permissions of an existing file are kept") {
    temporary_folder folder;
    fs::path const path = folder.path / "a.bin";
    write_file(path, bytes_of("1"));
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    write_file(path, bytes_of("2"));
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a symbolic link stays, its target is replaced") {
    temporary_folder folder;
    fs::create_directory(folder.path / "real");
    fs::path const real = folder.path / "real" / "a.bin";
    fs::path const link = folder.path / "link.bin";
    write_file(real, bytes_of("old"));
    fs::create_symlink(real, link);
    write_file(link, bytes_of("new"));
    CHECK(fs::is_symlink(link));
    CHECK(content(real) == "new");
    CHECK(entries(folder.path / "real") == 1);
}

TEST_CASE("a write that fails half-way leaves the old file and no other") {
    temporary_folder folder;
    fs::path const path = folder.path / "a.bin";
    write_file(path, bytes_of("old"));
    std::string message;
    {
        file_size_limit limit(1000);
        message = message_of_write(path, std::string(100'000, 'x'));
    }
    CHECK(message.find("cannot write '" + path.string() + "'") == 0);
    CHECK(message.find("File too large") != std::string::npos);
    CHECK(content(path) == "old");
    CHECK(entries(folder.path) == 1);
}

TEST_CASE("a full device gives its reason, and stays a device") {
    if (!fs::is_character_file("/dev/full")) {
        MESSAGE("skipped: no /dev/full");
        return;
    }
    CHECK(message_of_write("/dev/full", "x") ==
          "cannot write '/dev/full': No space left on device");
    CHECK(message_of_write("/dev/full", std::string(100'000, 'x')) ==
          "cannot write '/dev/full': No space left on device");
    CHECK(fs::is_character_file("/dev/full"));
    CHECK(message_of_write("/dev/null", "x").empty());
}

TEST_CASE("folders that are missing, closed or in the way") {
    temporary_folder folder;
    fs::path const missing = folder.path / "no" / "a.bin";
    CHECK(message_of_write(missing, "x") ==
          "cannot create a file beside '" + missing.string() + "': No such file or directory");
    CHECK(message_of_write(folder.path, "x") ==
          "cannot write '" + folder.path.string() + "': it is a directory");
    write_file(folder.path / "file", bytes_of("x"));
    CHECK_THROWS_AS(write_file(folder.path / "file" / "a.bin", bytes_of("x")), xrnn::io_error);

    // Root may write anywhere; then the test steps down to a user without rights.
    bool const root = geteuid() == 0;
    fs::permissions(folder.path, static_cast<fs::perms>(0555));
    REQUIRE((!root || seteuid(65534) == 0));
    std::string const message = message_of_write(folder.path / "a.bin", "x");
    REQUIRE((!root || seteuid(0) == 0));
    fs::permissions(folder.path, fs::perms::owner_all);
    CHECK(message.find("Permission denied") != std::string::npos);
}

TEST_CASE("file_reader reads whole files and says what it cannot") {
    temporary_folder folder;
    fs::path const path = folder.path / "a.bin";
    write_file(path, bytes_of("abcdef"));
    xrnn::io::file_reader reader(path);
    CHECK(reader.size() == 6);
    std::vector<std::byte> buffer(4);
    reader.read(buffer);
    CHECK(static_cast<char>(buffer[3]) == 'd');
    CHECK_THROWS_WITH_AS(
        reader.read(buffer),
        ("cannot read '" + path.string() + "': it became shorter meanwhile").c_str(),
        xrnn::io_error);
    CHECK_THROWS_WITH_AS(
        xrnn::io::file_reader{folder.path / "no"},
        ("cannot read '" + (folder.path / "no").string() + "': No such file or directory").c_str(),
        xrnn::io_error);
    CHECK_THROWS_AS(xrnn::io::file_reader{folder.path}, xrnn::io_error);
    CHECK_THROWS_AS(xrnn::io::file_reader{"/dev/zero"}, xrnn::io_error);
}
