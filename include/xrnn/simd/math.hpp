// SPDX-License-Identifier: BSD-3-Clause
//
// The functions that equations are written with, on numbers and on vectors. dual.hpp adds the
// overloads that carry derivatives.
#pragma once

#include <cmath>

#include <xrnn/simd/intrinsics.hpp>
#include <xrnn/simd/tables.hpp>

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

/// e^(Factor·v) = scale · (1 / F + part), F = |Factor|, for Factor -1 or 2 and floats
/// |Factor·v| <= 87.3: Factor·v = n·ln 2 + Factor·s with n whole and |Factor·s| <= ln 2 / 2,
/// scale = F · 2^n, part = (e^(Factor·s) - 1) / F = ±s + s²·q(s). The coefficients of q minimise the
/// largest relative error of part, which is 2^-26.1 (Remez exchange for Factor = 1; for another they
/// are powers of two times as large, which changes no rounding).
///
/// Exact: ln 2 is subtracted in two parts; without it, in one, which costs n · 2^-29 of relative
/// accuracy and is enough where the power is small beside what it is added to.
template <int Factor, bool Exact, class V>
struct exponential {
    static_assert(Factor == -1 || Factor == 2);
    V scale, part;
    XRNN_INLINE explicit exponential(V const& v) {
        constexpr float f = Factor, size = Factor < 0 ? -f : f, sign = f / size;
        // Its lowest bits become the exponent of F · 2^n.
        V const magic(rounding + 126 + size);
        V const biased = simd::fma(v, V(1.44269504f * f), magic);
        V const n = biased - magic;
        scale = power_of_two(biased);
        V s;
        if constexpr (Exact)
            s = simd::fma(n, V(2.12194440e-4f / f), simd::fma(n, V(-0.693359375f / f), v));
        else
            s = simd::fma(n, V(-0.693147181f / f), v);
        V const s2 = s * s;
        V const low = simd::fma(V(0.166665434f * sign * f * f), s, V(0.499999981f * sign * f));
        V const high = simd::fma(V(0.00836654713f * sign * f * f * f * f), s,
                                 V(0.0416672007f * sign * f * f * f));
        V const q =
            simd::fma(simd::fma(V(0.00138825165f * sign * f * f * f * f * f), s2, high), s2, low);
        if constexpr (Factor < 0)
            part = simd::fms(q, s2, s);
        else
            part = simd::fma(q, s2, s);
    }
};

/// 1 - 2 / (e^2|v| + 1): tanh |v|, exact to the last places where it is large.
template <class V>
XRNN_INLINE V tanh_of_large(V const& size) {
    exponential<2, false, V> const e(at_most(size, V(10.0f))); // 1 from 9.02 on; NaN stays
    return V(1) - quotient(V(2), V(simd::fma(e.scale, e.part, simd::fma(V(0.5f), e.scale, V(1)))));
}

/// All lanes c, read from four bytes: GCC would keep a whole vector of some constants in memory.
template <class V>
XRNN_INLINE V spread(float c) {
    return in_register(V(c));
}

/// Where |v| lies among the intervals of tanh_table: t from the centre of interval `index`.
template <class V>
struct tanh_place {
    V index, t;
    XRNN_INLINE explicit tanh_place(V const& size) {
        V const bounded = at_most(size, V(9.2f)); // the last interval begins at 8.97; NaN stays
        index = simd::fma(bounded, spread<V>(tanh_table.per_unit), V(rounding));
        t = bounded - lookup(tanh_table.centre, index);
    }
};

/// Below 0.625 an odd polynomial (largest relative error 2^-27.7, Remez exchange), above it
/// 1 - 2 / (e^2|v| + 1).
template <class V>
XRNN_INLINE V tanh_by_exp(V const& v) {
    V const size = abs(v);
    V const z = v * v;
    V const z2 = z * z;
    V const low = simd::fma(V(0.133314379f), z, V(-0.333332818f));
    V const high = simd::fma(V(0.0206377808f), z, V(-0.0537393327f));
    V const p = simd::fma(simd::fma(V(-0.00570346642f), z2, high), z2, low);
    V const small = simd::fma(p * z, size, size);
    return with_sign_of(v, select(size < V(0.625f), small, tanh_of_large(size)));
}

/// A polynomial of degree 6 on each of 31 intervals of width 1 / 3.4, and 1 behind them.
template <class V>
XRNN_INLINE V tanh_by_table(V const& v) {
    V const size = abs(v);
    tanh_place<V> const at(size);
    auto const coefficient = [&](std::size_t k) XRNN_INLINE_LAMBDA {
        return lookup(tanh_table.coefficients[k], at.index);
    };
    V const t = at.t;
    V const t2 = t * t;
    V const high = simd::fma(coefficient(6), t2, simd::fma(coefficient(5), t, coefficient(4)));
    V const q = simd::fma(high, t2, simd::fma(coefficient(3), t, coefficient(2)));
    // On the first interval the sum begins with v itself: so the result grows with v.
    V const first = select(t == size, size, coefficient(0));
    return with_sign_of(v, simd::fma(t, simd::fma(t, q, coefficient(1)), first));
}

/// 1 / (1 + e^-v), e^-v = scale · (1 + part) with scale a power of two: 1 + e^-v is summed as
/// base + (scale · part + lost), so that one rounding counts.
template <class V>
XRNN_INLINE V sigmoid_by_exp(V const& bounded) {
    exponential<-1, true, V> const e(bounded);
    V const base = e.scale + V(1);
    V const lost = V(1) - (base - e.scale);
    return quotient(V(1), V(base + simd::fma(e.scale, e.part, lost)));
}

/// The same with e^-v = scale · (1 + excess), scale a power of 2^(1/32), from a table, and
/// |excess| <= 0.011.
template <class V>
XRNN_INLINE V sigmoid_by_table(V const& bounded) {
    V const index = simd::fma(bounded, spread<V>(-46.1662413f), V(rounding)); // 32 / ln 2
    V const n = index - spread<V>(rounding);
    V const r = simd::fma(n, V(5.9520444e-11f), simd::fma(n, V(-0.02166085f), V(-bounded)));
    V const scale = scaled_power(lookup(power_table.value, index), index);
    V const excess = simd::fma(simd::fma(spread<V>(0.166666667f), r, spread<V>(0.5f)), r * r,
                               r + lookup(power_table.rest, index));
    V const base = scale + V(1);
    V const one = base - scale; // Knuth's two-sum: either may be the larger
    V const lost = (V(1) - one) + (scale - (base - one));
    return reciprocal(base + simd::fma(scale, excess, lost));
}

} // namespace detail

/// Hyperbolic tangent. float vectors: within 1.4 units in the last place (ULP), odd, monotone,
/// |tanh| <= 1, NaN stays NaN. See tests/simd/all_floats_test.cpp.
template <Number V>
XRNN_INLINE V tanh(V const& v) {
    if constexpr (detail::is_float_vector<V>) {
        if constexpr (has_lookup)
            return detail::tanh_by_table(v);
        else
            return detail::tanh_by_exp(v);
    } else if constexpr (Batch<V>)
        return xsimd::tanh(v);
    else
        return std::tanh(v);
}

/// 1 / (1 + e^-v). float vectors: within 1.6 ULP where the result is a normal number, 0 below;
/// monotone, 0 <= sigmoid <= 1, NaN stays NaN.
template <Number V>
XRNN_INLINE V sigmoid(V const& v) {
    if constexpr (detail::is_float_vector<V>) {
        V const far(87.3365402f); // e^-far is the smallest normal number
        V const bounded = at_most(at_least(v, V(-far)), far);
        V result;
        if constexpr (has_lookup)
            result = detail::sigmoid_by_table(bounded);
        else
            result = detail::sigmoid_by_exp(bounded);
        return zero_below(V(-far), v, result);
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
    if constexpr (detail::is_float_vector<V>) {
        V const size = xsimd::abs(v);
        if constexpr (has_lookup) {
            detail::tanh_place<V> const at(size);
            auto const coefficient = [&](std::size_t k) XRNN_INLINE_LAMBDA {
                return lookup(detail::tanh_table.fast[k], at.index);
            };
            V const high = simd::fma(coefficient(3), at.t, coefficient(2));
            return with_sign_of(
                v, simd::fma(simd::fma(high, at.t, coefficient(1)), at.t, coefficient(0)));
        } else
            return with_sign_of(v, detail::tanh_of_large(size));
    } else
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
