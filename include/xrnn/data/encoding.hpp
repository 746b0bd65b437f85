// SPDX-License-Identifier: BSD-3-Clause
//
// Text files in UTF-8 or UTF-16, with or without a byte order mark, as UTF-8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <xrnn/config.hpp>
#include <xrnn/errors.hpp>

namespace xrnn::data {

/// How a text is stored. `detect` looks at the bytes, see decode_text.
enum class text_encoding { detect, utf8, utf16le, utf16be };

namespace detail {

inline constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
inline constexpr std::string_view utf16le_mark = "\xff\xfe";
inline constexpr std::string_view utf16be_mark = "\xfe\xff";

inline unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

/// Most code units of a UTF-16 text have a small high byte: 00 for Latin letters, digits and
/// separators, 06 for Persian. In UTF-8 such bytes are control characters, which tables do not hold.
/// `high` is the place of the high byte within a unit.
XRNN_WHEN_CALLED bool looks_like_utf16(std::string_view bytes, std::size_t high) {
    std::size_t const units = std::min<std::size_t>(bytes.size(), 8192) / 2;
    std::size_t small = 0;
    for (std::size_t unit = 0; unit < units; ++unit) {
        unsigned const byte = byte_at(bytes, 2 * unit + high);
        small += byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' ? 1U : 0U;
    }
    return 2 * small > units;
}

XRNN_WHEN_CALLED text_encoding detect_encoding(std::string_view bytes) {
    if (bytes.starts_with(utf8_mark))
        return text_encoding::utf8;
    if (bytes.starts_with(utf16le_mark))
        return text_encoding::utf16le;
    if (bytes.starts_with(utf16be_mark))
        return text_encoding::utf16be;
    if (looks_like_utf16(bytes, 1))
        return text_encoding::utf16le;
    if (looks_like_utf16(bytes, 0))
        return text_encoding::utf16be;
    return text_encoding::utf8;
}

/// "file, line 3, character 7" of the next character, given the text (valid UTF-8) before it.
XRNN_WHEN_CALLED std::string place_after(std::string_view before, std::string const& where) {
    std::size_t line = 1, character = 1;
    for (char const c : before) {
        if (c == '\n') {
            ++line;
            character = 1;
        } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
            ++character;
        }
    }
    return messages::text({where, ", line ", line, ", character ", character});
}

/// The length of the valid UTF-8 sequence that starts at `at`, or 0 (Unicode 15, table 3-7: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
XRNN_WHEN_CALLED std::size_t utf8_length(std::string_view bytes, std::size_t at) {
    unsigned const first = byte_at(bytes, at);
    if (first < 0x80)
        return 1;
    std::size_t const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || bytes.size() - at < length)
        return 0;
    unsigned const low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned const high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte_at(bytes, at + 1) < low || byte_at(bytes, at + 1) > high)
        return 0;
    for (std::size_t i = 2; i < length; ++i)
        if ((byte_at(bytes, at + i) & 0xc0U) != 0x80U)
            return 0;
    return length;
}

XRNN_WHEN_CALLED void append_utf8(std::string& text, std::uint32_t code) {
    auto const put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

XRNN_WHEN_CALLED void check_utf8(std::string_view bytes, std::string const& where) {
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t const length = utf8_length(bytes, at);
        if (length == 0)
            throw format_error(messages::text({place_after(bytes.substr(0, at), where),
                                               ": expected UTF-8, got a byte of value ",
                                               byte_at(bytes, at), " that cannot stand there"}));
        if (bytes[at] == '\0')
            throw format_error(place_after(bytes.substr(0, at), where) +
                               ": a NUL character, which no text holds");
        at += length;
    }
}

XRNN_WHEN_CALLED std::string utf16_to_utf8(std::string_view bytes, std::size_t high,
                                           std::string const& where) {
    std::string text;
    text.reserve(bytes.size() / 2);
    if (bytes.size() % 2 != 0)
        throw format_error(messages::text({where, ": expected UTF-16, got an odd number of bytes (",
                                           bytes.size(), " after the byte order mark)"}));
    auto const unit_at = [&](std::size_t at) {
        return std::uint32_t{byte_at(bytes, at + high) << 8 | byte_at(bytes, at + 1 - high)};
    };
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        std::uint32_t code = unit_at(at);
        if (code == 0)
            throw format_error(place_after(text, where) + ": a NUL character, which no text holds");
        if (code >= 0xd800 && code < 0xe000) { // one half of a pair
            std::uint32_t const second = at + 2 < bytes.size() ? unit_at(at + 2) : 0;
            if (code >= 0xdc00 || second < 0xdc00 || second >= 0xe000)
                throw format_error(place_after(text, where) +
                                   ": expected UTF-16, got half of a surrogate pair");
            code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
            at += 2;
        }
        append_utf8(text, code);
    }
    return text;
}

} // namespace detail

/// `bytes` as UTF-8 without byte order mark. `detect`: the byte order mark decides; without one, the
/// text is UTF-16 if most of its code units (of the first 4096) read as characters below U+2000,
/// which holds for Latin, Cyrillic, Arabic and Persian tables, else UTF-8. A given encoding is
/// obeyed, its own mark is skipped. Throws format_error with line and character (`where` names the
/// text) for invalid UTF-8 or UTF-16 and for NUL characters.
XRNN_WHEN_CALLED std::string decode_text(std::string_view bytes,
                                         text_encoding encoding = text_encoding::detect,
                                         std::string const& where = "text") {
    if (encoding == text_encoding::detect)
        encoding = detail::detect_encoding(bytes);
    std::string_view const mark = encoding == text_encoding::utf8      ? detail::utf8_mark
                                  : encoding == text_encoding::utf16le ? detail::utf16le_mark
                                                                       : detail::utf16be_mark;
    if (bytes.starts_with(mark))
        bytes.remove_prefix(mark.size());
    if (encoding != text_encoding::utf8)
        return detail::utf16_to_utf8(bytes, encoding == text_encoding::utf16le ? 1 : 0, where);
    detail::check_utf8(bytes, where);
    return std::string(bytes);
}

} // namespace xrnn::data
