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
inline constexpr std::size_t gemm_rows = accumulators == 24 ? 8 : 6;

/// Steps of k, and rows of A, that are worked on at a time: a panel of B, two vectors wide, stays in
/// the first cache, a block of A and one of B, up to gemm_width columns, in the second.
inline constexpr std::size_t gemm_depth = 192;
inline constexpr std::size_t gemm_height = (127 / gemm_rows + 1) * gemm_rows;
inline constexpr std::size_t gemm_width = 512;

/// So many columns of B, and of C: `vectors` vectors of `lanes` lanes.
template <std::size_t Lanes, std::size_t Vectors>
struct panel {
    static constexpr std::size_t lanes = Lanes, vectors = Vectors, width = Lanes * Vectors;
};

/// Columns of the panel that comes first where so many are left.
template <class T>
constexpr std::size_t panel_width(std::size_t columns) {
    std::size_t width = 2 * max_lanes<T>;
    while (width > columns)
        width /= 2;
    return width;
}

/// One panel of each width, from Lanes down to Least, as far as columns are left.
template <std::size_t Lanes, std::size_t Least, class F>
void narrow_panels(std::size_t n, std::size_t columns, F&& f) {
    if (n + Lanes <= columns) {
        f(n, panel<Lanes, 1>{});
        n += Lanes;
    }
    if constexpr (Lanes > Least)
        narrow_panels<Lanes / 2, Least>(n, columns, f);
}

/// Calls f(n, panel) for each panel of B, columns n and on: two vectors of the widest kind, then what is
/// left, down to the narrowest vector.
template <class T, class F>
void for_each_panel(std::size_t columns, F&& f) {
    constexpr std::size_t widest = max_lanes<T>;
    std::size_t n = 0;
    for (; n + 2 * widest <= columns; n += 2 * widest)
        f(n, panel<widest, 2>{});
    narrow_panels<widest, min_lanes<T>>(n, columns, f);
}

/// C (MR, NR·W) += A · B (depth, NR·W), a panel. A: value i of step k at a + i * row + k * step. Sums:
/// 0 ... MR · NR - 1, vector `Sums % NR` of row `Sums / NR`; folds over them, since they compile faster
/// than loops that are unrolled by calling a lambda for each.
template <class T, std::size_t W, std::size_t NR, std::size_t... Sums>
XRNN_NOINLINE void gemm_tile(T const* a, std::size_t row, std::size_t step, std::size_t depth,
                             T const* b, T* c, std::size_t ldc, std::index_sequence<Sums...>) {
    static_assert(NR <= 2);
    using vec = batch<T, W>;
    vec acc[] = {load<vec>(c + Sums / NR * ldc + Sums % NR * W)...};
    for (std::size_t k = 0; k < depth; ++k, a += step, b += NR * W) {
        vec const first = in_register(load<vec>(b));
        vec const second = NR == 2 ? in_register(load<vec>(b + W)) : first;
        ((acc[Sums] =
              simd::fma(vec(a[Sums / NR * row]), Sums % NR == 0 ? first : second, acc[Sums])),
         ...);
    }
    (store<vec>(c + Sums / NR * ldc + Sums % NR * W, acc[Sums]), ...);
}

/// C (rows, NR·W) += A · B (depth, NR·W), a panel. Tiles of A are tile_stride apart.
template <class T, std::size_t W, std::size_t NR>
void gemm_panel(std::size_t rows, std::size_t depth, T const* a, std::size_t row, std::size_t step,
                std::size_t tile_stride, T const* b, T* c, std::size_t ldc) {
    constexpr std::size_t MR = gemm_rows;
    std::size_t m = 0;
    for (; m + MR <= rows; m += MR, a += tile_stride)
        gemm_tile<T, W, NR>(a, row, step, depth, b, c + m * ldc, ldc,
                            std::make_index_sequence<MR * NR>{});
    auto const rest = [&]<std::size_t R>(std::integral_constant<std::size_t, R>) {
        for (; m + R <= rows; m += R, a += R * row)
            gemm_tile<T, W, NR>(a, row, step, depth, b, c + m * ldc, ldc,
                                std::make_index_sequence<R * NR>{});
    };
    rest(std::integral_constant<std::size_t, 4>{});
    rest(std::integral_constant<std::size_t, 2>{});
    rest(std::integral_constant<std::size_t, 1>{});
}

/// A block of a transposed A, dense: tiles of gemm_rows rows, (depth, gemm_rows) each, the last padded.
/// Where it lies, its rows are so far apart that they would fall into few lines of the cache.
template <class T>
void copy_left(T const* a, std::size_t step, std::size_t rows, std::size_t depth, T* to) {
    constexpr std::size_t MR = gemm_rows;
    for (std::size_t m = 0; m < rows; m += MR, a += MR)
        if (m + MR <= rows)
            for (std::size_t k = 0; k < depth; ++k, to += MR)
                std::copy_n(a + k * step, MR, to);
        else
            for (std::size_t k = 0; k < depth; ++k, to += MR)
                std::copy_n(a + k * step, rows - m, to);
}

/// C += A · B for one block of B, up to gemm_depth rows and all columns, in panels. a: column 0 of
/// the block.
template <class T>
void gemm_block(std::size_t rows, std::size_t columns, std::size_t depth, T const* a,
                std::size_t row_stride, std::size_t step, T const* b, T* c, std::size_t ldc) {
    constexpr std::size_t MR = gemm_rows;
    alignas(64) T left[gemm_height * gemm_depth];
    bool const copied = step != 1;
    std::size_t const row = copied ? 1 : row_stride, along = copied ? MR : 1;
    std::size_t const tile_stride = MR * (copied ? depth : row_stride);
    for (std::size_t m = 0; m < rows; m += gemm_height, c += gemm_height * ldc) {
        std::size_t const height = std::min(gemm_height, rows - m);
        T const* block = a + m * row_stride;
        if (copied) {
            copy_left(block, step, height, depth, left);
            block = left;
        }
        for_each_panel<T>(columns, [&](std::size_t n, auto p) {
            gemm_panel<T, p.lanes, p.vectors>(height, depth, block, row, along, tile_stride,
                                              b + n * depth, c + n, ldc);
        });
    }
}

/// A block of B in panels.
template <class T>
void copy_right(T const* b, std::size_t ldb, std::size_t depth, std::size_t columns, T* to) {
    for (std::size_t k = 0; k < depth; ++k, b += ldb)
        for_each_panel<T>(columns, [&](std::size_t n, auto p) {
            constexpr std::size_t L = p.lanes;
            xrnn::detail::unroll<p.vectors>([&](auto j) {
                store<batch<T, L>>(to + n * depth + k * p.width + j * L,
                                   load<batch<T, L>>(b + n + j * L));
            });
        });
}

} // namespace detail

/// Lays the right factor B (depth, columns) out for gemm; `to` has room for depth * columns values.
/// at(k, n): its elements. Requires: columns is a multiple of min_lanes.
template <class T, class At>
void pack_right(std::size_t depth, std::size_t columns, At&& at, T* to) {
    for (std::size_t first = 0; first < depth; first += detail::gemm_depth) {
        std::size_t const end = std::min(first + detail::gemm_depth, depth);
        for (std::size_t n = 0, width = 0; n < columns; n += width) {
            width = detail::panel_width<T>(columns - n);
            for (std::size_t k = first; k < end; ++k)
                for (std::size_t j = 0; j < width; ++j)
                    *to++ = at(k, n + j);
        }
    }
}

/// The same for a B that lies transposed, column n at from + n * stride; columns from `width` on are
/// zeros. A function of its own: a cell has a B for each of its gates.
template <class T>
XRNN_NOINLINE void pack_right_transposed(T const* from, std::size_t stride, std::size_t depth,
                                         std::size_t width, std::size_t columns, T* to) {
    pack_right<T>(
        depth, columns,
        [&](std::size_t k, std::size_t n) { return n < width ? from[n * stride + k] : T(0); }, to);
}

/// C (rows, columns) += A (rows, K) · B (K, columns). b: for each segment of A its rows of B as
/// pack_right lays them out. Row m of C begins at c + m * ldc. Requires: columns is a multiple of
/// min_lanes, rows of C may be read and written that far, and one of A's strides is 1. Each element of C
/// is summed in the order of k, whatever tile it lies in.
template <class T>
XRNN_NOINLINE void gemm(std::size_t rows, std::size_t columns, strided_matrix<T> const& a,
                        T const* b, T* c, std::size_t ldc) {
    for (std::size_t const segment : a.segments)
        for (std::size_t k = 0; k < a.count; k += detail::gemm_depth) {
            std::size_t const depth = std::min(detail::gemm_depth, a.count - k);
            detail::gemm_block<T>(rows, columns, depth, a.data + segment + k * a.step, a.row_stride,
                                  a.step, b, c, ldc);
            b += depth * columns;
        }
}

/// Values that the following needs room for.
constexpr std::size_t gemm_scratch_size(std::size_t columns) {
    return detail::gemm_depth * std::min(columns, detail::gemm_width);
}

/// The same with B as it is, row k at b + k * ldb; rows of B may be read as far as columns go.
template <class T>
XRNN_NOINLINE void gemm(std::size_t rows, std::size_t columns, strided_matrix<T> const& a,
                        T const* b, std::size_t ldb, T* c, std::size_t ldc, T* scratch) {
    for (std::size_t n = 0; n < columns; n += detail::gemm_width) {
        std::size_t const width = std::min(detail::gemm_width, columns - n);
        T const* from = b + n;
        for (std::size_t const segment : a.segments)
            for (std::size_t k = 0; k < a.count; k += detail::gemm_depth) {
                std::size_t const depth = std::min(detail::gemm_depth, a.count - k);
                detail::copy_right<T>(from, ldb, depth, width, scratch);
                detail::gemm_block<T>(rows, width, depth, a.data + segment + k * a.step,
                                      a.row_stride, a.step, scratch, c + n, ldc);
                from += depth * ldb;
            }
    }
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
