// SPDX-License-Identifier: BSD-3-Clause
//
// The functions that equations are written with, on numbers and on vectors. dual.hpp adds the
// overloads that carry derivatives.
#pragma once

#include <cmath>

#include <xrnn/simd/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

template <class V>
concept Number = std::is_floating_point_v<V> || Batch<V>;

/// All lanes hold the constant c, converted to the lane's type.
template <Number V, class C>
requires(std::is_arithmetic_v<C> && !std::is_same_v<V, C>) inline V constant(C c) {
    return V(static_cast<typename traits<V>::value_type>(c));
}
template <Number V>
inline V const& constant(V const& v) {
    return v;
}

template <Number V>
inline V exp(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::exp(v);
    else
        return std::exp(v);
}

template <Number V>
inline V log(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::log(v);
    else
        return std::log(v);
}

template <Number V>
inline V sqrt(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::sqrt(v);
    else
        return std::sqrt(v);
}

template <Number V>
inline V abs(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::abs(v);
    else
        return std::abs(v);
}

template <Number V>
inline V tanh(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::tanh(v);
    else
        return std::tanh(v);
}

/// 1 / (1 + e^-v): e^-v may overflow to infinity, whose reciprocal is the right 0.
template <Number V>
inline V sigmoid(V const& v) {
    return V(1) / (V(1) + exp(V(-v)));
}

/// a where the condition holds, else b, lane by lane.
template <Number V>
inline V select(typename traits<V>::mask_type const& condition, V const& a, V const& b) {
    if constexpr (Batch<V>)
        return xsimd::select(condition, a, b);
    else
        return condition ? a : b;
}

/// The smaller (larger) of two, the second of which may be a constant; a NaN stays where it is the
/// first, and of equals the second counts (so that relu's derivative at 0 is 0).
template <Number V, class B>
inline V min(V const& a, B const& b) {
    V const other = constant<V>(b);
    return select(a >= other, other, a);
}
template <Number V, class B>
inline V max(V const& a, B const& b) {
    V const other = constant<V>(b);
    return select(a <= other, other, a);
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
