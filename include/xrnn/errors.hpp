// SPDX-License-Identifier: BSD-3-Clause
//
// What xrnn throws, and how its messages are written. The types live outside the instruction-set
// namespace, so that an exception thrown by code built for one instruction set can be caught by code
// built for another.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {

/// How messages are written: code, so it belongs to an instruction set.
namespace messages {

/// A text, a whole number that is not negative, or a number as std::to_string writes it.
class part {
  public:
    part(char const* text) : part(std::string_view(text)) {}
    part(std::string const& text) : part(std::string_view(text)) {}
    part(std::string_view text) : kind_(kind::text), length_(text.size()), text_(text.data()) {}
    part(std::unsigned_integral auto number) : kind_(kind::whole), whole_(number) {}
    part(double number) : kind_(kind::real), real_(number) {}

    XRNN_COLD void append_to(std::string& message) const {
        if (kind_ == kind::text)
            message.append(text_, length_);
        else
            message += kind_ == kind::whole ? std::to_string(whole_) : std::to_string(real_);
    }

  private:
    enum class kind { text, whole, real } kind_;
    std::size_t length_ = 0;
    union {
        char const* text_;
        std::uint64_t whole_;
        double real_;
    };
};

/// text({"x has ", rows, " rows"}). One call, where a chain of + would be one for each part: messages are
/// a good part of what a program has to compile.
XRNN_COLD inline std::string text(std::initializer_list<part> parts) {
    std::string message;
    for (part const& next : parts)
        next.append_to(message);
    return message;
}

} // namespace messages

} // namespace xrnn::inline XRNN_ABI

namespace xrnn {

/// Base of everything that xrnn throws: the message names what was expected, what came, and where.
struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A tensor has the wrong shape (set-up, batches, weights).
struct shape_error : error {
    using error::error;
};

/// A file's content breaks its format.
struct format_error : error {
    using error::error;
};

/// The operating system refused: open, read, write, rename.
struct io_error : error {
    using error::error;
};

/// A value is outside its range: a rate, a fraction, a label, a column that does not exist.
struct value_error : error {
    using error::error;
};

} // namespace xrnn
