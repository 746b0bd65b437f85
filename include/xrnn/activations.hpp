// SPDX-License-Identifier: BSD-3-Clause
//
// Activations: types that are called on a sum and return its image, for numbers, vectors and duals
// alike. A user's own is such a type:
//
//     struct swish {
//         static constexpr std::string_view name = "swish";
//         auto operator()(auto const& x) const { return x * xrnn::sigmoid{}(x); }
//     };
//
// and trains at once: its derivative follows from this text.
#pragma once

#include <string_view>

#include <xrnn/simd/dual.hpp>

namespace xrnn::inline XRNN_ABI {

/// a(x) = x.
struct linear {
    static constexpr std::string_view name = "linear";
    XRNN_INLINE auto operator()(auto const& x) const { return x; }
};

/// a(x) = max(x, 0); its derivative at 0 is 0, as in Keras.
struct relu {
    static constexpr std::string_view name = "relu";
    XRNN_INLINE auto operator()(auto const& x) const { return simd::max(x, 0); }
};

/// a(x) = 1 / (1 + e^-x).
struct sigmoid {
    static constexpr std::string_view name = "sigmoid";
    XRNN_INLINE auto operator()(auto const& x) const { return simd::sigmoid(x); }
};

/// a(x) = (e^x - e^-x) / (e^x + e^-x). Beside `using namespace xrnn` write xrnn::tanh: the C
/// library's function of that name is visible too.
struct tanh {
    static constexpr std::string_view name = "tanh";
    XRNN_INLINE auto operator()(auto const& x) const { return simd::tanh(x); }
};

/// sigmoid and tanh within 1e-5 and 2e-5 (absolute), with fewer operations: what a stream with the
/// policy `fast` computes, and activations like any other.
struct fast_sigmoid {
    static constexpr std::string_view name = "fast_sigmoid";
    XRNN_INLINE auto operator()(auto const& x) const { return simd::fast_sigmoid(x); }
};
struct fast_tanh {
    static constexpr std::string_view name = "fast_tanh";
    XRNN_INLINE auto operator()(auto const& x) const { return simd::fast_tanh(x); }
};

/// a(x) = min(max(x + 3, 0), 6) / 6 (Keras 3 and PyTorch; Keras 2 had 0.2 x + 0.5, cut at 0 and 1).
struct hard_sigmoid {
    static constexpr std::string_view name = "hard_sigmoid";
    XRNN_INLINE auto operator()(auto const& x) const {
        return simd::min(simd::max(x + 3, 0), 6) / 6;
    }
};

/// a(x)_k = e^x_k / sum_j e^x_j: over the units of a dense layer, not lane by lane.
struct softmax {
    static constexpr std::string_view name = "softmax";
};

/// Called on a number, a vector or a dual, returns the same kind.
template <class A>
concept Activation = requires(A a, float x) {
    {a(x)};
};

} // namespace xrnn::inline XRNN_ABI
