// SPDX-License-Identifier: BSD-3-Clause
//
// The functions that equations are written with, on numbers and on vectors. dual.hpp adds the
// overloads that carry derivatives.
#pragma once

#include <cmath>

#include <xrnn/simd/intrinsics.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

template <class V>
concept Number = std::is_floating_point_v<V> || Batch<V>;

/// All lanes hold the constant c, converted to the lane's type.
template <Number V, class C>
requires(std::is_arithmetic_v<C> && !std::is_same_v<V, C>) XRNN_INLINE V constant(C c) {
    return V(static_cast<typename traits<V>::value_type>(c));
}
template <Number V>
XRNN_INLINE V const& constant(V const& v) {
    return v;
}

template <Number V>
XRNN_INLINE V exp(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::exp(v);
    else
        return std::exp(v);
}

template <Number V>
XRNN_INLINE V log(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::log(v);
    else
        return std::log(v);
}

template <Number V>
XRNN_INLINE V sqrt(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::sqrt(v);
    else
        return std::sqrt(v);
}

template <Number V>
XRNN_INLINE V abs(V const& v) {
    if constexpr (Batch<V>)
        return xsimd::abs(v);
    else
        return std::abs(v);
}

/// a where the condition holds, else b, lane by lane.
template <Number V>
XRNN_INLINE V select(typename traits<V>::mask_type const& condition, V const& a, V const& b) {
    if constexpr (Batch<V>)
        return xsimd::select(condition, a, b);
    else
        return condition ? a : b;
}

/// The smaller (larger) of two, the second of which may be a constant; a NaN stays where it is the
/// first, and of equals the second counts (so that relu's derivative at 0 is 0).
template <Number V, class B>
XRNN_INLINE V min(V const& a, B const& b) {
    V const other = constant<V>(b);
    return select(a >= other, other, a);
}
template <Number V, class B>
XRNN_INLINE V max(V const& a, B const& b) {
    V const other = constant<V>(b);
    return select(a <= other, other, a);
}

// ---- activations ---------------------------------------------------------------------------------

namespace detail {

template <class V>
inline constexpr bool is_float_vector =
    Batch<V>&& std::is_same_v<typename traits<V>::value_type, float>;

/// Adding it rounds to a whole number, which stands in the lowest bits: 1.5 · 2^23.
inline constexpr float rounding = 12582912.0f;

/// e^(Factor·v) = scale · (1 + part) for Factor -1 or -2 and floats |Factor·v| <= 87.3:
/// Factor·v = n·ln 2 + s with n whole and |s| <= ln 2 / 2, scale = 2^n, part = e^s - 1 =
/// s + s²·q(s). The coefficients of q come from a Remez exchange (largest relative error of part
/// 2^-26.1) and were moved by a few units in their last places until the errors of tanh, which are
/// mostly roundings, were smallest over all floats. Fast: two coefficients less, part within 5.5e-6.
///
/// n times ln 2 rounded to a float is subtracted at once. For -2 that costs n · 2^-29 of relative
/// accuracy and is enough where the power is small beside what it is added to; for -1 the rest is
/// subtracted where it counts, and q waits for the first subtraction (`near`) only. Where a product is
/// rounded before it is subtracted, -1 takes ln 2 in two parts, the first of few digits.
template <int Factor, bool Fast, class V>
struct exponential {
    static_assert(Factor == -1 || Factor == -2);
    V scale, part;
    XRNN_INLINE explicit exponential(V const& v) {
        V const magic(rounding + 127); // its lowest bits become the exponent of 2^n
        V const biased = simd::fma(v, V(1.44269504f * Factor), magic);
        V const n = biased - magic;
        scale = power_of_two(biased);
        V near, s;
        if constexpr (Factor == -2)
            near = s = simd::fms(n, V(-0.693147181f), V(v + v));
        else if constexpr (fuses) {
            near = simd::fms(n, V(-0.693147181f), v);
            s = simd::fma(n, V(1.90465421e-9f), near);
        } else
            near = s = simd::fma(n, V(2.12194440e-4f), simd::fms(n, V(-0.693359375f), v));
        V const s2 = s * s;
        V q;
        if constexpr (Fast)
            q = simd::fma(simd::fma(V(0.0419211649f), near, V(0.167538847f)), near,
                          V(0.499989512f));
        else {
            V const low = simd::fma(V(0.166665331f), near, V(0.49999997f));
            V const high = simd::fma(simd::fma(V(0.00138785818f), near, V(0.00836762041f)), near,
                                     V(0.0416673198f));
            q = simd::fma(high, s2, low);
        }
        part = simd::fma(q, s2, s);
    }
};

/// (1 - e^-2|v|) / (1 + e^-2|v|). While it counts, 1 - scale and 1 + scale are exact: numerator and
/// denominator are rounded once each.
template <bool Fast, class V>
XRNN_INLINE V tanh_by_exp(V const& v) {
    V const bounded = at_most(abs(v), V(9.2f)); // 1 from 9.02 on; NaN stays
    exponential<-2, Fast, V> const e(bounded);
    V const numerator = simd::fnma(e.scale, e.part, V(1) - e.scale);
    V const denominator = simd::fma(e.scale, e.part, V(1) + e.scale);
    return with_sign_of(v, quotient(numerator, denominator));
}

} // namespace detail

/// Hyperbolic tangent. float vectors: within 2 units in the last place (ULP), odd, monotone,
/// |tanh| <= 1, NaN stays NaN. See tests/simd/all_floats_test.cpp.
template <Number V>
XRNN_INLINE V tanh(V const& v) {
    if constexpr (detail::is_float_vector<V>)
        return detail::tanh_by_exp<false>(v);
    else if constexpr (Batch<V>)
        return xsimd::tanh(v);
    else
        return std::tanh(v);
}

/// 1 / (1 + e^-v). float vectors: within 1.8 ULP where the result is a normal number, 0 below;
/// monotone, 0 <= sigmoid <= 1, NaN stays NaN.
template <Number V>
XRNN_INLINE V sigmoid(V const& v) {
    if constexpr (detail::is_float_vector<V>) {
        V const far(87.3365402f); // e^-far is the smallest normal number
        // e^-v = scale · (1 + part), scale a power of two: 1 + e^-v is summed as
        // base + (scale · part + lost), so that one rounding counts. Below -far it is anything.
        detail::exponential<-1, false, V> const e(at_most(v, far));
        V const base = e.scale + V(1);
        V const lost = V(1) - (base - e.scale);
        V const sum = base + simd::fma(e.scale, e.part, lost);
        return zero_below(V(-far), v, quotient(V(1), sum));
    } else
        return V(1) / (V(1) + exp(V(-v))); // e^-v may be infinite: its reciprocal is the right 0
}

/// log(1 + e^v) = max(v, 0) + log(1 + e^-|v|): neither overflows, nor loses what is small.
template <Number V>
XRNN_INLINE V softplus(V const& v) {
    V const e = simd::exp(V(-simd::abs(v)));
    if constexpr (Batch<V>)
        return simd::max(v, 0) + xsimd::log1p(e);
    else
        return simd::max(v, 0) + std::log1p(e);
}

// ---- fast activations ----------------------------------------------------------------------------

/// tanh within 2e-5, |tanh| <= 1, odd, NaN stays NaN; not monotone to the last bit. float vectors; as
/// tanh for all others.
template <Number V>
XRNN_INLINE V fast_tanh(V const& v) {
    if constexpr (detail::is_float_vector<V>)
        return detail::tanh_by_exp<true>(v);
    else
        return simd::tanh(v);
}

/// sigmoid within 1e-5, between 0 and 1: sigmoid(v) = (1 + tanh(v/2)) / 2.
template <Number V>
XRNN_INLINE V fast_sigmoid(V const& v) {
    if constexpr (detail::is_float_vector<V>)
        return simd::fma(V(0.5f), simd::fast_tanh(V(V(0.5f) * v)), V(0.5f));
    else
        return simd::sigmoid(v);
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
