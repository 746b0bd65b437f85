// SPDX-License-Identifier: BSD-3-Clause
//
// What xsimd does not offer: the one file with intrinsics. Each function has a portable form, or a
// constant beside it that says whether the machine has it.
#pragma once

#include <cstdint>

#include <xrnn/simd/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

/// 2^n from a float that holds 1.5 · 2^23 + 127 + n, n in -126 ... 127: its lowest bits are the
/// exponent of the result. (xsimd 11 changed how a bitwise cast is written.)
template <class A>
XRNN_INLINE xsimd::batch<float, A> power_of_two(xsimd::batch<float, A> const& biased) {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(biased) << 23);
#else
    return xsimd::bitwise_cast<xsimd::batch<float, A>>(
        xsimd::bitwise_cast<xsimd::batch<std::int32_t, A>>(biased) << 23);
#endif
}

/// |magnitude| with the sign of `sign`, zeros included. Requires: magnitude is not negative.
template <class T, class A>
XRNN_INLINE xsimd::batch<T, A> with_sign_of(xsimd::batch<T, A> const& sign,
                                            xsimd::batch<T, A> const& magnitude) {
    return magnitude | xsimd::bitofsign(sign);
}

/// Whether vectors of floats can be looked up in a table of 32: `lookup`, `scaled_power`.
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
inline constexpr bool has_lookup = true;

namespace detail {
XRNN_INLINE __m512 widened(__m512 v) {
    return v;
}
XRNN_INLINE __m512 widened(__m256 v) {
    return _mm512_castps256_ps512(v);
}
XRNN_INLINE __m512 widened(__m128 v) {
    return _mm512_castps128_ps512(v);
}
/// The lowest lanes of v, as many as V has.
template <class V>
XRNN_INLINE V narrowed(__m512 v) {
    if constexpr (sizeof(V) == 64)
        return v;
    else if constexpr (sizeof(V) == 32)
        return _mm512_castps512_ps256(v);
    else
        return _mm512_castps512_ps128(v);
}
} // namespace detail

/// table[k] for each lane, k the lowest five bits of `index`. Requires: 32 values, aligned to 64.
template <class A>
XRNN_INLINE xsimd::batch<float, A> lookup(float const* table, xsimd::batch<float, A> const& index) {
    using batch = xsimd::batch<float, A>;
    typename batch::register_type const at = index;
    return detail::narrowed<batch>(_mm512_permutex2var_ps(_mm512_load_ps(table),
                                                          _mm512_castps_si512(detail::widened(at)),
                                                          _mm512_load_ps(table + 16)));
}

/// value · 2^n, where index holds 1.5 · 2^23 + 32 n + k: the bits above the lowest five are added to
/// the exponent. value: from a table whose entry k is 2^-(k/32) smaller in its bits; see math.hpp.
template <class A>
XRNN_INLINE xsimd::batch<float, A> scaled_power(xsimd::batch<float, A> const& value,
                                                xsimd::batch<float, A> const& index) {
    if constexpr (sizeof(value) == 64)
        return _mm512_castsi512_ps(_mm512_add_epi32(
            _mm512_castps_si512(value), _mm512_slli_epi32(_mm512_castps_si512(index), 18)));
    else if constexpr (sizeof(value) == 32)
        return _mm256_castsi256_ps(_mm256_add_epi32(
            _mm256_castps_si256(value), _mm256_slli_epi32(_mm256_castps_si256(index), 18)));
    else
        return _mm_castsi128_ps(
            _mm_add_epi32(_mm_castps_si128(value), _mm_slli_epi32(_mm_castps_si128(index), 18)));
}

/// 1 / v for 2^-126 <= |v| <= 2^126, within 0.57 ULP: an estimate of 14 bits and one Newton step.
template <class A>
XRNN_INLINE xsimd::batch<float, A> reciprocal(xsimd::batch<float, A> const& v) {
    if constexpr (sizeof(v) == 64) {
        __m512 const y = _mm512_rcp14_ps(v);
        return _mm512_fmadd_ps(y, _mm512_fnmadd_ps(v, y, _mm512_set1_ps(1.0f)), y);
    } else if constexpr (sizeof(v) == 32) {
        __m256 const y = _mm256_rcp14_ps(v);
        return _mm256_fmadd_ps(y, _mm256_fnmadd_ps(v, y, _mm256_set1_ps(1.0f)), y);
    } else {
        __m128 const y = _mm_rcp14_ps(v);
        return _mm_fmadd_ps(y, _mm_fnmadd_ps(v, y, _mm_set1_ps(1.0f)), y);
    }
}
#else
inline constexpr bool has_lookup = false;

template <class A>
xsimd::batch<float, A> lookup(float const*, xsimd::batch<float, A> const&);
template <class A>
xsimd::batch<float, A> scaled_power(xsimd::batch<float, A> const&, xsimd::batch<float, A> const&);
template <class A>
xsimd::batch<float, A> reciprocal(xsimd::batch<float, A> const&);
#endif

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
