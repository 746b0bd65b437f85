// SPDX-License-Identifier: BSD-3-Clause
//
// The one configuration header: what the compiler must offer, and the name of the inline namespace
// that keeps code built for different instruction sets apart.
#pragma once

#if !defined(__cpp_concepts) || __cplusplus < 202002L
#error "xrnn needs C++20: compile with -std=c++20 (CMake: link xrnn::xrnn, which asks for it)"
#endif

// NaN and infinity must keep their meaning: training is guarded by them, and padding relies on it.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "xrnn must not be compiled with -ffast-math or -ffinite-math-only: remove that option"
#endif

// What the register tiles of the matrix products need from the compiler: to be functions of their own,
// whose small parts are not. Unoptimised and sanitized builds go without: it would only make them slow
// to compile.
#if defined(__SANITIZE_ADDRESS__)
#define XRNN_SANITIZED
#elif defined(__has_feature) // clang
#if __has_feature(address_sanitizer)
#define XRNN_SANITIZED
#endif
#endif
#if defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(XRNN_SANITIZED)
#define XRNN_INLINE __attribute__((always_inline)) inline
#define XRNN_INLINE_LAMBDA __attribute__((always_inline))
#if defined(__clang__)
#define XRNN_NOINLINE __attribute__((noinline))
#else
#define XRNN_NOINLINE __attribute__((noinline, noclone))
#endif
#define XRNN_COLD __attribute__((cold, noinline)) // compiled for size: runs once, not in a loop
#define XRNN_FLATTEN __attribute__((flatten))     // all that the function calls becomes part of it
#else
#define XRNN_INLINE inline
#define XRNN_INLINE_LAMBDA
#define XRNN_NOINLINE
#define XRNN_COLD
#define XRNN_FLATTEN
#endif

// In the place of `inline`, for functions of which most programs call none: compiled, with all that they
// call, only in those that do.
#define XRNN_WHEN_CALLED template <class = void>

// Two translation units of one program may be compiled with different -march. Everything that is
// compiled for an instruction set therefore lives in an inline namespace named after it; otherwise
// the linker keeps one copy of an inline function and the other caller may die of SIGILL.
#if defined(XRNN_ABI)
// chosen by the user
#elif defined(__AVX512F__) && defined(__AVX512CD__) && defined(__AVX512DQ__) &&                    \
    defined(__AVX512BW__) && defined(__AVX512VL__)
#if defined(__AVX512BF16__)
#define XRNN_ISA avx512bf16
#else
#define XRNN_ISA avx512
#endif
#elif defined(__AVX2__) && defined(__FMA__)
#define XRNN_ISA avx2_fma
#elif defined(__AVX2__)
#define XRNN_ISA avx2
#elif defined(__AVX__)
#define XRNN_ISA avx
#elif defined(__SSE4_2__)
#define XRNN_ISA sse4_2
#elif defined(__SSE2__)
#define XRNN_ISA sse2
#elif defined(__aarch64__)
#define XRNN_ISA neon64
#else
#define XRNN_ISA generic
#endif

#if !defined(XRNN_ABI)
#if defined(_OPENMP) // the same holds for programs of which a part is compiled with OpenMP
#define XRNN_WITH_OPENMP_(isa) isa##_openmp
#define XRNN_WITH_OPENMP(isa) XRNN_WITH_OPENMP_(isa)
#define XRNN_ABI XRNN_WITH_OPENMP(XRNN_ISA)
#else
#define XRNN_ABI XRNN_ISA
#endif
#endif
