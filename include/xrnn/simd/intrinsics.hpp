// SPDX-License-Identifier: BSD-3-Clause
//
// What xsimd does not offer: the one file with intrinsics. Each function has a portable form, or a
// constant beside it that says whether the machine has it.
#pragma once

#include <bit>
#include <cstdint>

#include <xrnn/simd/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

namespace detail {
// The bits of floats as integers, and back; xsimd 11 changed how that is written.
template <class A>
XRNN_INLINE xsimd::batch<std::int32_t, A> bits_of(xsimd::batch<float, A> const& v) {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<std::int32_t>(v);
#else
    return xsimd::bitwise_cast<xsimd::batch<std::int32_t, A>>(v);
#endif
}
template <class A>
XRNN_INLINE xsimd::batch<float, A> float_of(xsimd::batch<std::int32_t, A> const& bits) {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<float>(bits);
#else
    return xsimd::bitwise_cast<xsimd::batch<float, A>>(bits);
#endif
}
} // namespace detail

/// 2^n from a float that holds 1.5 · 2^23 + 127 + n, n in -126 ... 127: its lowest bits are the
/// exponent of the result.
template <class A>
XRNN_INLINE xsimd::batch<float, A> power_of_two(xsimd::batch<float, A> const& biased) {
    return detail::float_of<A>(detail::bits_of(biased) << 23);
}

/// |magnitude| with the sign of `sign`, zeros included. Requires: magnitude is not negative.
template <class T, class A>
XRNN_INLINE xsimd::batch<T, A> with_sign_of(xsimd::batch<T, A> const& sign,
                                            xsimd::batch<T, A> const& magnitude) {
    return magnitude | xsimd::bitofsign(sign);
}

/// v, or bound where v is larger; NaN stays NaN. (What xsimd's own do with NaN depends on its version.)
template <class A>
XRNN_INLINE xsimd::batch<float, A> at_most(xsimd::batch<float, A> const& v,
                                           xsimd::batch<float, A> const& bound) {
#if defined(__SSE2__)
    using batch = xsimd::batch<float, A>;
    typename batch::register_type const x = v, b = bound; // where one is NaN the second is taken
    if constexpr (sizeof(batch) == 16)
        return batch(_mm_min_ps(b, x));
#if defined(__AVX__)
    else if constexpr (sizeof(batch) == 32)
        return batch(_mm256_min_ps(b, x));
#endif
#if defined(__AVX512F__)
    else
        return batch(_mm512_min_ps(b, x));
#endif
#else
    return xsimd::select(v > bound, bound, v);
#endif
}

/// v, or zero where x is below bound.
template <class A>
XRNN_INLINE xsimd::batch<float, A> zero_below(xsimd::batch<float, A> const& bound,
                                              xsimd::batch<float, A> const& x,
                                              xsimd::batch<float, A> const& v) {
#if defined(__SSE2__) // one operation less than GCC makes of a selection
    using batch = xsimd::batch<float, A>;
    typename batch::register_type const value = x, least = bound, result = v;
    if constexpr (sizeof(batch) == 16)
        return batch(_mm_andnot_ps(_mm_cmplt_ps(value, least), result));
#if defined(__AVX__)
    else if constexpr (sizeof(batch) == 32)
        return batch(_mm256_andnot_ps(_mm256_cmp_ps(value, least, _CMP_LT_OQ), result));
#endif
#if defined(__AVX512F__)
    else
        return batch(_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(value, least, _CMP_NLT_UQ), result));
#endif
#else
    return xsimd::select(x < bound, xsimd::batch<float, A>(0.0f), v);
#endif
}

/// Whether four numbers in memory can be read at once and then be spread, each over all lanes of a V,
/// without another load: load_four, spread_of_four.
#if defined(__AVX__)
template <class V>
inline constexpr bool
    has_four = sizeof(V) >= 32 && std::is_same_v<typename traits<V>::value_type, float>;

template <class V>
XRNN_INLINE V load_four(float const* from) {
#if defined(__AVX512F__)
    if constexpr (sizeof(V) == 64)
        return in_register(V(_mm512_broadcast_f32x4(_mm_loadu_ps(from))));
    else
#endif
        return in_register(V(_mm256_broadcast_ps(reinterpret_cast<__m128 const*>(from))));
}
template <std::size_t K, class V>
XRNN_INLINE V spread_of_four(V const& four) {
    constexpr int each = static_cast<int>(K * 0x55);
#if defined(__AVX512F__)
    if constexpr (sizeof(V) == 64)
        return V(_mm512_permute_ps(four, each));
    else
#endif
        return V(_mm256_permute_ps(four, each));
}
#else
template <class V>
inline constexpr bool has_four = false;
template <class V>
V load_four(float const*);
template <std::size_t K, class V>
V spread_of_four(V const&);
#endif

// ---- bfloat16 ------------------------------------------------------------------------------------
//
// bfloat16 is the upper half of a float. Two of them lie in the place of one float: a pair.

/// The pair (low, high), each rounded to the nearest, ties to even; NaN stays NaN.
inline float bfloat16_pair(float low, float high) {
    auto const rounded = [](float v) -> std::uint32_t {
        std::uint32_t const bits = std::bit_cast<std::uint32_t>(v);
        if (v != v)
            return (bits >> 16) | 0x40u; // quiet, whatever the rounding would carry into
        return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    };
    return std::bit_cast<float>(rounded(low) | (rounded(high) << 16));
}

/// The pair whose lower half is low rounded to bfloat16, and which as a float, all 32 bits of it, is as
/// near to high as it can be: within half a step of bfloat16 as well, and nothing is to be masked
/// where it is read. In bits the pair is high less the lower half, rounded, plus the lower half.
/// Beside a lower half of zero high is rounded to bfloat16. Beside another |high| < 2^-63 becomes about
/// 2^-63, since products with a subnormal number take a hundred times as long on some machines; numbers
/// beyond the largest that the pair can be become that, infinity becomes NaN. NaN stays NaN.
inline float overlapping_pair(float low, float high) {
    std::uint32_t const pair = std::bit_cast<std::uint32_t>(bfloat16_pair(low, high));
    std::uint32_t const lower = pair & 0xffffu;
    std::uint32_t const bits = std::bit_cast<std::uint32_t>(high);
    std::uint32_t const size = bits & 0x7fffffffu;
    if (lower == 0 || size >= 0x7f800000u)
        return std::bit_cast<float>(pair);
    constexpr std::uint32_t least = 0x2000u, most = 0x7f7fu; // halves: 2^-63, the largest finite
    std::uint32_t upper = size < least << 16 ? least : (size - lower + 0x8000u) >> 16;
    upper = upper > most ? most : upper;
    return std::bit_cast<float>((bits & 0x80000000u) | upper << 16 | lower);
}

/// The lower halves of pairs as floats.
template <class A>
XRNN_INLINE xsimd::batch<float, A> lower_bfloat16(xsimd::batch<float, A> const& pairs) {
    return detail::float_of<A>(detail::bits_of(pairs) << 16);
}

/// The upper halves of pairs as floats.
template <class A>
XRNN_INLINE xsimd::batch<float, A> upper_bfloat16(xsimd::batch<float, A> const& pairs) {
    return pairs & xsimd::batch<float, A>(std::bit_cast<float>(0xffff0000u));
}

// The same for one pair.
inline float lower_bfloat16(float pair) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(pair) << 16);
}
inline float upper_bfloat16(float pair) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(pair) & 0xffff0000u);
}
inline float dot_pairs(float sum, float a, float b) {
    return sum + upper_bfloat16(a) * upper_bfloat16(b) + lower_bfloat16(a) * lower_bfloat16(b);
}

/// n floats as (n + 1) / 2 pairs, the last filled with zero.
inline void to_bfloat16_pairs(float const* from, std::size_t n, float* to) {
    std::size_t k = 0;
#if defined(__AVX512BF16__) && defined(__AVX512VL__)
    for (; k + 32 <= n; k += 32)
        _mm512_storeu_si512(to + k / 2,
                            reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(
                                _mm512_loadu_ps(from + k + 16), _mm512_loadu_ps(from + k))));
    if (k + 16 <= n) {
        _mm256_storeu_si256(
            reinterpret_cast<__m256i*>(to + k / 2),
            reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_loadu_ps(from + k))));
        k += 16;
    }
    if (k + 8 <= n) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + k / 2),
                         reinterpret_cast<__m128i>(_mm256_cvtneps_pbh(_mm256_loadu_ps(from + k))));
        k += 8;
    }
#endif
    for (; k + 2 <= n; k += 2)
        to[k / 2] = bfloat16_pair(from[k], from[k + 1]);
    if (k < n)
        to[k / 2] = bfloat16_pair(from[k], 0.0f);
}

/// sum + lower(a) · lower(b) + upper(a) · upper(b), lane by lane. With the machine's instruction
/// (AVX512_BF16) numbers too small for a normal float count as zero.
template <class A>
XRNN_INLINE xsimd::batch<float, A> dot_pairs(xsimd::batch<float, A> const& sum,
                                             xsimd::batch<float, A> const& a,
                                             xsimd::batch<float, A> const& b) {
#if defined(__AVX512BF16__) && defined(__AVX512VL__)
    using batch = xsimd::batch<float, A>;
    typename batch::register_type const s = sum, x = a, y = b;
    if constexpr (sizeof(batch) == 64)
        return batch(
            _mm512_dpbf16_ps(s, reinterpret_cast<__m512bh>(x), reinterpret_cast<__m512bh>(y)));
    else if constexpr (sizeof(batch) == 32)
        return batch(
            _mm256_dpbf16_ps(s, reinterpret_cast<__m256bh>(x), reinterpret_cast<__m256bh>(y)));
    else
        return batch(
            _mm_dpbf16_ps(s, reinterpret_cast<__m128bh>(x), reinterpret_cast<__m128bh>(y)));
#else
    return simd::fma(lower_bfloat16(a), lower_bfloat16(b),
                     simd::fma(upper_bfloat16(a), upper_bfloat16(b), sum));
#endif
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
