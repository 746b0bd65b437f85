// SPDX-License-Identifier: BSD-3-Clause
//
// C += A·B on pointers, register-tiled and blocked for the first cache: the matrix products of the
// backward pass.
//
// Source of the blocking: Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication,
// ACM TOMS 34(3), 2008.
#pragma once

#include <algorithm>
#include <span>

#include <xrnn/layout.hpp>
#include <xrnn/simd/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

/// The left factor A (M, K): element (m, k) is data[m * row_stride + segment(k)], where k runs
/// through segments of `count` values, each beginning at its own offset and `step` apart. So a
/// matrix may be read transposed, and padding between blocks of columns is never touched.
template <class T>
struct strided_matrix {
    T const* data;
    std::size_t row_stride;
    std::span<std::size_t const> segments;
    std::size_t count;
    std::size_t step;
};

namespace detail {

/// Rows of C in a register tile; with two vectors of columns they fill the registers.
template <class T>
inline constexpr std::size_t gemm_rows = max_lanes<T> * sizeof(T) == 64 ? 8 : 4;

/// Steps of k, and rows of A, that are copied at a time: a block of B, two vectors wide, stays in the
/// first cache, a block of A in the second. The copies are dense, since rows a power of two apart
/// would fall into the same few lines of the cache.
inline constexpr std::size_t gemm_depth = 192;
inline constexpr std::size_t gemm_height = 128;

/// C (MR, NR·W) += A · B (depth, NR·W), B dense; A as copied: MR values of step k at a + k * step.
template <class T, std::size_t W, std::size_t MR, std::size_t NR, class Step>
XRNN_NOINLINE void gemm_tile(T const* a, Step step, std::size_t depth, T const* b, T* c,
                             std::size_t ldc) {
    using vec = batch<T, W>;
    using xrnn::detail::unroll;
    vec acc[MR][NR];
    unroll<MR>([&](auto i) XRNN_INLINE_LAMBDA {
        unroll<NR>([&](auto j) XRNN_INLINE_LAMBDA { acc[i][j] = load<vec>(c + i * ldc + j * W); });
    });
    for (std::size_t k = 0; k < depth; ++k, a += step, b += NR * W) {
        vec row[NR];
        unroll<NR>([&](auto j) XRNN_INLINE_LAMBDA { row[j] = in_register(load<vec>(b + j * W)); });
        unroll<MR>([&](auto i) XRNN_INLINE_LAMBDA {
            vec const v(a[i]);
            unroll<NR>([&](auto j)
                           XRNN_INLINE_LAMBDA { acc[i][j] = simd::fma(v, row[j], acc[i][j]); });
        });
    }
    unroll<MR>([&](auto i) XRNN_INLINE_LAMBDA {
        unroll<NR>([&](auto j) XRNN_INLINE_LAMBDA { store<vec>(c + i * ldc + j * W, acc[i][j]); });
    });
}

/// A block of A, (rows, depth), as blocks of gemm_rows rows: (depth, gemm_rows), the last narrower.
template <class T>
void copy_left(T const* a, std::size_t row_stride, std::size_t step, std::size_t rows,
               std::size_t depth, T* to) {
    for (std::size_t m = 0; m < rows; m += gemm_rows<T>) {
        std::size_t const n = std::min(gemm_rows<T>, rows - m);
        if (row_stride == 1)
            for (std::size_t k = 0; k < depth; ++k)
                to = std::copy_n(a + m + k * step, n, to);
        else
            for (std::size_t k = 0; k < depth; ++k)
                for (std::size_t i = 0; i < n; ++i)
                    *to++ = a[(m + i) * row_stride + k * step];
    }
}

/// C (rows, NR·W) += A, as copied by copy_left, · B (depth, NR·W), dense.
template <class T, std::size_t W, std::size_t NR>
void gemm_panel(std::size_t rows, std::size_t depth, T const* a, T const* b, T* c,
                std::size_t ldc) {
    constexpr std::size_t MR = gemm_rows<T>;
    std::size_t m = 0;
    for (; m + MR <= rows; m += MR)
        gemm_tile<T, W, MR, NR>(a + m * depth, std::integral_constant<std::size_t, MR>{}, depth, b,
                                c + m * ldc, ldc);
    std::size_t const rest = rows - m;
    for (std::size_t i = 0; i < rest; ++i)
        gemm_tile<T, W, 1, NR>(a + m * depth + i, rest, depth, b, c + (m + i) * ldc, ldc);
}

/// One block of A with all columns of B.
template <class T, std::size_t W>
void gemm_block(std::size_t rows, std::size_t columns, std::size_t depth, T const* a, T const* b,
                std::size_t ldb, T* c, std::size_t ldc) {
    alignas(64) T panel[gemm_depth * 2 * W];
    auto const run = [&](std::size_t n, auto vectors) {
        constexpr std::size_t NR = vectors;
        for (std::size_t k = 0; k < depth; ++k)
            xrnn::detail::unroll<NR>([&](auto j) {
                using vec = batch<T, W>;
                store<vec>(panel + (k * NR + j) * W, load<vec>(b + k * ldb + n + j * W));
            });
        gemm_panel<T, W, NR>(rows, depth, a, panel, c + n, ldc);
    };
    std::size_t n = 0;
    for (; n + 2 * W <= columns; n += 2 * W)
        run(n, std::integral_constant<std::size_t, 2>{});
    if (n < columns)
        run(n, std::integral_constant<std::size_t, 1>{});
}

} // namespace detail

/// C (rows, columns) += A (rows, K) · B (K, columns). Row k of B begins at b + k * ldb, row m of C
/// at c + m * ldc. Requires: columns is a multiple of W, and rows of B and C may be read (C written)
/// that far. Each element of C is summed in the order of k, whatever tile it lies in.
template <class T, std::size_t W>
void gemm(std::size_t rows, std::size_t columns, strided_matrix<T> const& a, T const* b,
          std::size_t ldb, T* c, std::size_t ldc) {
    alignas(64) T left[detail::gemm_height * detail::gemm_depth];
    for (std::size_t s = 0; s < a.segments.size(); ++s)
        for (std::size_t k = 0; k < a.count; k += detail::gemm_depth) {
            std::size_t const depth = std::min(detail::gemm_depth, a.count - k);
            for (std::size_t m = 0; m < rows; m += detail::gemm_height) {
                std::size_t const height = std::min(detail::gemm_height, rows - m);
                detail::copy_left(a.data + m * a.row_stride + a.segments[s] + k * a.step,
                                  a.row_stride, a.step, height, depth, left);
                detail::gemm_block<T, W>(height, columns, depth, left, b + (s * a.count + k) * ldb,
                                         ldb, c + m * ldc, ldc);
            }
        }
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
