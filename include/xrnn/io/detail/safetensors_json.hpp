// SPDX-License-Identifier: BSD-3-Clause
//
// Reading and writing the JSON text of a safetensors header. It is read event by event, so that a
// name given twice is seen (a document tree would keep one of the two), and each event is accepted
// only where the format has a place for it, so that nothing nests deeper than its three levels.
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/detail/safetensors_header.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xrnn::safetensors::detail {

/// Receives the JSON reader's events and accepts only what the format allows at that place.
class header_events final : public nlohmann::json::json_sax_t {
  public:
    header_events(std::vector<entry>& entries, std::map<std::string, std::string>& metadata,
                  std::size_t const& position, std::string_view where)
        : entries_(entries), metadata_(metadata), position_(position), where_(where) {}

    bool null() override { return value("null"); }
    bool boolean(bool) override { return value("a truth value"); }
    bool binary(binary_t&) override { return value("binary data"); }
    bool number_integer(number_integer_t) override { return value("a negative number"); }
    bool number_float(number_float_t, string_t const&) override {
        return value("a number that is not a whole one below 2^64");
    }

    bool number_unsigned(number_unsigned_t number) override {
        if (place_ != place::numbers) {
            return value("a number");
        }
        if (field_ == "data_offsets" && numbers_.size() == 2) {
            stop("has more than two data_offsets");
        }
        if (number > std::numeric_limits<std::size_t>::max()) {
            stop("has a number beyond this machine's address space");
        }
        numbers_.push_back(static_cast<std::size_t>(number));
        return true;
    }

    bool string(string_t& text) override {
        if (place_ == place::metadata) {
            metadata_[field_] = text;
            return true;
        }
        if (place_ != place::tensor || field_ != "dtype") {
            return value("a string");
        }
        auto const found = std::ranges::find(dtype_facts, text, &dtype_fact::name);
        if (found == dtype_facts.end()) {
            stop("has the unknown dtype " + show_name(text));
        }
        entries_.back().type = static_cast<dtype>(found - dtype_facts.begin());
        return true;
    }

    bool start_object(std::size_t) override {
        if (place_ == place::outside) {
            place_ = place::top;
        } else if (place_ == place::top) {
            place_ = in_metadata_ ? place::metadata : place::tensor;
            fields_.clear();
        } else {
            return value("an object");
        }
        return true;
    }

    bool key(string_t& text) override {
        if (place_ == place::top) {
            in_metadata_ = text == "__metadata__";
            if (!names_.insert(text).second) {
                stop_header(messages::text({"names ", show_name(text), " twice"}));
            }
            if (!in_metadata_) {
                entries_.push_back({text, dtype::f32, {}, 0, 0, 7 + position_});
            }
            return true;
        }
        if (place_ == place::tensor && text != "dtype" && text != "shape" &&
            text != "data_offsets") {
            stop("has the unknown field " + show_name(text));
        }
        if (!fields_.insert(text).second) {
            stop(messages::text({"has the field ", show_name(text), " twice"}));
        }
        field_ = text;
        return true;
    }

    bool end_object() override {
        if (place_ == place::tensor && fields_.size() != 3) {
            for (char const* field : {"dtype", "shape", "data_offsets"}) {
                if (!fields_.contains(field)) {
                    stop(messages::text({"lacks the field '", field, "'"}));
                }
            }
        }
        place_ = place_ == place::top ? place::outside : place::top;
        return true;
    }

    bool start_array(std::size_t) override {
        if (place_ != place::tensor || field_ == "dtype") {
            return value("an array");
        }
        place_ = place::numbers;
        numbers_.clear();
        return true;
    }

    bool end_array() override {
        place_ = place::tensor;
        entry& current = entries_.back();
        if (field_ == "shape") {
            current.shape = numbers_;
        } else if (numbers_.size() != 2) {
            stop(messages::text({"has ", numbers_.size(), " data_offsets instead of two"}));
        } else {
            current.begin = numbers_[0];
            current.end = numbers_[1];
        }
        return true;
    }

    bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) override {
        stop_header("is not UTF-8 JSON from here on");
    }

  private:
    enum class place { outside, top, metadata, tensor, numbers };

    /// A value that has no business at this place: says what is expected there.
    [[noreturn]] bool value(std::string_view came) {
        std::string const but = std::string(", but there is ") + std::string(came);
        switch (place_) {
        case place::outside:
            stop_header("must be one JSON object" + but);
        case place::metadata:
            stop(messages::text({"must hold strings", but, " at ", show_name(field_)}));
        case place::numbers:
            stop(messages::text({"must hold whole numbers in '", field_, "'", but}));
        case place::tensor:
            stop(messages::text({"must hold ",
                                 field_ == "dtype" ? "a string" : "an array of whole numbers",
                                 " in '", field_, "'", but}));
        default:
            stop("must be an object" + but);
        }
    }

    [[noreturn]] void stop(std::string const& text) {
        std::string const subject =
            in_metadata_ ? "'__metadata__'" : "tensor " + show_name(entries_.back().name);
        reject(where_, 7 + position_, messages::text({subject, " ", text}));
    }

    [[noreturn]] void stop_header(std::string const& text) {
        reject(where_, 7 + position_, "the header " + text);
    }

    std::vector<entry>& entries_;
    std::map<std::string, std::string>& metadata_;
    std::size_t const& position_; // bytes of the header read so far; 7 + it: the last one's place
    std::string_view where_;
    place place_ = place::outside;
    bool in_metadata_ = false;
    std::string field_;
    std::set<std::string> names_;
    std::set<std::string> fields_;
    std::vector<std::size_t> numbers_;
};

/// Walks over the text and leaves in `*seen` how far the JSON reader has come: its events carry no
/// position of their own.
struct counting_iterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = char const*;
    using reference = char const&;

    char const* at = nullptr;
    std::size_t* seen = nullptr;

    reference operator*() const { return *at; }
    counting_iterator& operator++() {
        ++at;
        ++*seen;
        return *this;
    }
    counting_iterator operator++(int) {
        counting_iterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(counting_iterator const& other) const { return at == other.at; }
    bool operator!=(counting_iterator const& other) const { return at != other.at; }
};

/// The entries of the header, in the order of the text.
inline std::vector<entry> parse_header(std::string const& text,
                                       std::map<std::string, std::string>& metadata,
                                       std::string_view where) {
    if (text.empty() || text.front() != '{') {
        reject(where, 8, "the header must begin with '{'");
    }
    // The JSON reader takes a NUL for the end of its input and would ignore what follows.
    if (std::size_t const nul = text.find('\0'); nul != std::string::npos) {
        reject(where, 8 + nul, "the header is not UTF-8 JSON: it holds a NUL");
    }
    std::vector<entry> entries;
    std::size_t position = 0;
    header_events events(entries, metadata, position, where);
    char const* const begin = text.data();
    nlohmann::json::sax_parse(counting_iterator{begin, &position},
                              counting_iterator{begin + text.size(), &position}, &events);
    return entries;
}

/// Builds the header's text: compact JSON, metadata first, then the tensors as they are added.
class header_text {
  public:
    explicit header_text(std::map<std::string, std::string> const& metadata) {
        for (auto const& [key, value] : metadata) {
            text_ += text_.empty() ? "{\"__metadata__\":{" : ",";
            text_ += messages::text({escaped(key), ":", escaped(value)});
        }
        text_ = text_.empty() ? "{" : text_ + "}";
    }

    void add(std::string const& name, dtype type, std::vector<std::size_t> const& shape,
             std::size_t bytes) {
        text_ += text_.size() == 1 ? "" : ",";
        text_ += escaped(name);
        text_ += R"(:{"dtype":")";
        text_ += name_of(type);
        text_ += R"(","shape":[)";
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            text_ += axis == 0 ? "" : ",";
            text_ += std::to_string(shape[axis]);
        }
        text_ += R"(],"data_offsets":[)";
        text_ += std::to_string(offset_);
        text_ += ',';
        text_ += std::to_string(offset_ + bytes);
        text_ += "]}";
        offset_ += bytes;
    }

    /// The whole text, padded so that the data begin at a multiple of eight.
    std::string finish() {
        text_ += "}";
        text_.append((8 - text_.size() % 8) % 8, ' ');
        if (text_.size() > max_header) {
            throw value_error(messages::text({"safetensors: the header would need ", text_.size(),
                                              " bytes, but at most ", max_header, " are allowed"}));
        }
        return std::move(text_);
    }

  private:
    static std::string escaped(std::string const& text) {
        try {
            return nlohmann::json(text).dump();
        } catch (nlohmann::json::exception const&) {
            throw value_error("safetensors: the text " + show_name(text) + " is not UTF-8");
        }
    }

    std::string text_;
    std::size_t offset_ = 0;
};

} // namespace xrnn::safetensors::detail
