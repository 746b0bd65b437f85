// SPDX-License-Identifier: BSD-3-Clause
//
// Policies of packing: how the weights of a stream are kept, and which activations it computes.
#pragma once

#include <xrnn/activations.hpp>

namespace xrnn::inline XRNN_ABI {

/// Weights as they were trained: the default.
struct full_precision {};

/// Weights rounded to bfloat16 (8 bits of mantissa), half of what a step must read; they are expanded
/// to float before they are multiplied, and summed in float. Biases stay as they are. float models.
/// Each weight is off by 2^-8 of itself, or by 2^-62, at most: every other one is not the nearest
/// bfloat16 but the nearest float that ends in the 16 bits of its neighbour, which saves an operation.
struct bfloat16 {};

/// Weights rounded to the nearest bfloat16, and the inputs of each product, x_t and h_{t-1}, too: what
/// the dot-product instruction of AVX512_BF16 multiplies (source: Intel 64 and IA-32 Architectures
/// Software Developer's Manual, VDPBF16PS). Without that instruction the same is computed with ordinary
/// ones.
struct bfloat16_dot {};

/// Fast activations over weights kept in any way: sigmoid and tanh of cells that are templates of
/// their activations, as this library's are, become fast_sigmoid and fast_tanh.
///
///     auto const weights = packed{model, fast<>{}};      // or fast<bfloat16>{}
template <class Weights = full_precision>
struct fast {};

namespace detail {

template <class Activation>
struct fast_form {
    using type = Activation;
};
template <>
struct fast_form<sigmoid> {
    using type = fast_sigmoid;
};
template <>
struct fast_form<tanh> {
    using type = fast_tanh;
};
template <template <class...> class Cell, class... Activations>
struct fast_form<Cell<Activations...>> {
    using type = Cell<typename fast_form<Activations>::type...>;
};

template <template <std::size_t, class...> class Cell, std::size_t Width, class... Activations>
struct fast_form<Cell<Width, Activations...>> {
    using type = Cell<Width, typename fast_form<Activations>::type...>;
};

/// The cell and the weights that a policy of packing stands for.
template <class Cell, class Policy>
struct packing {
    using cell = Cell;
    using weights = Policy;
};
template <class Cell, class Weights>
struct packing<Cell, fast<Weights>> {
    using cell = typename fast_form<Cell>::type;
    using weights = Weights;
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
