// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/encoding.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using xrnn::data::decode_text;
using xrnn::data::text_encoding;
using namespace std::string_literals;

namespace {

std::string utf16(std::u16string_view text, bool big) {
    std::string bytes;
    for (char16_t const unit : text) {
        char const low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8);
        bytes += big ? high : low;
        bytes += big ? low : high;
    }
    return bytes;
}

std::string refusal(std::string_view bytes, text_encoding encoding = text_encoding::detect) {
    try {
        decode_text(bytes, encoding, "f");
    } catch (xrnn::format_error const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("encoding: one text, seven files") {
    // Latin, Persian, Arabic separators, a plane-1 character, both line ends
    std::u16string const wide = u"<DATE>,نماد,é\r\n13970105,شاخص کل,\U0001F600\n";
    std::string const text = "<DATE>,\xd9\x86\xd9\x85\xd8\xa7\xd8\xaf,\xc3\xa9\r\n13970105,"
                             "\xd8\xb4\xd8\xa7\xd8\xae\xd8\xb5 \xda\xa9\xd9\x84,\xf0\x9f\x98\x80\n";
    CHECK(decode_text(text) == text);
    CHECK(decode_text("\xef\xbb\xbf" + text) == text);
    CHECK(decode_text(utf16(wide, false)) == text);
    CHECK(decode_text(utf16(wide, true)) == text);
    CHECK(decode_text(utf16(u"\ufeff" + wide, false)) == text);
    CHECK(decode_text(utf16(u"\ufeff" + wide, true)) == text);
    CHECK(decode_text(utf16(wide, true), text_encoding::utf16be) == text);
    CHECK(decode_text(utf16(u"\ufeff" + wide, true), text_encoding::utf16be) == text);
}

TEST_CASE("encoding: detection without a byte order mark") {
    std::u16string const persian = u"نماد,تاریخ\nشاخص,۱۳۹۷\n"; // hardly a Latin character
    CHECK(decode_text(utf16(persian, false)) == decode_text(utf16(u"\ufeff" + persian, true)));
    CHECK(decode_text(utf16(persian, true)) == decode_text(utf16(u"\ufeff" + persian, true)));
    CHECK(decode_text(utf16(u"a", false)) == "a");
    CHECK(decode_text(utf16(u"a\n1\n", true)) == "a\n1\n");
    CHECK(decode_text("") == "");
    CHECK(decode_text("a") == "a");
    CHECK(decode_text("a\n\n\n\n") == "a\n\n\n\n"); // line feeds are no high bytes
    CHECK(decode_text("\t\t\t\r\n\r\n") == "\t\t\t\r\n\r\n");
    std::u16string const chinese = u"日期,价格\n一,二\n"; // high bytes are letters: say it
    CHECK(decode_text(utf16(chinese, false), text_encoding::utf16le) ==
          decode_text(utf16(u"\ufeff" + chinese, false)));
}

TEST_CASE("encoding: every code point survives UTF-16 and UTF-8") {
    std::u16string wide;
    std::size_t count = 0;
    for (char32_t code = 1; code <= 0x10ffff; code += code < 0x3000 ? 1 : 251) {
        if (code >= 0xd800 && code < 0xe000)
            continue;
        if (code >= 0x10000) {
            wide += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
            wide += static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            wide += static_cast<char16_t>(code);
        }
        ++count;
    }
    std::string const text = decode_text(utf16(wide, false), text_encoding::utf16le);
    CHECK(decode_text(utf16(wide, true), text_encoding::utf16be) == text);
    CHECK(decode_text(text, text_encoding::utf8) == text); // valid
    std::size_t characters = 0;
    for (char const c : text)
        characters += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1U : 0U;
    CHECK(characters == count);
}

TEST_CASE("encoding: invalid UTF-8") {
    for (std::string const& bad :
         {"\x80"s, "\xc0\xaf"s, "\xc1\xbf"s, "\xc2"s, "\xc2x"s, "\xe0\x9f\xbf"s, "\xe2\x82"s,
          "\xed\xa0\x80"s, "\xed\xbf\xbf"s, "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s,
          "\xf5\x80\x80\x80"s, "\xf0\x9f\x98"s, "\xf0\x9f\x98x"s, "\xfe"s, "\xff"s}) {
        CAPTURE(bad);
        CHECK(refusal("ab\nc\xc3\xa9" + bad + "d\n")
                  .starts_with("f, line 2, character 3: expected UTF-8, got a byte of value "));
        CHECK(refusal("ab" + bad, text_encoding::utf8).starts_with("f, line 1, character 3: "));
    }
    for (std::string const& good : {"\xc2\x80"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
                                    "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s})
        CHECK(refusal("ab" + good + "c") == "");
}

TEST_CASE("encoding: invalid UTF-16") {
    using namespace std::string_view_literals;
    for (bool const big : {false, true}) {
        std::string const mark = big ? "\xfe\xff" : "\xff\xfe";
        CHECK(refusal(mark + utf16(u"a\nb"sv, big) + "x") ==
              "f: expected UTF-16, got an odd number of bytes (7 after the byte order mark)");
        std::string const expected =
            "f, line 2, character 2: expected UTF-16, got half of a surrogate pair";
        std::u16string const high(1, char16_t{0xd83d}), low(1, char16_t{0xde00});
        CHECK(refusal(mark + utf16(u"a\nb" + high, big)) == expected);
        CHECK(refusal(mark + utf16(u"a\nb" + high + u"x", big)) == expected);
        CHECK(refusal(mark + utf16(u"a\nb" + low + u"x", big)) == expected);
        CHECK(refusal(mark + utf16(u"a\nb" + low + high, big)) == expected);
        CHECK(refusal(mark + utf16(u"a\nb" + high + high + low, big)) == expected);
        CHECK(refusal(mark + utf16(u"a\nb" + high + low, big)) == "");
        CHECK(refusal(mark + utf16(u"a\n\0b"sv, big)) ==
              "f, line 2, character 1: a NUL character, which no text holds");
    }
    CHECK(decode_text("\xff\xfe") == "");
    CHECK(refusal("abc", text_encoding::utf16le) != "");
}

TEST_CASE("encoding: NUL in UTF-8 is named, not taken for UTF-16") {
    CHECK(refusal("a,b\n1,\0\n"s) ==
          "f, line 2, character 3: a NUL character, which no text holds");
    CHECK(refusal("\0"s) != "");
    CHECK(refusal("ab\0"s) != "");
}
