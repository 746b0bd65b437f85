// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <xrnn/layout.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// What layers that leave the shape as it is and have neither parameters nor states share: those derived from it say
/// forward and backward. In a stream they pass a step on.
template <class T, shape In>
struct plain_layer {
    using value_type = T;
    static constexpr shape input = In;
    static constexpr shape output = In;
    static constexpr std::size_t parameter_count = 0;
    static constexpr std::size_t state_count = 0;
    static constexpr std::array<parameter_info, 0> parameters(std::size_t) { return {}; }
    template <class P>
    using pointers = std::array<P*, 0>;

    static void load(pointers<T const> const&, std::size_t, auto&) {}
    static void final_states(auto const&, T*) {}
    static void initial_state_gradient(auto const&, T*) {}

    struct step_state {};
    template <class Weights, class Features>
    static T const* step(auto const&, step_state&, Features, T const* x) noexcept {
        return x;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
