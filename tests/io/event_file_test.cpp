// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/event_file.hpp>

#include "io/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <locale>
#include <regex>
#include <string>
#include <vector>

namespace fs = std::filesystem;
namespace io = xrnn::io;
using io::scalar_event;

namespace {

std::string content(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void fill(fs::path const& path, std::string const& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string hex(std::string const& digits) {
    std::string bytes;
    for (std::size_t k = 0; k + 1 < digits.size(); k += 3)
        bytes += static_cast<char>(std::stoi(digits.substr(k, 2), nullptr, 16));
    return bytes;
}

std::string message_of_reading(fs::path const& path) {
    try {
        io::read_events(path);
    } catch (xrnn::format_error const& error) {
        return error.what();
    }
    return "";
}

/// A file of two values with a known time; its bytes.
std::string two_values(fs::path const& folder) {
    io::event_writer writer(folder);
    writer.write({1.5, 0, "a", 0.25});
    writer.write({2.5, 300, "b", -1.0});
    writer.flush();
    return content(writer.path());
}

/// An event file of records with this data, checksums and all.
std::string file_of(std::vector<std::string> const& events) {
    std::string bytes = io::detail::encode_record(io::detail::encode_version(0));
    for (std::string const& event : events)
        bytes += io::detail::encode_record(event);
    return bytes;
}

} // namespace

TEST_CASE("CRC-32C: known values") {
    CHECK(io::detail::crc32c("") == 0);
    CHECK(io::detail::crc32c("123456789") ==
          0xE3069283U); // the check value of the catalogue of CRCs
    CHECK(io::detail::crc32c(std::string(32, '\0')) == 0x8A9136AAU); // RFC 3720, B.4
    CHECK(io::detail::crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
    // 1a 11 before the text: a protobuf string field
    CHECK(io::detail::masked_crc("\x1A\x11"
                                 "CRC test, one two") == 0x5794D08AU);
}

TEST_CASE("the bytes of an event") {
    CHECK(io::detail::encode_version(1.0) == hex("09 00 00 00 00 00 00 F0 3F " // 1: double 1.0
                                                 "1A 0D ") +
                                                 "brain.Event:2"); // 3: 13 bytes
    CHECK(io::detail::encode_scalar({1.0, 300, "ab", 0.5}) ==
          hex("09 00 00 00 00 00 00 F0 3F " // 1: double 1.0
              "10 AC 02 "                   // 2: 300 = 0b10'0101100
              "2A 0B "                      // 5: a summary of 11 bytes
              "0A 09 "                      //   1: a value of 9 bytes
              "0A 02 61 62 "                //     1: "ab"
              "15 00 00 00 3F "));          //     2: float 0.5
    // no field for a zero; ten bytes for a negative number
    CHECK(io::detail::encode_scalar({1.0, 0, "", 0.0}).substr(9) ==
          hex("2A 09 0A 07 0A 00 15 00 00 00 00 "));
    CHECK(io::detail::encode_scalar({1.0, -1, "", 0.0}).substr(9, 11) ==
          hex("10 FF FF FF FF FF FF FF FF FF 01 "));
    std::string const record = io::detail::encode_record("xyz");
    CHECK(record.substr(0, 8) == hex("03 00 00 00 00 00 00 00 "));
    CHECK(record.substr(12, 3) == "xyz");
    CHECK(record.size() == 19);
}

TEST_CASE("what is written is read") {
    temporary_folder folder;
    double const nan = std::numeric_limits<double>::quiet_NaN();
    double const infinity = std::numeric_limits<double>::infinity();
    std::vector<scalar_event> const events = {
        {1.7e9 + 0.125, 0, "epoch_loss", 0.5},
        {1.7e9 + 1, 1, "epoch_loss", -3.25},
        {0.0, std::numeric_limits<std::int64_t>::max(), std::string(300, 't'), 0.0},
        {1e-300, std::numeric_limits<std::int64_t>::min(), "Genauigkeit \xC3\xA4", infinity},
        {-1.0, 128, "", 16384.0}};
    io::event_writer writer(folder.path / "runs" / "train");
    for (scalar_event const& event : events)
        writer.write(event);
    writer.write({0, 0, "no number", nan});
    writer.scalar("now", 7, 0.1);
    writer.flush();

    std::vector<scalar_event> const read = io::read_events(writer.path());
    REQUIRE(read.size() == events.size() + 2);
    for (std::size_t k = 0; k < events.size(); ++k)
        CHECK(read[k] == events[k]);
    CHECK(read[5].value != read[5].value);
    CHECK(read[6].tag == "now");
    CHECK(read[6].step == 7);
    CHECK(read[6].value == static_cast<double>(0.1F));
    CHECK(read[6].wall_time <= io::detail::seconds_now());
    CHECK(read[6].wall_time > io::detail::seconds_now() - 600);
    CHECK(writer.path().parent_path() == folder.path / "runs" / "train");
}

TEST_CASE("file names: as TensorBoard looks for them, one for each writer") {
    temporary_folder folder;
    io::event_writer const a(folder.path), b(folder.path);
    CHECK(a.path() != b.path());
    std::string const name = a.path().filename().string();
    CAPTURE(name);
    CHECK(std::regex_match(name, std::regex(R"(events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+)")));
    CHECK(io::detail::event_file_name(12.9).starts_with("events.out.tfevents.0000000012."));
    CHECK(io::read_events(a.path()).empty()); // the version is there at once, and no value
}

TEST_CASE("a file cut anywhere but between records is refused there") {
    temporary_folder folder;
    std::string const whole = two_values(folder.path);
    std::size_t const first = 16 + 9 + 15;          // time, version
    std::size_t const second = first + 16 + 9 + 12; // time, no step, summary
    fs::path const path = folder.path / "cut";
    std::vector<std::size_t> readable;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        fill(path, whole.substr(0, size));
        std::string const message = message_of_reading(path);
        if (message.empty())
            readable.push_back(size);
        else if (size > 0 && size < first)
            CHECK(message.find("ends within a record") != std::string::npos);
        if (size > first && size < second)
            CHECK(message.ends_with("(byte " + std::to_string(first) + ")"));
    }
    CAPTURE(whole.size());
    REQUIRE(readable.size() == 3);
    CHECK(readable[0] == first);
    CHECK(readable[1] == second);
    CHECK(readable[2] == whole.size());
    fill(path, "");
    CHECK(message_of_reading(path) ==
          "event file '" + path.string() +
              "': it holds no whole event, not even its version (byte 0)");
}

TEST_CASE("no byte can change unseen") {
    temporary_folder folder;
    std::string const whole = two_values(folder.path);
    fs::path const path = folder.path / "changed";
    for (std::size_t byte = 0; byte < whole.size(); ++byte)
        for (int const bit : {0, 3, 7}) {
            std::string changed = whole;
            changed[byte] = static_cast<char>(changed[byte] ^ (1 << bit));
            fill(path, changed);
            CAPTURE(byte);
            CHECK_FALSE(message_of_reading(path).empty());
        }
    std::string changed = whole;
    changed[15] ^= 1; // in the data of the first record, which ends before byte 36
    fill(path, changed);
    CHECK(message_of_reading(path) ==
          "event file '" + path.string() +
              "': the checksum of the 24 bytes before does not match them (byte 36)");
}

TEST_CASE("a length beyond the file is refused before there is memory for it") {
    temporary_folder folder;
    fs::path const path = folder.path / "long";
    for (std::uint64_t const length :
         {std::uint64_t{1} << 62, ~std::uint64_t{0}, ~std::uint64_t{15}}) {
        std::string bytes = file_of({});
        std::string header;
        io::detail::put_fixed(header, length, 8);
        io::detail::put_fixed(header, io::detail::masked_crc(header), 4);
        fill(path, bytes + header + std::string(100, 'x'));
        CHECK(message_of_reading(path).find(": the file ends within a record: of " +
                                            std::to_string(length)) != std::string::npos);
    }
}

TEST_CASE("protobuf that is none, behind checksums that are right") {
    temporary_folder folder;
    fs::path const path = folder.path / "proto";
    auto const message = [&](std::string const& event) {
        fill(path, file_of({event}));
        std::string const text = message_of_reading(path);
        return text.substr(std::min(text.size(), ("event file '" + path.string() + "': ").size()));
    };
    // the first record has 40 bytes, the second's data begin at byte 52
    CHECK(message(hex("2A 05 0A ")) == "a field of 5 bytes, but its message has 1 left (byte 52)");
    CHECK(message(hex("10 01 09 00 ")) ==
          "a field of 8 bytes, but its message has 1 left (byte 54)");
    CHECK(message(hex("10 ")) == "a field of 1 bytes, but its message has 0 left (byte 52)");
    CHECK(message(hex("2A 04 0A 02 0A 07 ")) ==
          "a field of 7 bytes, but its message has 0 left (byte 56)");
    CHECK(message("\x10" + std::string(11, '\xFF')) == "a number of more than 10 bytes (byte 52)");
    CHECK(message(hex("0B 00 ")) == "wire type 3 of a field (byte 52)");
    CHECK(message(hex("2A FF FF FF FF FF FF FF FF FF 01 ")) ==
          "a field of 18446744073709551615 bytes, but its message has 0 left (byte 52)");
    // fields of another number or type are passed over
    CHECK(message(hex("7A 01 00 15 01 02 03 04 ") + hex("2A 04 0A 02 0A 00 ")).empty());
    CHECK(io::read_events(path).empty()); // a value without a number is no scalar
    std::string two = io::detail::encode_wall_time(4.0);
    two += hex("2A 12 0A 07 0A 00 15 00 00 80 3F 0A 07 15 00 00 00 40 0A 00 ");
    CHECK(message(two).empty());
    CHECK(io::read_events(path) == std::vector<scalar_event>{{4, 0, "", 1}, {4, 0, "", 2}});
}

TEST_CASE("a file that does not begin with the version") {
    temporary_folder folder;
    fs::path const path = folder.path / "other";
    fill(path, io::detail::encode_record(io::detail::encode_scalar({0, 0, "a", 1})));
    CHECK(message_of_reading(path).ends_with(
        "expected the version \"brain.Event:2\", got \"\" (byte 0)"));
    CHECK_THROWS_AS(io::read_events(folder.path / "none"), xrnn::io_error);
    CHECK_THROWS_AS(io::read_events(folder.path), xrnn::io_error);
}

TEST_CASE("appending goes on where the whole records end") {
    temporary_folder folder;
    std::string const whole = two_values(folder.path);
    fs::path const path = folder.path / "crashed";
    for (std::size_t const lost : {0U, 1U, 4U, 20U}) {
        CAPTURE(lost);
        fill(path, whole.substr(0, whole.size() - lost));
        {
            io::event_writer writer = io::event_writer::append(path);
            writer.write({3.5, 301, "c", 8.0});
        }
        std::vector<scalar_event> expected = {{1.5, 0, "a", 0.25}, {3.5, 301, "c", 8.0}};
        if (lost == 0)
            expected.insert(expected.begin() + 1, {2.5, 300, "b", -1.0});
        CHECK(io::read_events(path) == expected);
    }
    std::string changed = whole;
    changed[whole.size() - 1] ^= 1;
    fill(path, changed);
    CHECK_THROWS_AS(io::event_writer::append(path), xrnn::format_error);
    CHECK(content(path) == changed);
    fill(path, whole.substr(0, 10));
    CHECK_THROWS_AS(io::event_writer::append(path), xrnn::format_error);
    CHECK_THROWS_AS(io::event_writer::append(folder.path / "none"), xrnn::io_error);
}

TEST_CASE("where nothing can be written") {
    temporary_folder folder;
    fill(folder.path / "file", "x");
    CHECK_THROWS_AS(io::event_writer(folder.path / "file" / "logs"), xrnn::io_error);
    CHECK_THROWS_AS(io::event_writer(folder.path / "file"), xrnn::io_error);
}

TEST_CASE("the locale does not matter") {
    temporary_folder folder;
    bool const german = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
    if (!german)
        MESSAGE("no German locale here; the C++ one is changed alone");
    struct comma : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\3"; }
    };
    std::locale const before = std::locale::global(std::locale(std::locale(), new comma));
    std::string const bytes = two_values(folder.path);
    std::string const name = io::detail::event_file_name(1.7e9);
    std::locale::global(before);
    std::setlocale(LC_ALL, "C");
    CHECK(bytes.substr(40) == two_values(folder.path).substr(40)); // the version has its own time
    CHECK(name.starts_with("events.out.tfevents.1700000000."));
}
