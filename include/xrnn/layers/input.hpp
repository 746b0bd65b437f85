// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/layout.hpp>

namespace xrnn::inline XRNN_ABI {

/// Where a model begins: sequences (batch, time, Features) of T. input<dynamic> takes as many
/// features as the data have, or as many as it is given: input<dynamic>{145}; the layers above stay
/// static.
template <std::size_t Features, class T = float>
struct input {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                  "xrnn: an input carries float or double");
    static_assert(Features > 0, "xrnn: an input needs at least one feature");
    using value_type = T;
    static constexpr xrnn::shape shape{Features, true};
    static constexpr std::size_t features = Features;
};

template <class T>
struct input<dynamic, T> {
    using value_type = T;
    static constexpr xrnn::shape shape{dynamic, true};
    std::size_t features = 0; // 0: not known yet
};

} // namespace xrnn::inline XRNN_ABI
