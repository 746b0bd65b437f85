// SPDX-License-Identifier: BSD-3-Clause
//
// What xrnn throws. These types live outside the instruction-set namespace, so that an exception
// thrown by code built for one instruction set can be caught by code built for another.
#pragma once

#include <stdexcept>

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
