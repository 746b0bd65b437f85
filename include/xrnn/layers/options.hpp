// SPDX-License-Identifier: BSD-3-Clause
//
// Options of a layer that change its shape or its equations: types in a pack, in any order.
//
//     lstm<16, return_sequences, activation<relu>, use_bias<false>>
#pragma once

#include <xrnn/layout.hpp>

namespace xrnn::inline XRNN_ABI {

/// The layer returns its output at every step; without it, at the last step only.
struct return_sequences {};

/// Whether the layer has a bias; true without this option.
template <bool Use>
struct use_bias {};

/// GRU: whether the reset gate is applied after the recurrent product; true without this option.
template <bool After>
struct reset_after {};

/// The activation of candidate and output; tanh without this option.
template <class A>
struct activation {};

/// The activation of the gates; sigmoid without this option.
template <class A>
struct recurrent_activation {};

namespace detail {

template <template <class> class Option, class Default, class... Options>
struct type_option {
    using type = Default;
};
template <template <class> class Option, class Default, class A, class... Rest>
struct type_option<Option, Default, Option<A>, Rest...> {
    using type = A;
};
template <template <class> class Option, class Default, class Other, class... Rest>
struct type_option<Option, Default, Other, Rest...> : type_option<Option, Default, Rest...> {};

/// A in activation<A> among Options, else Default.
template <template <class> class Option, class Default, class... Options>
using type_option_t = typename type_option<Option, Default, Options...>::type;

template <class Option>
inline constexpr bool is_option = false;
template <>
inline constexpr bool is_option<return_sequences> = true;
template <bool Use>
inline constexpr bool is_option<use_bias<Use>> = true;
template <bool After>
inline constexpr bool is_option<reset_after<After>> = true;
template <class A>
inline constexpr bool is_option<activation<A>> = true;
template <class A>
inline constexpr bool is_option<recurrent_activation<A>> = true;

/// Options of a layer without a recurrence.
template <class Option>
inline constexpr bool is_dense_option = false;
template <bool Use>
inline constexpr bool is_dense_option<use_bias<Use>> = true;

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
