// SPDX-License-Identifier: BSD-3-Clause
//
// The safetensors file format: named tensors behind a JSON header. A file is eight bytes of header
// length N (little-endian), N bytes of JSON, then the tensors' bytes without gaps.
// https://github.com/huggingface/safetensors (the format's description)
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/detail/safetensors_header.hpp>
#include <xrnn/io/detail/safetensors_json.hpp>
#include <xrnn/io/files.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace xrnn::safetensors {

/// One named tensor: its bytes in row-major order, little-endian, as the file holds them.
struct tensor {
    std::string name;
    dtype type = dtype::f32;
    std::vector<std::size_t> shape; // empty: a scalar
    std::vector<std::byte> data;

    bool operator==(tensor const&) const = default;
};

/// A whole file: free text and the tensors, in the order in which their data lie in the file.
struct file {
    std::map<std::string, std::string> metadata;
    std::vector<tensor> tensors;

    /// The tensor of that name, or nullptr.
    [[nodiscard]] tensor const* find(std::string_view name) const noexcept {
        auto const found = std::ranges::find(tensors, name, &tensor::name);
        return found == tensors.end() ? nullptr : &*found;
    }

    bool operator==(file const&) const = default;
};

namespace detail {

template <class T>
inline constexpr bool is_element =
    std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, long double>;

/// Copies elements of `width` bytes between the machine's order and the file's (little-endian).
template <std::endian Machine = std::endian::native>
void copy_little_endian(std::byte const* from, std::byte* to, std::size_t bytes,
                        std::size_t width) {
    if (bytes == 0) {
        return; // memcpy must not see the null pointer of an empty vector
    }
    if constexpr (Machine == std::endian::little) {
        std::memcpy(to, from, bytes);
    } else {
        for (std::size_t i = 0; i < bytes; i += width) {
            std::reverse_copy(from + i, from + i + width, to + i);
        }
    }
}

/// Reads from memory what io::file_reader reads from a disk.
class memory_reader {
  public:
    explicit memory_reader(std::span<std::byte const> bytes) : bytes_(bytes) {}

    [[nodiscard]] std::uintmax_t size() const noexcept { return bytes_.size() + done_; }

    void read(std::span<std::byte> target) {
        std::ranges::copy(bytes_.first(target.size()), target.begin());
        bytes_ = bytes_.subspan(target.size());
        done_ += target.size();
    }

  private:
    std::span<std::byte const> bytes_;
    std::size_t done_ = 0;
};

/// Everything is checked against the source's size before memory is asked for.
template <class Source>
file parse_source(Source& source, std::string_view where) {
    std::uintmax_t const size = source.size();
    if (size < 8) {
        reject(where, 0,
               messages::text(
                   {"a safetensors file begins with 8 bytes of header length, but this one has ",
                    size, " in all"}));
    }
    std::byte prefix[8];
    source.read(prefix);
    std::size_t const length = header_length(prefix, size, where);
    std::string text(length, '\0');
    source.read(std::as_writable_bytes(std::span(text)));

    file result;
    std::vector<entry> entries = parse_header(text, result.metadata, where);
    check_layout(entries, size - 8 - length, length, where);
    result.tensors.reserve(entries.size());
    for (entry& e : entries) {
        tensor t{std::move(e.name), e.type, std::move(e.shape),
                 std::vector<std::byte>(static_cast<std::size_t>(e.end - e.begin))};
        source.read(t.data);
        result.tensors.push_back(std::move(t));
    }
    return result;
}

/// Throws value_error or shape_error when `f` cannot be a file.
inline void check_tensors(file const& f) {
    std::set<std::string_view> names;
    for (tensor const& t : f.tensors) {
        if (t.name == "__metadata__") {
            throw value_error("safetensors: a tensor must not be named '__metadata__'");
        }
        if (!names.insert(t.name).second) {
            throw value_error("safetensors: two tensors are named " + show_name(t.name));
        }
        auto const bytes = byte_count(t.shape, t.type);
        if (!bytes || *bytes != t.data.size()) {
            throw shape_error(messages::text(
                {"safetensors: tensor ", show_name(t.name), ": ", name_of(t.type), " of shape ",
                 show_shape(t.shape), " needs ", bytes ? std::to_string(*bytes) : "more than 2^64",
                 " bytes, but its data hold ", t.data.size()}));
        }
    }
}

} // namespace detail

/// The dtype that stores T: float, double or an integer of 8 to 64 bits.
template <class T>
constexpr dtype dtype_of() noexcept {
    static_assert(detail::is_element<T>,
                  "xrnn: a safetensors file holds float, double and integers "
                  "of 8 to 64 bits; convert the values to one of them");
    if constexpr (std::is_floating_point_v<T>) {
        return sizeof(T) == 4 ? dtype::f32 : dtype::f64;
    } else if constexpr (std::is_integral_v<T>) {
        constexpr std::size_t log = std::countr_zero(sizeof(T));
        constexpr dtype with_sign[] = {dtype::i8, dtype::i16, dtype::i32, dtype::i64};
        constexpr dtype without[] = {dtype::u8, dtype::u16, dtype::u32, dtype::u64};
        return std::is_signed_v<T> ? with_sign[log] : without[log];
    }
}

/// A tensor with a copy of `values` (row-major). Throws shape_error when shape and count differ.
template <class T>
tensor make_tensor(std::string name, std::vector<std::size_t> shape, std::span<T> values) {
    tensor result{std::move(name), dtype_of<std::remove_const_t<T>>(), std::move(shape), {}};
    auto const bytes = detail::byte_count(result.shape, result.type);
    if (!bytes || *bytes != values.size_bytes()) {
        throw shape_error(messages::text({"safetensors: tensor ", detail::show_name(result.name),
                                          " of shape ", detail::show_shape(result.shape),
                                          " was given ", values.size(), " values"}));
    }
    result.data.resize(values.size_bytes());
    detail::copy_little_endian(std::as_bytes(values).data(), result.data.data(), result.data.size(),
                               sizeof(T));
    return result;
}

/// The tensor's elements. Nothing is converted: throws format_error when its dtype is not T's.
template <class T>
std::vector<T> values_of(tensor const& t) {
    if (t.type != dtype_of<T>()) {
        throw format_error(
            messages::text({"safetensors: tensor ", detail::show_name(t.name), " holds ",
                            name_of(t.type), ", but ", name_of(dtype_of<T>()), " was asked for"}));
    }
    std::vector<T> values(t.data.size() / sizeof(T));
    detail::copy_little_endian(t.data.data(), std::as_writable_bytes(std::span(values)).data(),
                               values.size() * sizeof(T), sizeof(T));
    return values;
}

/// Reads a file that lies in memory; `where` names it in messages.
/// Throws format_error, with the tensor and the byte, for everything the format forbids.
inline file parse(std::span<std::byte const> bytes, std::string_view where = "safetensors") {
    detail::memory_reader source{bytes};
    return detail::parse_source(source, where);
}

/// Reads the file at `path`. Throws io_error when the system refuses, format_error as parse().
inline file read(std::filesystem::path const& path) {
    io::file_reader source{path};
    return detail::parse_source(source, path.string());
}

/// The file's bytes, as the format's own library lays them out: tensors by falling dtype (widest
/// first), then by name; the header padded with blanks to a multiple of eight.
/// Throws shape_error when a tensor's data do not fit its shape, value_error for a name used twice,
/// for text that is not UTF-8 and for a header beyond 100,000,000 bytes.
inline std::vector<std::byte> serialize(file const& f) {
    detail::check_tensors(f);
    std::vector<tensor const*> order;
    for (tensor const& t : f.tensors) {
        order.push_back(&t);
    }
    std::ranges::sort(order, [](tensor const* a, tensor const* b) {
        return a->type != b->type ? a->type > b->type : a->name < b->name;
    });
    detail::header_text header(f.metadata);
    for (tensor const* t : order) {
        header.add(t->name, t->type, t->shape, t->data.size());
    }
    std::string const text = header.finish();
    std::size_t size = 8 + text.size();
    for (tensor const* t : order) {
        size += t->data.size();
    }
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::byte>((text.size() >> (8 * i)) & 0xff);
    }
    auto end = std::ranges::copy(std::as_bytes(std::span(text)), bytes.begin() + 8).out;
    for (tensor const* t : order) {
        end = std::ranges::copy(t->data, end).out;
    }
    return bytes;
}

/// Writes serialize(f) to `path`, whole or not at all (io::write_file). Throws as the two do.
inline void write(std::filesystem::path const& path, file const& f) {
    io::write_file(path, serialize(f));
}

} // namespace xrnn::safetensors
