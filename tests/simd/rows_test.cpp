// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include <xrnn/simd/rows.hpp>

namespace simd = xrnn::simd;

namespace {

float const poison = std::numeric_limits<float>::quiet_NaN();

/// Row k, column u.
float value(std::size_t k, std::size_t u) {
    return static_cast<float>(100 * k + u + 1);
}
std::vector<float> matrix(std::size_t rows, std::size_t columns, std::size_t stride) {
    std::vector<float> values(rows * stride, poison);
    for (std::size_t k = 0; k < rows; ++k)
        for (std::size_t u = 0; u < columns; ++u)
            values[k * stride + u] = value(k, u);
    return values;
}

template <std::size_t W>
void check_columns() {
    std::size_t const rows = 3, stride = 2 * W + 1;
    for (std::size_t width = 0; width <= 2 * W; ++width) {
        // exactly as long as need be, so that a sanitizer sees what is read behind the end
        std::vector<float> from = matrix(rows, width, stride);
        from.resize((rows - 1) * stride + width);
        for (std::size_t first : {std::size_t{0}, W}) {
            std::vector<float> to(rows * (W + 2), -1);
            simd::copy_columns<float, W>({from.data(), stride}, rows, first, width,
                                         {to.data(), W + 2});
            for (std::size_t k = 0; k < rows; ++k)
                for (std::size_t u = 0; u < W + 2; ++u)
                    CHECK(to[k * (W + 2) + u] == (u >= W              ? -1
                                                  : first + u < width ? value(k, first + u)
                                                                      : 0));
        }
    }
}

template <class T>
void check_rows() {
    std::size_t const rows = 3;
    for (std::size_t columns = 0; columns <= 2 * simd::max_lanes<T> + 1; ++columns) {
        std::size_t const stride = columns + 2, to_stride = columns + 1;
        // exactly as long as need be, so that a sanitizer sees what is read behind the end
        std::vector<T> from((rows - 1) * stride + columns);
        for (std::size_t k = 0; k < from.size(); ++k)
            from[k] = static_cast<T>(k + 1);
        std::vector<T> to(rows * to_stride, T(-1));
        simd::copy_rows<T>({from.data(), stride}, rows, columns, {to.data(), to_stride});
        for (std::size_t k = 0; k < rows; ++k)
            for (std::size_t u = 0; u < to_stride; ++u)
                CHECK(to[k * to_stride + u] ==
                      (u < columns ? static_cast<T>(k * stride + u + 1) : T(-1)));
    }
}

} // namespace

TEST_CASE("rows are copied whole, and nothing beside them is written") {
    check_rows<float>();
    check_rows<double>();
}

TEST_CASE("columns of a block are copied, those that do not exist are zeros") {
    check_columns<simd::max_lanes<float>>();
    check_columns<simd::lanes_for<float>(1)>();
}

TEST_CASE("no rows: nothing is read or written") {
    float untouched = 7;
    simd::copy_columns<float, simd::max_lanes<float>>({nullptr, 0}, 0, 0, 100, {&untouched, 1});
    simd::add_rows<float>({nullptr, 0}, 0, 100, {&untouched, 1});
    simd::copy_rows<float>({nullptr, 0}, 0, 100, {&untouched, 1});
    CHECK(untouched == 7);
}

TEST_CASE("rows are added up within their columns") {
    for (std::size_t const columns : {1u, 3u, 8u, 17u}) {
        std::size_t const rows = 4, stride = columns + 2;
        std::vector<float> const from = matrix(rows, columns, stride);
        std::vector<float> to(rows * (columns + 1), 0.5f);
        simd::add_rows<float>({from.data(), stride}, rows, columns, {to.data(), columns + 1});
        for (std::size_t k = 0; k < rows; ++k)
            for (std::size_t u = 0; u <= columns; ++u)
                CHECK(to[k * (columns + 1) + u] == (u < columns ? value(k, u) : 0) + 0.5f);
    }
}

TEST_CASE("a sum of two vectors, either of which there may not be") {
    std::vector<float> const a{1, 2, 3, 4}, b{10, 20, 30, 40};
    auto const sum = [](float const* x, float const* y, std::size_t first, std::size_t n) {
        std::vector<float> to(n, poison);
        simd::copy_sum<float>(x, y, first, n, 4, to.data());
        return to;
    };
    CHECK(sum(a.data(), b.data(), 0, 4) == std::vector<float>{11, 22, 33, 44});
    CHECK(sum(a.data(), b.data(), 2, 4) == std::vector<float>{33, 44, 0, 0});
    CHECK(sum(a.data(), nullptr, 1, 2) == std::vector<float>{2, 3});
    CHECK(sum(nullptr, b.data(), 1, 2) == std::vector<float>{20, 30});
    CHECK(sum(nullptr, nullptr, 3, 2) == std::vector<float>{0, 0});
    CHECK(sum(a.data(), b.data(), 9, 2) == std::vector<float>{0, 0});
}
