// SPDX-License-Identifier: BSD-3-Clause
//
// What the header of a safetensors file says: dtypes, sizes, the layout of the data, and the text
// that the writer puts there. The reader of that text is in safetensors_json.hpp.
#pragma once

#include <xrnn/errors.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xrnn::safetensors {

/// Element types, in the format's own order: the writer sorts by it, last first.
enum class dtype {
    boolean,
    u8,
    i8,
    f8_e5m2,
    f8_e4m3,
    i16,
    u16,
    f16,
    bf16,
    i32,
    u32,
    f32,
    f64,
    i64,
    u64
};

namespace detail {

struct dtype_fact {
    std::string_view name;
    std::size_t bytes;
};

inline constexpr std::array<dtype_fact, 15> dtype_facts{{{"BOOL", 1},
                                                         {"U8", 1},
                                                         {"I8", 1},
                                                         {"F8_E5M2", 1},
                                                         {"F8_E4M3", 1},
                                                         {"I16", 2},
                                                         {"U16", 2},
                                                         {"F16", 2},
                                                         {"BF16", 2},
                                                         {"I32", 4},
                                                         {"U32", 4},
                                                         {"F32", 4},
                                                         {"F64", 8},
                                                         {"I64", 8},
                                                         {"U64", 8}}};

} // namespace detail

/// The name in the file, e.g. "F32".
constexpr std::string_view name_of(dtype type) noexcept {
    return detail::dtype_facts[static_cast<std::size_t>(type)].name;
}

/// Bytes of one element.
constexpr std::size_t size_of(dtype type) noexcept {
    return detail::dtype_facts[static_cast<std::size_t>(type)].bytes;
}

namespace detail {

inline constexpr std::size_t max_header = 100'000'000;

[[noreturn]] inline void reject(std::string_view where, std::uintmax_t byte,
                                std::string const& text) {
    throw format_error(messages::text({where, ": ", text, " (byte ", byte, ")"}));
}

/// A name from a file, made fit for a message: control characters shown as '?', cut when long.
inline std::string show_name(std::string_view name) {
    constexpr std::size_t most = 100;
    std::string text(1, '\'');
    for (char const c : name.substr(0, most)) {
        text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    text += name.size() > most ? "...'" : "'";
    return text;
}

inline std::string show_shape(std::vector<std::size_t> const& shape) {
    std::string text(1, '(');
    for (std::size_t const extent : shape) {
        text += text.size() == 1 ? "" : ", ";
        text += std::to_string(extent);
    }
    text += ')';
    return text;
}

/// Bytes of a tensor; nothing when the product does not fit 64 bits.
inline std::optional<std::uint64_t> byte_count(std::vector<std::size_t> const& shape, dtype type) {
    // An extent of zero does not excuse the others: strides are products too.
    std::uint64_t product = size_of(type);
    bool empty = false;
    for (std::size_t const extent : shape) {
        empty = empty || extent == 0;
        if (extent != 0 && product > std::numeric_limits<std::uint64_t>::max() / extent) {
            return std::nullopt;
        }
        product *= std::max<std::uint64_t>(extent, 1);
    }
    return empty ? 0 : product;
}

/// What the header says of one tensor; `at` is the byte of the file where its name ends.
struct entry {
    std::string name;
    dtype type = dtype::f32;
    std::vector<std::size_t> shape;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::size_t at = 0;
};

/// The first eight bytes, checked against the file's size.
inline std::size_t header_length(std::span<std::byte const, 8> prefix, std::uintmax_t file_size,
                                 std::string_view where) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        length |= std::to_integer<std::uint64_t>(prefix[i]) << (8 * i);
    }
    if (length > max_header) {
        reject(where, 0,
               messages::text({"the header claims ", length, " bytes, but at most ", max_header,
                               " are allowed"}));
    }
    if (length > file_size - 8) {
        reject(where, 0,
               messages::text(
                   {"the header claims ", length, " bytes, but only ", file_size - 8, " follow"}));
    }
    return static_cast<std::size_t>(length);
}

/// Checks one entry that must begin at `expected`, the end of the one before.
inline void check_entry(entry const& e, std::uint64_t expected, std::string_view where) {
    std::string const subject = messages::text({"tensor ", show_name(e.name), ": "});
    std::string const range = messages::text({"data_offsets [", e.begin, ", ", e.end, "]"});
    if (e.end < e.begin) {
        reject(where, e.at, messages::text({subject, range, " end before they begin"}));
    }
    if (e.begin != expected) {
        reject(where, e.at,
               messages::text({subject, range, " must begin at ", expected,
                               ", where the tensor before ends: no gap, no overlap"}));
    }
    auto const bytes = byte_count(e.shape, e.type);
    if (!bytes) {
        reject(where, e.at, subject + "shape " + show_shape(e.shape) + " overflows 64 bits");
    }
    if (e.end - e.begin != *bytes) {
        reject(where, e.at,
               messages::text({subject, range, " hold ", e.end - e.begin, " bytes, but ",
                               name_of(e.type), " of shape ", show_shape(e.shape), " needs ",
                               *bytes}));
    }
}

/// Sorts the entries by their place in the file and demands that they fill its data exactly.
inline void check_layout(std::vector<entry>& entries, std::uintmax_t data_size,
                         std::size_t header_size, std::string_view where) {
    std::ranges::sort(entries, [](entry const& a, entry const& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::uint64_t expected = 0;
    for (entry const& e : entries) {
        check_entry(e, expected, where);
        expected = e.end;
    }
    if (expected != data_size) {
        reject(where, 8 + header_size + std::min(expected, std::uint64_t{data_size}),
               messages::text({"the tensors need ", expected, " bytes of data, but the file has ",
                               data_size}));
    }
}

} // namespace detail

} // namespace xrnn::safetensors
