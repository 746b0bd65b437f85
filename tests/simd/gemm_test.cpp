// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include <xrnn/simd/gemm.hpp>

#include "support/numbers.hpp"

namespace simd = xrnn::simd;

namespace {

/// One product with every stride larger than it need be and all that lies between poisoned.
template <class T, std::size_t W>
double product_error(std::size_t rows, std::size_t columns, std::size_t segments, std::size_t count,
                     std::size_t step, bool exact) {
    T const poison = std::numeric_limits<T>::quiet_NaN();
    support::generator g(rows * 1000 + columns * 10 + segments);
    std::size_t const inner = segments * count;
    std::size_t const ldb = columns + 3, ldc = columns + 5;
    std::size_t const segment_size = count * step + 2;
    std::size_t const row_stride = step == 1 ? segments * segment_size + 1 : 1; // 1: transposed
    std::vector<std::size_t> offsets(segments);
    for (std::size_t s = 0; s < segments; ++s)
        offsets[s] = (segments - 1 - s) * segment_size; // in any order
    std::vector<T> a((rows + 1) * row_stride + segments * segment_size + step, poison);
    std::vector<T> b(inner * ldb, poison), c(rows * ldc, poison);
    auto const number = [&] {
        return static_cast<T>(exact ? std::floor(g.uniform(-8, 9)) : g.uniform(-1, 1));
    };
    auto const a_at = [&](std::size_t m, std::size_t k) -> T& {
        return a[m * row_stride + offsets[k / count] + k % count * step];
    };
    for (std::size_t m = 0; m < rows; ++m)
        for (std::size_t k = 0; k < inner; ++k)
            a_at(m, k) = number();
    for (std::size_t k = 0; k < inner; ++k)
        for (std::size_t n = 0; n < columns; ++n)
            b[k * ldb + n] = number();
    for (std::size_t m = 0; m < rows; ++m)
        for (std::size_t n = 0; n < columns; ++n)
            c[m * ldc + n] = number();
    std::vector<T> const before = c;
    std::vector<T> scratch(simd::gemm_scratch_size(columns), poison);
    std::vector<T> again = c;
    simd::gemm<T>(rows, columns, {a.data(), row_stride, offsets, count, step}, b.data(), ldb,
                  c.data(), ldc, scratch.data());
    // with B packed before: the same bits
    std::vector<T> packed(inner * columns, poison);
    for (std::size_t s = 0; s < segments; ++s)
        simd::pack_right<T>(
            count, columns,
            [&](std::size_t k, std::size_t n) { return b[(s * count + k) * ldb + n]; },
            packed.data() + s * count * columns);
    simd::gemm<T>(rows, columns, {a.data(), row_stride, offsets, count, step}, packed.data(),
                  again.data(), ldc);
    CHECK(std::equal(c.begin(), c.end(), again.begin(),
                     [](T x, T y) { return x == y || (x != x && y != y); }));
    double worst = 0;
    for (std::size_t m = 0; m < rows; ++m)
        for (std::size_t n = 0; n < ldc; ++n) {
            double expected = static_cast<double>(before[m * ldc + n]);
            if (n < columns) // the poison behind the columns must stay
                for (std::size_t k = 0; k < inner; ++k)
                    expected +=
                        static_cast<double>(a_at(m, k)) * static_cast<double>(b[k * ldb + n]);
            worst = std::max(worst, support::difference(c[m * ldc + n], expected));
        }
    return worst;
}

template <class T, std::size_t W>
std::size_t check_shapes(double tolerance) {
    std::size_t runs = 0;
    double worst = 0, exact = 0;
    for (std::size_t const rows : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 33u})
        for (std::size_t const vectors : {1u, 2u, 3u, 4u, 5u})
            for (std::size_t const segments : {1u, 2u, 4u})
                for (std::size_t const count : {1u, 3u, 16u, 40u})
                    for (std::size_t const step : {std::size_t{1}, rows + 2}) {
                        worst = std::max(worst, product_error<T, W>(rows, vectors * W, segments,
                                                                    count, step, false));
                        exact = std::max(exact, product_error<T, W>(rows, vectors * W, segments,
                                                                    count, step, true));
                        runs += 2;
                    }
    CHECK(exact == 0); // small whole numbers leave no room for rounding
    CHECK(worst <= tolerance);
    return runs;
}

} // namespace

TEST_CASE("gemm against plain loops: shapes, strides, segments, transposed, padding poisoned") {
    std::size_t runs = check_shapes<double, simd::max_lanes<double>>(1e-13);
    runs += check_shapes<float, simd::max_lanes<float>>(5e-5);
    runs += check_shapes<float, simd::lanes_for<float>(1)>(5e-5);
    runs += check_shapes<double, simd::min_lanes<double>>(1e-13);
    MESSAGE(runs, " products");
}

TEST_CASE("gemm: more rows, columns and steps than a block has") {
    constexpr std::size_t W = simd::max_lanes<float>;
    CHECK(product_error<float, W>(131, 512 + 3 * W, 2, 200, 1, true) == 0);
    CHECK(product_error<float, W>(131, 512 + 3 * W, 1, 400, 140, true) == 0);
}

TEST_CASE("gemm: nothing to add leaves C as it is") {
    constexpr std::size_t W = simd::max_lanes<float>;
    std::vector<float> a(W), b(W), c(W, 3.F), scratch(simd::gemm_scratch_size(W));
    std::vector<std::size_t> const offsets{0};
    simd::gemm<float>(0, W, {a.data(), 1, offsets, 1, 1}, b.data(), W, c.data(), W, scratch.data());
    simd::gemm<float>(1, W, {a.data(), 1, offsets, 0, 1}, b.data(), W, c.data(), W, scratch.data());
    simd::gemm<float>(1, W, {a.data(), 1, {}, 1, 1}, b.data(), W, c.data(), W, scratch.data());
    simd::gemm<float>(1, 0, {a.data(), 1, offsets, 1, 1}, b.data(), W, c.data(), W, scratch.data());
    CHECK(c == std::vector<float>(W, 3.F));
}

TEST_CASE("gemm: a row's bits do not depend on the tile that it lies in") {
    constexpr std::size_t W = simd::max_lanes<float>;
    std::size_t const rows = 9, columns = 3 * W, inner = 37;
    support::generator g(5);
    std::vector<float> const a = support::numbers<float>(rows * inner, g);
    std::vector<float> const b = support::numbers<float>(inner * columns, g);
    std::vector<std::size_t> const offsets{0};
    std::vector<float> together(rows * columns), alone(rows * columns);
    std::vector<float> scratch(simd::gemm_scratch_size(columns));
    simd::gemm<float>(rows, columns, {a.data(), inner, offsets, inner, 1}, b.data(), columns,
                      together.data(), columns, scratch.data());
    for (std::size_t m = 0; m < rows; ++m)
        for (std::size_t n = 0; n < columns; n += W)
            simd::gemm<float>(1, W, {a.data() + m * inner, inner, offsets, inner, 1}, b.data() + n,
                              columns, alone.data() + m * columns + n, columns, scratch.data());
    CHECK(together == alone);
}
