// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include <xrnn/simd/gemm.hpp>

#include "support/numbers.hpp"

namespace simd = xrnn::simd;

namespace {

template <class T>
constexpr T poison = std::numeric_limits<T>::quiet_NaN();

/// Whole numbers leave no room for rounding.
template <class T>
T number(support::generator& g, bool whole) {
    return static_cast<T>(whole ? std::floor(g.uniform(-8, 9)) : g.uniform(-1, 1));
}

/// A matrix whose rows lie further apart than they need to, with poison between them.
template <class T>
struct spaced {
    std::size_t rows, columns, stride;
    std::vector<T> values;
    spaced(std::size_t m, std::size_t n, std::size_t gap, support::generator& g, bool whole)
        : rows(m), columns(n), stride(n + gap), values(m * stride, poison<T>) {
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < columns; ++j)
                at(i, j) = number<T>(g, whole);
    }
    T& at(std::size_t i, std::size_t j) { return values[i * stride + j]; }
    double at(std::size_t i, std::size_t j) const {
        return static_cast<double>(values[i * stride + j]);
    }
    operator simd::matrix_rows<T>() { return {values.data(), stride}; }
    operator simd::matrix_rows<T const>() const { return {values.data(), stride}; }
    operator simd::matrix_columns<T>() const { return {values.data(), stride, columns}; }

    /// The largest difference from what `expected` makes of row and column; poison must still be poison.
    template <class F>
    double error(F const& expected) const {
        double worst = 0;
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < stride; ++j)
                worst = std::max(worst,
                                 support::difference(values[i * stride + j],
                                                     j < columns ? expected(i, j)
                                                                 : static_cast<double>(poison<T>)));
        return worst;
    }
};

template <class T>
double product_error(std::size_t rows, std::size_t columns, std::size_t inner, bool whole) {
    support::generator g(rows * 1000 + columns * 10 + inner);
    spaced<T> const a(rows, inner, 3, g, whole), b(inner, columns, 0, g, whole);
    spaced<T> c(rows, columns, 5, g, whole);
    spaced<T> const before = c;
    std::vector<T> packed(inner * columns, poison<T>), transposed(inner * columns, poison<T>);
    simd::pack_right<T>(
        inner, columns, [&](std::size_t k, std::size_t n) { return b.values[k * columns + n]; },
        packed.data());
    simd::gemm<T>(rows, columns, inner, a, packed.data(), c);
    return c.error([&](std::size_t m, std::size_t n) {
        double sum = before.at(m, n);
        for (std::size_t k = 0; k < inner; ++k)
            sum += a.at(m, k) * b.at(k, n);
        return sum;
    });
}

/// All products of so many left and right factors but those on a diagonal, which must stay as they are.
template <class T>
double transposed_error(std::vector<std::size_t> const& lefts,
                        std::vector<std::size_t> const& rights, std::size_t inner, bool whole) {
    support::generator g(lefts.front() * 1000 + rights.front() * 10 + inner);
    std::vector<spaced<T>> a, b, c;
    for (std::size_t const width : lefts)
        a.emplace_back(inner, width, 3, g, whole);
    for (std::size_t const width : rights)
        b.emplace_back(inner, width, 2, g, whole);
    for (std::size_t const m : lefts)
        for (std::size_t const n : rights)
            c.emplace_back(m, n, 5, g, whole);
    std::vector<spaced<T>> const before = c;
    auto const skipped = [&](std::size_t i, std::size_t j) { return lefts.size() > 1 && i == j; };
    std::vector<simd::matrix_rows<T>> products;
    std::size_t columns = 0;
    for (std::size_t i = 0; i < lefts.size(); ++i)
        for (std::size_t j = 0; j < rights.size(); ++j)
            products.push_back(skipped(i, j) ? simd::matrix_rows<T>{}
                                             : simd::matrix_rows<T>(c[products.size()]));
    for (std::size_t const width : rights)
        columns += width;
    std::vector<simd::matrix_columns<T>> const left(a.begin(), a.end()), right(b.begin(), b.end());
    std::vector<T> scratch(simd::gemm_scratch_size(columns), poison<T>);
    simd::gemm_transposed<T>(left, right, inner, products.data(), scratch.data());
    double worst = 0;
    for (std::size_t i = 0; i < lefts.size(); ++i)
        for (std::size_t j = 0; j < rights.size(); ++j) {
            std::size_t const at = i * rights.size() + j;
            worst = std::max(worst, c[at].error([&](std::size_t m, std::size_t n) {
                double sum = before[at].at(m, n);
                for (std::size_t k = 0; k < inner && !skipped(i, j); ++k)
                    sum += std::as_const(a[i]).at(k, m) * std::as_const(b[j]).at(k, n);
                return sum;
            }));
        }
    return worst;
}

template <class T, std::size_t W>
std::size_t check_shapes(double tolerance) {
    std::size_t runs = 0;
    double worst = 0, exact = 0;
    for (bool const whole : {false, true})
        for (std::size_t const rows : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 33u})
            for (std::size_t const vectors : {1u, 2u, 3u, 4u, 5u})
                for (std::size_t const inner : {1u, 3u, 16u, 80u}) {
                    std::size_t const columns = vectors * W;
                    double const error = std::max(
                        {product_error<T>(rows, columns, inner, whole),
                         transposed_error<T>({rows}, {columns}, inner, whole),
                         transposed_error<T>({rows, 7, 1}, {columns, W, 3 * W}, inner, whole)});
                    (whole ? exact : worst) = std::max(whole ? exact : worst, error);
                    runs += 3;
                }
    CHECK(exact == 0);
    CHECK(worst <= tolerance);
    return runs;
}

} // namespace

TEST_CASE("gemm against plain loops: shapes, strides, transposed, padding poisoned") {
    std::size_t runs = check_shapes<double, simd::max_lanes<double>>(1e-13);
    runs += check_shapes<float, simd::max_lanes<float>>(5e-5);
    runs += check_shapes<float, simd::lanes_for<float>(1)>(5e-5);
    runs += check_shapes<double, simd::min_lanes<double>>(1e-13);
    MESSAGE(runs, " products");
}

TEST_CASE("gemm: more rows, columns and steps than a block has") {
    constexpr std::size_t W = simd::max_lanes<float>;
    CHECK(product_error<float>(131, 512 + 3 * W, 400, true) == 0);
    for (std::size_t const rows : {127u, 128u, 129u, 131u, 132u, 140u})
        CHECK(transposed_error<float>({rows}, {512 + 3 * W}, 400, true) == 0);
    // right factors that begin, end and go on where a block of columns ends
    CHECK(transposed_error<float>({140, 9}, {512 - W, 2 * W, 512 - W, 1024, W}, 200, true) == 0);
}

TEST_CASE("gemm: nothing to add leaves C as it is") {
    constexpr std::size_t W = simd::max_lanes<float>;
    std::vector<float> a(W), b(W), c(W, 3.F), scratch(simd::gemm_scratch_size(W));
    simd::gemm<float>(0, W, 1, {a.data(), 1}, b.data(), {c.data(), W});
    simd::gemm<float>(1, W, 0, {a.data(), 1}, b.data(), {c.data(), W});
    simd::gemm<float>(1, 0, 1, {a.data(), 1}, b.data(), {c.data(), W});
    std::vector<simd::matrix_columns<float>> const left{{a.data(), W, 1}}, right{{b.data(), W, W}};
    simd::matrix_rows<float> const product{c.data(), W}, none{};
    simd::gemm_transposed<float>(left, right, 0, &product, scratch.data());
    simd::gemm_transposed<float>(left, right, 1, &none, scratch.data());
    simd::gemm_transposed<float>({}, right, 1, nullptr, scratch.data());
    simd::gemm_transposed<float>(left, {}, 1, nullptr, scratch.data());
    CHECK(c == std::vector<float>(W, 3.F));
}

TEST_CASE("gemm: a row's bits do not depend on the tile that it lies in") {
    constexpr std::size_t W = simd::max_lanes<float>;
    std::size_t const rows = 9, columns = 3 * W, inner = 37;
    support::generator g(5);
    spaced<float> const a(rows, inner, 0, g, false), b(inner, columns, 0, g, false);
    spaced<float> const left(inner, rows, 0, g, false);
    spaced<float> together(rows, columns, 0, g, true), turned = together;
    spaced<float> alone = together, turned_alone = together;
    std::vector<float> packed(inner * columns), scratch(simd::gemm_scratch_size(columns));
    auto const pack = [&](std::size_t first, std::size_t n) {
        simd::pack_right<float>(
            inner, n,
            [&](std::size_t k, std::size_t j) { return b.values[k * columns + first + j]; },
            packed.data());
    };
    auto const turn = [&](simd::matrix_columns<float> const& x,
                          simd::matrix_columns<float> const& y, simd::matrix_rows<float> c) {
        simd::gemm_transposed<float>({&x, 1}, {&y, 1}, inner, &c, scratch.data());
    };
    pack(0, columns);
    simd::gemm<float>(rows, columns, inner, a, packed.data(), together);
    turn(left, b, turned);
    for (std::size_t n = 0; n < columns; n += W) {
        pack(n, W);
        for (std::size_t m = 0; m < rows; ++m) {
            simd::gemm<float>(1, W, inner, {a.values.data() + m * inner, inner}, packed.data(),
                              {alone.values.data() + m * columns + n, columns});
            turn({left.values.data() + m, rows, 1}, {b.values.data() + n, columns, W},
                 {turned_alone.values.data() + m * columns + n, columns});
        }
    }
    CHECK(together.values == alone.values);
    CHECK(turned.values == turned_alone.values);
}
