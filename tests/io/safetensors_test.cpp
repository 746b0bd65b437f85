// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/safetensors.hpp>

#include "io/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace fs = std::filesystem;
namespace st = xrnn::safetensors;
using st::dtype;

namespace {

using bytes = std::vector<std::byte>;

/// A file made by hand: length, header as given, `data` bytes 0, 1, 2...
bytes raw_file(std::string const& header, std::size_t data) {
    bytes result;
    for (std::size_t i = 0; i < 8; ++i) {
        result.push_back(static_cast<std::byte>((header.size() >> (8 * i)) & 0xff));
    }
    for (char const c : header) {
        result.push_back(static_cast<std::byte>(c));
    }
    for (std::size_t i = 0; i < data; ++i) {
        result.push_back(static_cast<std::byte>(i & 0xff));
    }
    return result;
}

std::string rejection(bytes const& file) {
    try {
        st::parse(file, "t");
    } catch (xrnn::format_error const& e) {
        return e.what();
    }
    return "accepted";
}

std::string rejection(std::string const& header, std::size_t data) {
    return rejection(raw_file(header, data));
}

st::file small_file() {
    std::vector<float> const a{0.F, 1.F, 2.F, 3.F, 4.F, 5.F};
    std::vector<double> const b{0.5, -0.25};
    return {{{"format", "xrnn"}},
            {st::make_tensor("b", {2}, std::span(b)), st::make_tensor("a", {2, 3}, std::span(a))}};
}

} // namespace

TEST_CASE("a file written by numpy is read to the last value") {
    st::file const f = st::read(XRNN_SOURCE_DIR "/tests/io/reference/mixed.safetensors");
    REQUIRE(f.tensors.size() == 11);
    CHECK(f.metadata ==
          std::map<std::string, std::string>{{"format", "np"}, {"note", "a\tb \xda\xaf"}});
    REQUIRE(f.find("lstm.kernel") != nullptr);
    CHECK(f.find("lstm.kernel")->shape == std::vector<std::size_t>{2, 3});
    CHECK(st::values_of<float>(*f.find("lstm.kernel")) ==
          std::vector<float>{-1.F, -.75F, -.5F, -.25F, 0.F, .25F});
    CHECK(st::values_of<float>(*f.find("lstm.bias")) == std::vector<float>{1.5F, -2.25F, 3e-20F});
    std::vector<double> const d = st::values_of<double>(*f.find("double"));
    CHECK(d[0] == 3.141592653589793);
    CHECK(std::signbit(d[1]));
    CHECK(std::isinf(d[2]));
    CHECK(f.find("steps")->shape.empty());
    CHECK(st::values_of<std::int64_t>(*f.find("steps")) == std::vector<std::int64_t>{-7});
    CHECK(st::values_of<std::uint32_t>(*f.find("counts")) ==
          std::vector<std::uint32_t>{1, 4000000000});
    CHECK(st::values_of<std::int16_t>(*f.find("words")) == std::vector<std::int16_t>{-1, 2});
    CHECK(st::values_of<std::int8_t>(*f.find("quote \" and \xcf\x83")) ==
          std::vector<std::int8_t>{-128});
    CHECK(f.find("half")->type == dtype::f16);
    CHECK(f.find("brain")->data ==
          bytes{std::byte{0x80}, std::byte{0x3f}, std::byte{0}, std::byte{0xc0}});
    CHECK(f.find("mask")->type == dtype::boolean);
    CHECK(f.find("empty")->shape == std::vector<std::size_t>{3, 0, 2});
    CHECK(f.find("empty")->data.empty());
    CHECK(f.find("nothing") == nullptr);
}

TEST_CASE("the writer lays the numpy file out byte for byte, whatever the order of its tensors") {
    fs::path const path = XRNN_SOURCE_DIR "/tests/io/reference/mixed.safetensors";
    st::file f = st::read(path);
    xrnn::io::file_reader reader(path);
    bytes expected(static_cast<std::size_t>(reader.size()));
    reader.read(expected);
    CHECK(st::serialize(f) == expected);
    std::ranges::reverse(f.tensors);
    CHECK(st::serialize(f) == expected);
    CHECK(st::parse(expected) == st::parse(st::serialize(f)));
}

TEST_CASE("header text and padding") {
    std::vector<float> const v{0.F, 1.F, 2.F, 3.F, 4.F, 5.F};
    auto const text = [](bytes const& b) {
        std::string s;
        for (std::byte const x : std::span(b).subspan(8)) {
            s += static_cast<char>(x);
        }
        return s;
    };
    CHECK(text(st::serialize({})) == "{}      ");
    CHECK(text(st::serialize({{{"framework", "pt"}}, {}})) ==
          R"({"__metadata__":{"framework":"pt"}}     )");
    bytes const b = st::serialize({{}, {st::make_tensor("attn.0", {1, 2, 3}, std::span(v))}});
    CHECK(b[0] == std::byte{64});
    CHECK(text(b).substr(0, 64) ==
          R"({"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}})");
    bytes const c = st::serialize({{}, {st::make_tensor("attn0", {1, 1, 2, 3}, std::span(v))}});
    CHECK(c[0] == std::byte{72});
    CHECK(c.size() == 8 + 72 + 24);
}

TEST_CASE("every dtype goes through a file") {
    st::file f;
    for (std::size_t i = 0; i < st::detail::dtype_facts.size(); ++i) {
        auto const type = static_cast<dtype>(i);
        f.tensors.push_back(
            {std::string(st::name_of(type)), type, {2}, bytes(2 * st::size_of(type))});
    }
    st::file const back = st::parse(st::serialize(f));
    REQUIRE(back.tensors.size() == 15);
    CHECK(back.tensors.front().type == dtype::u64);
    CHECK(back.tensors.back().type == dtype::boolean);
    for (st::tensor const& t : f.tensors) {
        CHECK(*back.find(t.name) == t);
    }
    CHECK(st::name_of(dtype::bf16) == "BF16");
    CHECK(st::dtype_of<float>() == dtype::f32);
    CHECK(st::dtype_of<double>() == dtype::f64);
    CHECK(st::dtype_of<std::uint8_t>() == dtype::u8);
    CHECK(st::dtype_of<std::int32_t>() == dtype::i32);
    CHECK(st::dtype_of<std::uint64_t>() == dtype::u64);
}

TEST_CASE("values keep their bits, special ones too") {
    std::vector<float> const v{-0.F, std::numeric_limits<float>::denorm_min(),
                               std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN()};
    st::tensor const t = st::make_tensor("v", {4}, std::span(v));
    std::vector<float> const back =
        st::values_of<float>(st::parse(st::serialize({{}, {t}})).tensors[0]);
    for (std::size_t i = 0; i < v.size(); ++i) {
        CHECK(std::bit_cast<std::uint32_t>(back[i]) == std::bit_cast<std::uint32_t>(v[i]));
    }
    std::vector<double> const scalar{2.5};
    CHECK(st::values_of<double>(st::make_tensor("s", {}, std::span(scalar))) == scalar);
    CHECK(st::values_of<double>(st::make_tensor("e", {0, 7}, std::span<double const>{})).empty());
}

TEST_CASE("a big-endian machine would reverse each element") {
    bytes const from{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    bytes to(4);
    st::detail::copy_little_endian<std::endian::big>(from.data(), to.data(), 4, 2);
    CHECK(to == bytes{std::byte{2}, std::byte{1}, std::byte{4}, std::byte{3}});
    st::detail::copy_little_endian<std::endian::little>(from.data(), to.data(), 4, 2);
    CHECK(to == from);
}

TEST_CASE("the wrong element type is refused by name") {
    std::vector<float> const v{1.F};
    st::tensor const t = st::make_tensor("w", {1}, std::span(v));
    CHECK_THROWS_WITH_AS(st::values_of<double>(t),
                         "safetensors: tensor 'w' holds F32, but F64 was asked for",
                         xrnn::format_error);
}

TEST_CASE("what cannot be written") {
    std::vector<float> const v{1.F, 2.F};
    CHECK_THROWS_WITH_AS(st::make_tensor("w", {3}, std::span(v)),
                         "safetensors: tensor 'w' of shape (3) was given 2 values",
                         xrnn::shape_error);
    std::vector<std::size_t> const huge{std::size_t{1} << 62, 4};
    CHECK_THROWS_AS(st::make_tensor("w", huge, std::span(v)), xrnn::shape_error);
    st::tensor const w = st::make_tensor("w", {2}, std::span(v));
    CHECK_THROWS_WITH_AS(st::serialize({{}, {w, w}}), "safetensors: two tensors are named 'w'",
                         xrnn::value_error);
    st::tensor reserved = w;
    reserved.name = "__metadata__";
    CHECK_THROWS_AS(st::serialize({{}, {reserved}}), xrnn::value_error);
    st::tensor torn = w;
    torn.data.pop_back();
    CHECK_THROWS_WITH_AS(
        st::serialize({{}, {torn}}),
        "safetensors: tensor 'w': F32 of shape (2) needs 8 bytes, but its data hold 7",
        xrnn::shape_error);
    st::tensor foreign = w;
    foreign.name = "\xff";
    CHECK_THROWS_AS(st::serialize({{}, {foreign}}), xrnn::value_error);
    CHECK_THROWS_AS(st::serialize({{{"k", "\xc3("}}, {}}), xrnn::value_error);
    CHECK_THROWS_WITH_AS(
        st::serialize({{{"k", std::string(100'000'000, 'x')}}, {}}),
        "safetensors: the header would need 100000032 bytes, but at most 100000000 are allowed",
        xrnn::value_error);
}

TEST_CASE("rule: eight bytes, a length that fits, an opening brace") {
    CHECK(rejection(bytes{}) == "t: a safetensors file begins with 8 bytes of header length, but "
                                "this one has 0 in all (byte 0)");
    CHECK(rejection(bytes(7)).find("this one has 7 in all") != std::string::npos);
    CHECK(rejection(bytes(8)) == "t: the header must begin with '{' (byte 8)");
    bytes file = raw_file("{}", 0);
    file[0] = std::byte{3};
    CHECK(rejection(file) == "t: the header claims 3 bytes, but only 2 follow (byte 0)");
    file = raw_file("{}", 0);
    file[7] = std::byte{0xff};
    CHECK(rejection(file) == "t: the header claims 18374686479671623682 bytes, but at most "
                             "100000000 are allowed (byte 0)");
    CHECK(rejection(" {}", 0) == "t: the header must begin with '{' (byte 8)");
    CHECK(rejection("[]", 0) == "t: the header must begin with '{' (byte 8)");
    CHECK(rejection("\xef\xbb\xbf{}", 0) == "t: the header must begin with '{' (byte 8)");
    CHECK(rejection("{}", 0) == "accepted");
    CHECK(rejection("{}   \n", 0) == "accepted");
}

TEST_CASE("rule: UTF-8 and JSON") {
    CHECK(rejection("{\"a\xff\":", 0) == "t: the header is not UTF-8 JSON from here on (byte 11)");
    CHECK(rejection("{\"a\xc3(\":", 0).find("not UTF-8 JSON") != std::string::npos);
    CHECK(rejection("{\"a\xed\xa0\x80\":", 0).find("not UTF-8 JSON") != std::string::npos);
    CHECK(rejection("{", 0).find("not UTF-8 JSON") != std::string::npos);
    CHECK(rejection("{}x", 0) == "t: the header is not UTF-8 JSON from here on (byte 10)");
    CHECK(rejection("{} {}", 0).find("not UTF-8 JSON") != std::string::npos);
    CHECK(rejection("{,}", 0).find("not UTF-8 JSON") != std::string::npos);
    CHECK(rejection("{/**/}", 0).find("not UTF-8 JSON") != std::string::npos);
    CHECK(rejection(std::string("{}\0{", 4), 0) ==
          "t: the header is not UTF-8 JSON: it holds a NUL (byte 10)");
    CHECK(rejection(R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}})", 4)
              .find("not UTF-8 JSON") != std::string::npos);
}

TEST_CASE("rule: no name and no field twice") {
    CHECK(rejection(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                    R"("\u0061":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}})",
                    1) == "t: the header names 'a' twice (byte 68)");
    CHECK(rejection(R"({"__metadata__":{},"__metadata__":{}})", 0)
              .find("names '__metadata__' twice") != std::string::npos);
    CHECK(rejection(R"({"__metadata__":{"k":"1","k":"2"}})", 0) ==
          "t: '__metadata__' has the field 'k' twice (byte 35)");
    CHECK(rejection(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1)
              .find("tensor 'a' has the field 'dtype' twice") != std::string::npos);
}

TEST_CASE("rule: a tensor is dtype, shape and data_offsets, nothing else") {
    CHECK(rejection(R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})", 4) ==
          "t: tensor 'a' has the unknown dtype 'F31' (byte 26)");
    CHECK(rejection(R"({"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}})", 4)
              .find("unknown dtype 'f32'") != std::string::npos);
    CHECK(rejection(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4)
              .find("tensor 'a' lacks the field 'dtype'") != std::string::npos);
    CHECK(rejection(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4)
              .find("lacks the field 'shape'") != std::string::npos);
    CHECK(rejection(R"({"a":{"dtype":"F32","shape":[1]}})", 4)
              .find("lacks the field 'data_offsets'") != std::string::npos);
    CHECK(rejection(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4)
              .find("has the unknown field 'x'") != std::string::npos);
    CHECK(rejection(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4)
              .find("has 1 data_offsets instead of two") != std::string::npos);
    CHECK(rejection(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", 4)
              .find("more than two data_offsets") != std::string::npos);
}

TEST_CASE("rule: each value has its type") {
    CHECK(rejection(R"({"a":1})", 0) ==
          "t: tensor 'a' must be an object, but there is a number (byte 14)");
    CHECK(rejection(R"({"a":[]})", 0).find("must be an object, but there is an array") !=
          std::string::npos);
    CHECK(rejection(R"({"a":"x"})", 0).find("but there is a string") != std::string::npos);
    CHECK(rejection(R"({"__metadata__":null})", 0)
              .find("'__metadata__' must be an object, but there is null") != std::string::npos);
    CHECK(rejection(R"({"__metadata__":{"k":1}})", 0)
              .find("'__metadata__' must hold strings, but there is a number at 'k'") !=
          std::string::npos);
    CHECK(rejection(R"({"__metadata__":{"k":{}}})", 0).find("there is an object at 'k'") !=
          std::string::npos);
    auto const with_shape = [](std::string const& shape) {
        return rejection(R"({"a":{"dtype":"U8","shape":)" + shape + R"(,"data_offsets":[0,1]}})",
                         1);
    };
    CHECK(with_shape("[1]") == "accepted");
    CHECK(with_shape("1").find("must hold an array of whole numbers in 'shape', but there is a "
                               "number") != std::string::npos);
    CHECK(with_shape("[-1]").find("whole numbers in 'shape', but there is a negative number") !=
          std::string::npos);
    CHECK(with_shape("[1.0]").find("not a whole one below 2^64") != std::string::npos);
    CHECK(with_shape("[18446744073709551616]").find("not a whole one below 2^64") !=
          std::string::npos);
    CHECK(with_shape("[\"1\"]").find("but there is a string") != std::string::npos);
    CHECK(with_shape("[true]").find("but there is a truth value") != std::string::npos);
    CHECK(with_shape("[[1]]").find("but there is an array") != std::string::npos);
    CHECK(with_shape("[{}]").find("but there is an object") != std::string::npos);
    CHECK(with_shape("null").find("but there is null") != std::string::npos);
    CHECK(rejection(R"({"a":{"dtype":3,"shape":[1],"data_offsets":[0,1]}})", 1)
              .find("must hold a string in 'dtype', but there is a number") != std::string::npos);
}

TEST_CASE("rule: nesting stops where the format does") {
    std::string const deep(100'000, '[');
    CHECK(rejection(R"({"a":{"dtype":"U8","shape":)" + deep, 0).find("there is an array") !=
          std::string::npos);
    std::string objects;
    for (int i = 0; i < 50'000; ++i) {
        objects += R"({"a":)";
    }
    CHECK(rejection(objects, 0) == "t: tensor 'a' has the unknown field 'a' (byte 16)");
}

TEST_CASE("rule: data lie end to end, first at 0, as long as dtype and shape say") {
    auto const two = [](std::string const& first, std::string const& second, std::size_t data) {
        return rejection(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + first +
                             R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + second + "}}",
                         data);
    };
    CHECK(two("[0,2]", "[2,4]", 4) == "accepted");
    CHECK(two("[2,4]", "[0,2]", 4) == "accepted"); // the text may name them in any order
    CHECK(two("[1,3]", "[3,5]", 5) ==
          "t: tensor 'a': data_offsets [1, 3] must begin at 0, where the tensor before ends: no "
          "gap, no overlap (byte 11)");
    CHECK(two("[0,2]", "[3,5]", 5).find("tensor 'b': data_offsets [3, 5] must begin at 2") !=
          std::string::npos);
    CHECK(two("[0,2]", "[1,3]", 3).find("tensor 'b': data_offsets [1, 3] must begin at 2") !=
          std::string::npos);
    CHECK(two("[0,2]", "[0,2]", 2).find("must begin at 2") != std::string::npos);
    CHECK(two("[0,2]", "[2,1]", 4).find("data_offsets [2, 1] end before they begin") !=
          std::string::npos);
    CHECK(two("[0,2]", "[2,5]", 5) == "t: tensor 'b': data_offsets [2, 5] hold 3 bytes, but U8 of "
                                      "shape (2) needs 2 (byte 63)");
    CHECK(two("[0,2]", "[2,4]", 3) ==
          "t: the tensors need 4 bytes of data, but the file has 3 (byte 116)");
    CHECK(two("[0,2]", "[2,4]", 5) ==
          "t: the tensors need 4 bytes of data, but the file has 5 (byte 117)");
    CHECK(rejection("{}", 1).find("need 0 bytes of data, but the file has 1") != std::string::npos);
    CHECK(two("[0,2]", "[2,18446744073709551615]", 4).find("but U8 of shape (2) needs 2") !=
          std::string::npos);
}

TEST_CASE("rule: counts that overflow are seen before anything is allocated") {
    auto const shape = [](std::string const& s) {
        return rejection(R"({"a":{"dtype":"F32","shape":)" + s + R"(,"data_offsets":[0,0]}})", 0);
    };
    CHECK(shape("[4294967296,4294967296]") ==
          "t: tensor 'a': shape (4294967296, 4294967296) overflows 64 bits (byte 11)");
    CHECK(shape("[4611686018427387904]").find("overflows") != std::string::npos); // 2^62 * 4
    CHECK(shape("[4611686018427387903]").find("needs 18446744073709551612") != std::string::npos);
    CHECK(shape("[0,4294967296,4294967296]").find("overflows") != std::string::npos);
    CHECK(shape("[0,4294967296]") == "accepted");
    CHECK(shape("[0]") == "accepted");
}

TEST_CASE("names from a file cannot garble a message") {
    std::string const message =
        rejection(R"({"a\u001b[31m\n)" + std::string(200, 'x') + R"(":1})", 0);
    CHECK(message.find("tensor 'a?[31m?xxx") != std::string::npos);
    CHECK(message.find("xxx...' must be") != std::string::npos);
    CHECK(message.size() < 250);
}

TEST_CASE("read and write go through the file system") {
    temporary_folder folder;
    fs::path const path = folder.path / "m.safetensors";
    st::write(path, small_file());
    CHECK(st::serialize(st::read(path)) == st::serialize(small_file()));
    {
        std::ofstream cut(path, std::ios::binary | std::ios::trunc);
        cut << "12345";
    }
    CHECK_THROWS_WITH_AS(st::read(path),
                         (path.string() + ": a safetensors file begins with 8 bytes of header "
                                          "length, but this one has 5 in all (byte 0)")
                             .c_str(),
                         xrnn::format_error);
    CHECK_THROWS_AS(st::read(folder.path / "none"), xrnn::io_error);
    CHECK_THROWS_AS(st::write(folder.path / "no" / "m", small_file()), xrnn::io_error);
}

TEST_CASE("a file cut at any byte, or with one byte more, is refused") {
    bytes file = st::serialize(small_file());
    REQUIRE(rejection(file) == "accepted");
    for (std::size_t size = 0; size < file.size(); ++size) {
        CAPTURE(size);
        CHECK(rejection(bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size))) !=
              "accepted");
    }
    file.push_back(std::byte{0});
    CHECK(rejection(file) != "accepted");
}

TEST_CASE("100,000 random corruptions: a format_error or a well-formed file, never a crash") {
    bytes const original = st::serialize(small_file());
    std::mt19937 random(20240607); // a fixed seed: every run sees the same files
    std::size_t refused = 0;
    std::size_t read = 0;
    for (int run = 0; run < 100'000; ++run) {
        bytes file = original;
        std::size_t const changes = 1 + random() % 4;
        for (std::size_t i = 0; i < changes; ++i) {
            file[random() % file.size()] = static_cast<std::byte>(random() & 0xff);
        }
        if (random() % 8 == 0) {
            file.resize(random() % (file.size() + 16));
        }
        try {
            st::file const f = st::parse(file);
            // What was accepted is a whole file: the strict writer takes it, the reader gives it.
            st::file const again = st::parse(st::serialize(f));
            bool same = again.metadata == f.metadata && again.tensors.size() == f.tensors.size();
            for (st::tensor const& t : f.tensors) {
                same = same && again.find(t.name) != nullptr && *again.find(t.name) == t;
            }
            if (!same) {
                FAIL_CHECK("an accepted file did not survive a round trip in run " << run);
            }
            ++read;
        } catch (xrnn::format_error const&) {
            ++refused;
        }
    }
    MESSAGE(refused << " refused, " << read << " read");
    CHECK(refused > 50'000);
    CHECK(read > 1'000);
}
