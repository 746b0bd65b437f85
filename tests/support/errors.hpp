// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace support {

/// What f throws says, if it is an Error.
template <class Error>
std::string message_of(auto const& f) {
    try {
        f();
    } catch (Error const& e) {
        return e.what();
    }
    return "(nothing thrown)";
}

} // namespace support
