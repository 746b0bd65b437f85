// SPDX-License-Identifier: BSD-3-Clause
//
// C += A·B on pointers, register-tiled: the matrix products of the backward pass.
#pragma once

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

template <class T, std::size_t W, std::size_t MR, std::size_t NR>
inline void gemm_tile(strided_matrix<T> const& a, std::size_t m, T const* b, std::size_t ldb, T* c,
                      std::size_t ldc) {
    using vec = batch<T, W>;
    using xrnn::detail::unroll;
    vec acc[MR][NR];
    unroll<MR>(
        [&](auto i) { unroll<NR>([&](auto j) { acc[i][j] = load<vec>(c + i * ldc + j * W); }); });
    for (std::size_t const offset : a.segments) {
        T const* from = a.data + m * a.row_stride + offset;
        for (std::size_t k = 0; k < a.count; ++k, from += a.step, b += ldb) {
            vec row[NR];
            unroll<NR>([&](auto j) { row[j] = load<vec>(b + j * W); });
            unroll<MR>([&](auto i) {
                vec const v(from[i * a.row_stride]);
                unroll<NR>([&](auto j) { acc[i][j] = fma(v, row[j], acc[i][j]); });
            });
        }
    }
    unroll<MR>(
        [&](auto i) { unroll<NR>([&](auto j) { store<vec>(c + i * ldc + j * W, acc[i][j]); }); });
}

template <class T, std::size_t W, std::size_t NR>
inline void gemm_columns(std::size_t rows, strided_matrix<T> const& a, T const* b, std::size_t ldb,
                         T* c, std::size_t ldc) {
    constexpr std::size_t MR = 4;
    std::size_t m = 0;
    for (; m + MR <= rows; m += MR)
        gemm_tile<T, W, MR, NR>(a, m, b, ldb, c + m * ldc, ldc);
    for (; m < rows; ++m)
        gemm_tile<T, W, 1, NR>(a, m, b, ldb, c + m * ldc, ldc);
}

} // namespace detail

/// C (rows, columns) += A (rows, K) · B (K, columns). Row k of B begins at b + k * ldb, row m of C
/// at c + m * ldc. Requires: columns is a multiple of W, and rows of B and C may be read (C written)
/// that far. Each element of C is summed in the order of k, whatever tile it lies in.
template <class T, std::size_t W>
void gemm(std::size_t rows, std::size_t columns, strided_matrix<T> const& a, T const* b,
          std::size_t ldb, T* c, std::size_t ldc) {
    std::size_t n = 0;
    for (; n + 2 * W <= columns; n += 2 * W)
        detail::gemm_columns<T, W, 2>(rows, a, b + n, ldb, c + n, ldc);
    if (n < columns)
        detail::gemm_columns<T, W, 1>(rows, a, b + n, ldb, c + n, ldc);
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
