// SPDX-License-Identifier: BSD-3-Clause
//
// How the weights of a stream are kept: policies of packing.
#pragma once

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {

/// Weights as they were trained: the default.
struct full_precision {};

/// Weights rounded to bfloat16 (8 bits of mantissa), half of what a step must read; they are expanded
/// to float before they are multiplied, and summed in float. Biases stay as they are. float models.
/// Each weight is off by 2^-9 of itself at most.
struct bfloat16 {};

/// The same, and the inputs of each product, x_t and h_{t-1}, are rounded too: what the dot-product
/// instruction of AVX512_BF16 multiplies (source: Intel 64 and IA-32 Architectures Software
/// Developer's Manual, VDPBF16PS). Without that instruction the same is computed with ordinary ones.
struct bfloat16_dot {};

} // namespace xrnn::inline XRNN_ABI
