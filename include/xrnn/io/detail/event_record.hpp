// SPDX-License-Identifier: BSD-3-Clause
//
// The bytes of a TensorBoard event file: records with their checksums, and the few protobuf fields of
// an event that holds scalars. No protobuf library: a field is a tag, (number << 3) | wire type, and
// a value.
//
//     record:   u64 length, u32 masked CRC-32C of these 8 bytes, data, u32 masked CRC-32C of the data
//     Event:    1 wall_time double, 2 step int64, 3 file_version string, 5 summary
//     Summary:  1 value (repeated);   Value: 1 tag string, 2 simple_value float
//
// Numbers are little-endian. https://github.com/tensorflow/tensorboard (the format's description)
#pragma once

#include <xrnn/errors.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xrnn::io {

/// One value of an event file.
struct scalar_event {
    double wall_time = 0;  // seconds since 1970
    std::int64_t step = 0; // of training: an epoch or a batch
    std::string tag;       // what it is: "epoch_loss"
    double value = 0;      // the file keeps a float

    bool operator==(scalar_event const&) const = default;
};

namespace detail {

inline constexpr std::string_view event_file_version = "brain.Event:2";

// ---- checksum ------------------------------------------------------------------------------------

inline constexpr std::array<std::uint32_t, 256> crc32c_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit) {
            rest = rest >> 1 ^ (rest & 1U ? 0x82F63B78U : 0U);
        }
        table[byte] = rest;
    }
    return table;
}();

/// CRC-32C (Castagnoli's polynomial, as in RFC 3720) of some bytes.
inline std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (char const c : bytes) {
        crc = crc >> 8 ^ crc32c_table[(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
    }
    return ~crc;
}

/// What stands in the file: a checksum of data that holds checksums is a poor one.
inline std::uint32_t masked_crc(std::string_view bytes) {
    return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U;
}

// ---- writing -------------------------------------------------------------------------------------

inline void put_fixed(std::string& to, std::uint64_t value, int bytes) {
    for (int k = 0; k < bytes; ++k) {
        to += static_cast<char>(value >> (8 * k) & 0xFFU);
    }
}

inline void put_varint(std::string& to, std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7) {
        to += static_cast<char>((value & 0x7FU) | 0x80U);
    }
    to += static_cast<char>(value);
}

/// A string, or a message within a message: field number, length, bytes.
inline void put_bytes(std::string& to, unsigned field, std::string_view bytes) {
    put_varint(to, field << 3 | 2U);
    put_varint(to, bytes.size());
    to += bytes;
}

inline std::string encode_wall_time(double wall_time) {
    std::string event;
    put_varint(event, 1U << 3 | 1U);
    put_fixed(event, std::bit_cast<std::uint64_t>(wall_time), 8);
    return event;
}

inline std::string encode_version(double wall_time) {
    std::string event = encode_wall_time(wall_time);
    put_bytes(event, 3, event_file_version);
    return event;
}

inline std::string encode_scalar(scalar_event const& scalar) {
    std::string value, summary;
    put_bytes(value, 1, scalar.tag);
    put_varint(value, 2U << 3 | 5U);
    put_fixed(value, std::bit_cast<std::uint32_t>(static_cast<float>(scalar.value)), 4);
    put_bytes(summary, 1, value);
    std::string event = encode_wall_time(scalar.wall_time);
    if (scalar.step != 0) { // protobuf leaves a zero out
        put_varint(event, 2U << 3 | 0U);
        put_varint(event, static_cast<std::uint64_t>(scalar.step));
    }
    put_bytes(event, 5, summary);
    return event;
}

inline std::string encode_record(std::string_view data) {
    std::string record;
    put_fixed(record, data.size(), 8);
    put_fixed(record, masked_crc(record), 4);
    record += data;
    put_fixed(record, masked_crc(data), 4);
    return record;
}

// ---- reading -------------------------------------------------------------------------------------

[[noreturn]] inline void reject_event(std::string_view where, std::uintmax_t byte,
                                      std::string const& text) {
    throw format_error(messages::text({where, ": ", text, " (byte ", byte, ")"}));
}

inline std::uint64_t fixed_value(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t k = bytes.size(); k-- > 0;) {
        value = value << 8 | static_cast<unsigned char>(bytes[k]);
    }
    return value;
}

/// The fields of one protobuf message, one after the other.
class message_reader {
  public:
    /// byte: where the message lies in the file, for messages of another kind.
    message_reader(std::string_view bytes, std::uintmax_t byte, std::string_view where)
        : rest_(bytes), byte_(byte), where_(where) {}

    /// The next field; false at the end.
    bool next() {
        if (rest_.empty()) {
            return false;
        }
        begin_ = byte_;
        std::uint64_t const tag = varint();
        number_ = tag >> 3;
        type_ = static_cast<unsigned>(tag & 7U);
        switch (type_) {
        case 0:
            value_ = varint();
            break;
        case 1:
            bytes_ = take(8);
            break;
        case 2:
            bytes_ = take(varint());
            break;
        case 5:
            bytes_ = take(4);
            break;
        default:
            reject_event(where_, begin_, messages::text({"wire type ", type_, " of a field"}));
        }
        return true;
    }
    /// Whether the field has this number and holds that type of value.
    [[nodiscard]] bool is(std::uint64_t number, unsigned type) const {
        return number_ == number && type_ == type;
    }
    [[nodiscard]] std::uint64_t integer() const { return value_; }
    [[nodiscard]] std::string_view bytes() const { return bytes_; }
    [[nodiscard]] message_reader message() const { return {bytes_, byte_ - bytes_.size(), where_}; }

  private:
    std::string_view take(std::uint64_t count) {
        if (count > rest_.size()) {
            reject_event(where_, begin_,
                         messages::text({"a field of ", count, " bytes, but its message has ",
                                         rest_.size(), " left"}));
        }
        std::string_view const taken = rest_.substr(0, static_cast<std::size_t>(count));
        rest_.remove_prefix(taken.size());
        byte_ += taken.size();
        return taken;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto const part = static_cast<unsigned char>(take(1)[0]);
            value |= std::uint64_t{part & 0x7FU} << shift;
            if (part < 0x80U) {
                return value;
            }
        }
        reject_event(where_, begin_, "a number of more than 10 bytes");
    }

    std::string_view rest_;
    std::uintmax_t byte_;
    std::string_view where_;
    std::uintmax_t begin_ = 0;
    std::uint64_t number_ = 0;
    unsigned type_ = 0;
    std::uint64_t value_ = 0;
    std::string_view bytes_;
};

/// What an event says; fields that are not about scalars are passed over.
struct decoded_event {
    std::string version;
    std::vector<scalar_event> scalars;
};

inline void decode_summary(message_reader summary, std::vector<scalar_event>& scalars) {
    while (summary.next()) {
        if (!summary.is(1, 2)) {
            continue;
        }
        scalar_event scalar;
        bool is_scalar = false;
        for (message_reader value = summary.message(); value.next();) {
            if (value.is(1, 2)) {
                scalar.tag = value.bytes();
            } else if (value.is(2, 5)) {
                auto const bits = static_cast<std::uint32_t>(fixed_value(value.bytes()));
                scalar.value = static_cast<double>(std::bit_cast<float>(bits));
                is_scalar = true;
            }
        }
        if (is_scalar) {
            scalars.push_back(std::move(scalar));
        }
    }
}

inline decoded_event decode_event(std::string_view data, std::uintmax_t byte,
                                  std::string_view where) {
    decoded_event result;
    double wall_time = 0;
    std::int64_t step = 0;
    for (message_reader event(data, byte, where); event.next();) {
        if (event.is(1, 1)) {
            wall_time = std::bit_cast<double>(fixed_value(event.bytes()));
        } else if (event.is(2, 0)) {
            step = static_cast<std::int64_t>(event.integer());
        } else if (event.is(3, 2)) {
            result.version = event.bytes();
        } else if (event.is(5, 2)) {
            decode_summary(event.message(), result.scalars);
        }
    }
    for (scalar_event& scalar : result.scalars) {
        scalar.wall_time = wall_time;
        scalar.step = step;
    }
    return result;
}

} // namespace detail
} // namespace xrnn::io
