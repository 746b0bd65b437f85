// SPDX-License-Identifier: BSD-3-Clause
//
// C += A·B on pointers, register-tiled and blocked for the first cache: the matrix products of the
// backward pass.
//
// Source of the blocking: Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication,
// ACM TOMS 34(3), 2008.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>

#include <xrnn/layout.hpp>
#include <xrnn/simd/batch.hpp>
#include <xrnn/simd/rows.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

/// Columns of a matrix: row k begins at data + k * stride.
template <class T>
struct matrix_columns {
    T const* data;
    std::size_t stride;
    std::size_t width;
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
XRNN_INLINE void for_each_panel(std::size_t columns, F&& f) {
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

/// Rows of the next tile where `left` are left. Two tiles of four for eight rows, since the sums of a
/// tile of two wait for each other.
constexpr std::size_t tile_rows(std::size_t left) {
    if (left >= gemm_rows && (gemm_rows == 8 || left != 8))
        return gemm_rows;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}
/// Tiles of up to gemm_height rows.
inline constexpr std::size_t most_tiles = [] {
    std::size_t most = 0;
    for (std::size_t rows = 1; rows <= gemm_height; ++rows) {
        std::size_t tiles = 0;
        for (std::size_t left = rows; left > 0; left -= tile_rows(left))
            ++tiles;
        most = std::max(most, tiles);
    }
    return most;
}();

/// Calls f(integral_constant<tile_rows(left)>).
template <class F>
void with_tile_rows(std::size_t left, F&& f) {
    switch (tile_rows(left)) {
    case 1:
        return f(std::integral_constant<std::size_t, 1>{});
    case 2:
        return f(std::integral_constant<std::size_t, 2>{});
    case 4:
        return f(std::integral_constant<std::size_t, 4>{});
    default:
        return f(std::integral_constant<std::size_t, gemm_rows>{});
    }
}

/// C (rows, NR·W) += A · B (depth, NR·W), a panel. Tiles of A are tile_stride apart, or, where that is 0,
/// as many rows as they have.
template <class T, std::size_t W, std::size_t NR>
void gemm_panel(std::size_t rows, std::size_t depth, T const* a, std::size_t row, std::size_t step,
                std::size_t tile_stride, T const* b, T* c, std::size_t ldc) {
    for (std::size_t done; rows > 0; rows -= done, c += done * ldc) {
        done = tile_rows(rows);
        with_tile_rows(rows, [&](auto R) {
            gemm_tile<T, W, NR>(a, row, step, depth, b, c, ldc, std::make_index_sequence<R * NR>{});
        });
        a += tile_stride == 0 ? done * row : tile_stride;
    }
}

/// C += A · B for some rows of A and one block of B, in panels. A as in gemm_tile.
template <class T>
void gemm_block(std::size_t rows, std::size_t columns, std::size_t depth, T const* a,
                std::size_t row, std::size_t step, std::size_t tile_stride, T const* b,
                matrix_rows<T> c) {
    for_each_panel<T>(columns, [&](std::size_t n, auto p) {
        gemm_panel<T, p.lanes, p.vectors>(rows, depth, a, row, step, tile_stride, b + n * depth,
                                          c.data + n, c.stride);
    });
}

/// N columns of a tile. memcpy, since GCC calls a function for the few bytes that std::copy_n moves.
template <std::size_t N, class T>
void copy_tile(T const* from, std::size_t stride, std::size_t depth, T* to) {
    for (std::size_t k = 0; k < depth; ++k, from += stride, to += gemm_rows)
        std::memcpy(to, from, N * sizeof(T));
}

/// Some columns of A, `depth` rows, in tiles: (depth, gemm_rows) each, those of fewer columns padded.
/// Where they lie, rows are so far apart that they would fall into few lines of the cache.
template <class T>
void copy_left(matrix_columns<T> a, std::size_t depth, T* to) {
    for (std::size_t done; a.width > 0; a.width -= done, a.data += done, to += gemm_rows * depth) {
        done = tile_rows(a.width);
        with_tile_rows(a.width, [&](auto N) { copy_tile<N>(a.data, a.stride, depth, to); });
    }
}

/// A block of B in panels.
template <class T>
void copy_right(matrix_columns<T> b, std::size_t depth, T* to) {
    for (std::size_t k = 0; k < depth; ++k, b.data += b.stride)
        for_each_panel<T>(b.width, [&](std::size_t n, auto p) {
            constexpr std::size_t L = p.lanes;
            xrnn::detail::unroll<p.vectors>([&](auto j) {
                store<batch<T, L>>(to + n * depth + k * p.width + j * L,
                                   load<batch<T, L>>(b.data + n + j * L));
            });
        });
}

/// Those of columns `first` ... first + gemm_width - 1, counted over all matrices, that there are:
/// f(number of the matrix, its first of them, how many).
template <class T, class F>
void over_window(std::span<matrix_columns<T> const> all, std::size_t first, F&& f) {
    std::size_t left = first + gemm_width;
    for (std::size_t j = 0; j < all.size() && left > 0; ++j) {
        std::size_t const begin = std::min(first, all[j].width);
        std::size_t const end = std::min(left, all[j].width);
        if (begin < end)
            f(j, begin, end - begin);
        first -= begin;
        left -= end;
    }
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

/// C (rows, columns) += A (rows, K) · B (K, columns), B as pack_right lays it out. Requires: columns is
/// a multiple of min_lanes, and rows of C may be read and written that far. Each element of C is summed
/// in the order of k, whatever tile it lies in.
template <class T>
XRNN_NOINLINE void gemm(std::size_t rows, std::size_t columns, std::size_t K,
                        matrix_rows<T const> a, T const* b, matrix_rows<T> c) {
    constexpr std::size_t height = detail::gemm_height;
    for (std::size_t k = 0; k < K; k += detail::gemm_depth) {
        std::size_t const depth = std::min(detail::gemm_depth, K - k);
        for (std::size_t m = 0; m < rows; m += height)
            detail::gemm_block<T>(std::min(height, rows - m), columns, depth, a[m] + k, a.stride, 1,
                                  0, b, {c[m], c.stride});
        b += depth * columns;
    }
}

/// Values that the following needs room for.
constexpr std::size_t gemm_scratch_size(std::size_t columns) {
    return detail::gemm_depth * std::min(columns, detail::gemm_width);
}

/// C_ij += A_i^T · B_j for all A_i (K, width) and B_j (K, width), each of which is laid out once for all
/// its products. c: row by row, null where there is none. Requires what gemm does, of each B_j; its rows
/// may be read that far.
template <class T>
XRNN_NOINLINE void gemm_transposed(std::span<matrix_columns<T> const> a,
                                   std::span<matrix_columns<T> const> b, std::size_t K,
                                   matrix_rows<T> const* c, T* scratch) {
    constexpr std::size_t height = detail::gemm_height, tile = detail::gemm_rows;
    alignas(64) T left[detail::most_tiles * tile * detail::gemm_depth];
    std::size_t columns = 0;
    for (matrix_columns<T> const& one : b)
        columns += one.width;
    for (std::size_t n = 0; n < columns; n += detail::gemm_width)
        for (std::size_t k = 0; k < K; k += detail::gemm_depth) {
            std::size_t const depth = std::min(detail::gemm_depth, K - k);
            T* to = scratch;
            detail::over_window(b, n, [&](std::size_t j, std::size_t first, std::size_t width) {
                detail::copy_right<T>({b[j].data + k * b[j].stride + first, b[j].stride, width},
                                      depth, to);
                to += depth * width;
            });
            for (std::size_t i = 0; i < a.size(); ++i)
                for (std::size_t m = 0; m < a[i].width; m += height) {
                    std::size_t const rows = std::min(height, a[i].width - m);
                    detail::copy_left<T>({a[i].data + k * a[i].stride + m, a[i].stride, rows},
                                         depth, left);
                    T const* right = scratch;
                    detail::over_window(
                        b, n, [&](std::size_t j, std::size_t first, std::size_t width) {
                            matrix_rows<T> const& product = c[i * b.size() + j];
                            if (product.data != nullptr)
                                detail::gemm_block<T>(rows, width, depth, left, 1, tile,
                                                      tile * depth, right,
                                                      {product[m] + first, product.stride});
                            right += depth * width;
                        });
                }
        }
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
