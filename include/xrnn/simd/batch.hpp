// SPDX-License-Identifier: BSD-3-Clause
//
// The only header of xrnn that includes xsimd: vectors of W lanes, loads and stores, padding.
// A vector of one lane is the plain number, so everything above also runs without SIMD.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <xsimd/xsimd.hpp>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

namespace detail {
template <class T, std::size_t W>
struct batch_of {
    using type = xsimd::make_sized_batch_t<T, W>;
};
template <class T>
struct batch_of<T, 1> {
    using type = T;
};
} // namespace detail

/// A vector of W lanes of T; void where the machine has none of that width.
template <class T, std::size_t W>
using batch = typename detail::batch_of<T, W>::type;

template <class T, std::size_t W>
inline constexpr bool has_batch = !std::is_void_v<batch<T, W>>;

/// Lanes of the widest vector.
template <class T>
inline constexpr std::size_t max_lanes = has_batch<T, 64 / sizeof(T)>   ? 64 / sizeof(T)
                                         : has_batch<T, 32 / sizeof(T)> ? 32 / sizeof(T)
                                         : has_batch<T, 16 / sizeof(T)> ? 16 / sizeof(T)
                                                                        : 1;

/// Lanes of the narrowest vector that is worth its name.
template <class T>
inline constexpr std::size_t min_lanes = has_batch<T, 16 / sizeof(T)> ? 16 / sizeof(T)
                                                                      : max_lanes<T>;

/// Vectors that a sum can be kept in while weights and inputs pass through the other registers.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr std::size_t accumulators = 24; // of 32
#else
inline constexpr std::size_t accumulators = 12; // of 16
#endif

/// Bytes of weights for which a kernel counts on the first and on the second cache: what common
/// processors have at least, less room for inputs and states.
inline constexpr std::size_t first_cache = 28 * 1024;
inline constexpr std::size_t second_cache = 512 * 1024;

/// The narrowest vector that holds `units` values, or the widest there is.
template <class T>
constexpr std::size_t lanes_for(std::size_t units) {
    std::size_t lanes = max_lanes<T>;
    while (lanes > 1 && lanes * sizeof(T) > 16 && lanes / 2 >= units)
        lanes /= 2;
    return lanes;
}

template <class V>
struct traits { // a plain number
    using value_type = V;
    using mask_type = bool;
    static constexpr std::size_t lanes = 1;
};
template <class T, class A>
struct traits<xsimd::batch<T, A>> {
    using value_type = T;
    using mask_type = xsimd::batch_bool<T, A>;
    static constexpr std::size_t lanes = xsimd::batch<T, A>::size;
};

template <class V>
concept Batch = 1 < traits<V>::lanes;

/// Reads as many consecutive values as V has lanes; needs no alignment.
template <class V>
XRNN_INLINE V load(typename traits<V>::value_type const* from) {
    if constexpr (Batch<V>)
        return V::load_unaligned(from);
    else
        return *from;
}

/// Writes all lanes of v; needs no alignment.
template <class V>
XRNN_INLINE void store(typename traits<V>::value_type* to, V const& v) {
    if constexpr (Batch<V>)
        v.store_unaligned(to);
    else
        *to = v;
}

#if defined(__FMA__)
// Of xsimd 8.1's vectors those of eight floats alone are sure to fuse: the narrow ones do not know of
// it, the widest leave it to the compiler.
namespace detail {
XRNN_INLINE __m128 fused(__m128 a, __m128 b, __m128 c) {
    return _mm_fmadd_ps(a, b, c);
}
XRNN_INLINE __m128d fused(__m128d a, __m128d b, __m128d c) {
    return _mm_fmadd_pd(a, b, c);
}
XRNN_INLINE __m256 fused(__m256 a, __m256 b, __m256 c) {
    return _mm256_fmadd_ps(a, b, c);
}
XRNN_INLINE __m256d fused(__m256d a, __m256d b, __m256d c) {
    return _mm256_fmadd_pd(a, b, c);
}
#if defined(__AVX512F__)
XRNN_INLINE __m512 fused(__m512 a, __m512 b, __m512 c) {
    return _mm512_fmadd_ps(a, b, c);
}
XRNN_INLINE __m512d fused(__m512d a, __m512d b, __m512d c) {
    return _mm512_fmadd_pd(a, b, c);
}
#endif
} // namespace detail
#endif

/// Whether fma, fms and fnma round once.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
inline constexpr bool fuses = true;
#else
inline constexpr bool fuses = false;
#endif

/// a * b + c, rounded once where the machine can, whatever the width: else the compiler may fuse the two
/// operations in one place and not in another, and the same sum has other bits there.
template <class V>
XRNN_INLINE V fma(V const& a, V const& b, V const& c) {
    if constexpr (!Batch<V>) {
        if constexpr (fuses)
            return std::fma(a, b, c);
        else
            return a * b + c;
    } else {
#if defined(__FMA__)
        typename V::register_type const x = a, y = b, z = c;
        return V(detail::fused(x, y, z));
#else
        return xsimd::fma(a, b, c);
#endif
    }
}

/// -v, which the compiler makes part of a fused operation; it does not see through xsimd's.
template <Batch V>
XRNN_INLINE V negative(V const& v) {
#if defined(__GNUC__)
    typename V::register_type const x = v;
    return V(-x);
#else
    return -v;
#endif
}

/// a * b - c, rounded once where the machine can.
template <Batch V>
XRNN_INLINE V fms(V const& a, V const& b, V const& c) {
    return simd::fma(a, b, negative(c));
}

/// c - a * b, rounded once where the machine can.
template <Batch V>
XRNN_INLINE V fnma(V const& a, V const& b, V const& c) {
    return simd::fma(negative(a), b, c);
}

/// a / b, rounded once: xsimd's NEON divides floats by an estimate.
template <class V>
XRNN_INLINE V quotient(V const& a, V const& b) {
#if defined(__aarch64__)
    if constexpr (Batch<V> && traits<V>::lanes == 4)
        return vdivq_f32(a, b);
    else
#endif
        return a / b;
}

/// v, loaded once: a vector that several operations use stays in a register. Without this GCC reads
/// it from memory again for each of them, which takes more loads than the machine has.
template <class V>
XRNN_INLINE V in_register(V v) {
#if defined(__GNUC__) && defined(__x86_64__)
    if constexpr (Batch<V>)
        asm("" : "+v"(v.data));
#endif
    return v;
}

/// n, which the compiler does not know from here on: so it makes no copies of a loop for each turn.
XRNN_INLINE std::size_t unknown(std::size_t n) {
#if defined(__GNUC__)
    asm("" : "+r"(n));
#endif
    return n;
}

/// The sum of all lanes.
template <Batch V>
XRNN_INLINE typename traits<V>::value_type sum(V const& v) {
#if XSIMD_VERSION_MAJOR >= 10
    return xsimd::reduce_add(v);
#else
    return xsimd::hadd(v);
#endif
}

/// Memory that begins at a cache line. A class rather than another name for std::vector, so that what
/// allocates is compiled once in a program and not wherever a buffer grows.
template <class T>
struct aligned_vector : std::vector<T, xsimd::aligned_allocator<T, 64>> {
    using base = std::vector<T, xsimd::aligned_allocator<T, 64>>;
    using base::base;
    aligned_vector() = default;
    XRNN_COLD explicit aligned_vector(std::size_t n) : base(n) {}
    XRNN_NOINLINE void resize(std::size_t n) { base::resize(n); }
    XRNN_NOINLINE void assign(std::size_t n, T value) {
        resize(n);
        std::fill(this->begin(), this->end(), value);
    }
};

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
