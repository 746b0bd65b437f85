// SPDX-License-Identifier: BSD-3-Clause
//
// Blocks of matrices, row by row. Functions of their own, which know no cell: a cell calls them for each
// of its gates.
#pragma once

#include <algorithm>

#include <xrnn/simd/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

/// Rows of a matrix: row k begins at data + k * stride.
template <class T>
struct matrix_rows {
    T* data = nullptr;
    std::size_t stride = 0;
    T* operator[](std::size_t k) const { return data + k * stride; }
};

/// W columns of n rows, from column `first` on; those from `width` on do not exist and become zeros.
template <class T, std::size_t W>
XRNN_NOINLINE void copy_columns(matrix_rows<T const> from, std::size_t n, std::size_t first,
                                std::size_t width, matrix_rows<T> to) {
    using vec = batch<T, W>;
    if (first + W <= width) {
        for (std::size_t k = 0; k < n; ++k)
            store<vec>(to[k], load<vec>(from[k] + first));
        return;
    }
    first = std::min(first, width);
    for (std::size_t k = 0; k < n; ++k)
        std::fill(std::copy(from[k] + first, from[k] + width, to[k]), to[k] + W, T(0));
}

/// to = from, n rows of `columns` values, which do not overlap. By vectors, the last of which may overlap
/// the one before: a call of memcpy for each row takes longer than what it copies.
template <class T, std::size_t W = max_lanes<T>>
XRNN_NOINLINE void copy_rows(matrix_rows<T const> from, std::size_t n, std::size_t columns,
                             matrix_rows<T> to) {
    using vec = batch<T, W>;
    if constexpr (W > 1)
        if (columns < W)
            return copy_rows<T, (W > min_lanes<T> ? W / 2 : 1)>(from, n, columns, to);
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t u = 0; u + W <= columns; u += W)
            store<vec>(to[k] + u, load<vec>(from[k] + u));
        if (columns % W != 0)
            store<vec>(to[k] + columns - W, load<vec>(from[k] + columns - W));
    }
}

/// Entries first ... first + n - 1 of a + b, each of which may be null; those from `width` on do not
/// exist and become zeros.
template <class T>
XRNN_COLD void copy_sum(T const* a, T const* b, std::size_t first, std::size_t n, std::size_t width,
                        T* to) {
    for (std::size_t k = first; n > 0; --n, ++k)
        *to++ = k >= width ? T(0) : (a == nullptr ? T(0) : a[k]) + (b == nullptr ? T(0) : b[k]);
}

/// to += from, n rows of `columns` values.
template <class T>
XRNN_NOINLINE void add_rows(matrix_rows<T const> from, std::size_t n, std::size_t columns,
                            matrix_rows<T> to) {
    for (std::size_t k = 0; k < n; ++k)
        for (std::size_t u = 0; u < columns; ++u)
            to[k][u] += from[k][u];
}
template <class T>
void add_row(T const* from, std::size_t columns, T* to) {
    add_rows<T>({from, 0}, 1, columns, {to, 0});
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
