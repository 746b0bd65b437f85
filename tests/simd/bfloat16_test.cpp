// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <xrnn/simd/intrinsics.hpp>

namespace simd = xrnn::simd;

namespace {

float rounded(float v) {
    return simd::lower_bfloat16(simd::bfloat16_pair(v, 0.0f));
}

} // namespace

TEST_CASE("bfloat16: rounded to nearest, ties to even, halves in their places") {
    CHECK(rounded(1.0f) == 1.0f);
    CHECK(rounded(-1.0f) == -1.0f);
    CHECK(rounded(1.0f + 1.0f / 256) == 1.0f);               // a tie: to the even one below
    CHECK(rounded(1.0f + 3.0f / 256) == 1.0f + 4.0f / 256);  // a tie: to the even one above
    CHECK(rounded(1.0f + 1.01f / 256) == 1.0f + 2.0f / 256); // above the tie
    CHECK(rounded(3.4e38f) == std::numeric_limits<float>::infinity()); // rounds beyond the largest
    CHECK(std::isnan(rounded(std::nanf(""))));
    CHECK(
        std::isnan(rounded(std::bit_cast<float>(0x7f800001u)))); // its payload is in the lower half
    float const pair = simd::bfloat16_pair(1.5f, -2.25f);
    CHECK(simd::lower_bfloat16(pair) == 1.5f);
    CHECK(simd::upper_bfloat16(pair) == -2.25f);
}

TEST_CASE("bfloat16: off by 2^-8 of the number at most") {
    double worst = 0;
    for (int k = 0; k < 1 << 16; ++k) {
        double const v = 1 + std::ldexp(k, -16);
        worst =
            std::max(worst, std::abs(static_cast<double>(rounded(static_cast<float>(v))) - v) / v);
    }
    CHECK(worst <= std::ldexp(1.0, -8));
    CHECK(worst > std::ldexp(1.0, -8) * 0.99); // no smaller bound holds
}

TEST_CASE("bfloat16: vectors and the rounding of rows agree with single numbers") {
    constexpr std::size_t W = simd::max_lanes<float>;
    using vec = simd::batch<float, W>;
    for (std::size_t const n : {1u, 2u, 31u, 32u, 33u, 63u, 64u, 97u}) {
        std::vector<float> from(n), pairs((n + 1) / 2, -1.0f);
        for (std::size_t k = 0; k < n; ++k)
            from[k] = 0.37f * static_cast<float>(k) - 3.1f;
        simd::to_bfloat16_pairs(from.data(), n, pairs.data());
        for (std::size_t k = 0; k < n; ++k)
            CHECK((k % 2 == 0 ? simd::lower_bfloat16(pairs[k / 2])
                              : simd::upper_bfloat16(pairs[k / 2])) == rounded(from[k]));
        if (n % 2 == 1)
            CHECK(simd::upper_bfloat16(pairs[n / 2]) == 0.0f);
    }
    alignas(64) float a[W], b[W], sum[W], lower[W], upper[W], dot[W];
    for (std::size_t k = 0; k < W; ++k) {
        float const x = 0.1f * static_cast<float>(k + 1);
        a[k] = simd::bfloat16_pair(x, -x);
        b[k] = simd::bfloat16_pair(2.0f, x);
        sum[k] = x;
    }
    simd::store<vec>(lower, simd::lower_bfloat16(simd::load<vec>(a)));
    simd::store<vec>(upper, simd::upper_bfloat16(simd::load<vec>(a)));
    simd::store<vec>(dot,
                     simd::dot_pairs(simd::load<vec>(sum), simd::load<vec>(a), simd::load<vec>(b)));
    for (std::size_t k = 0; k < W; ++k) {
        CHECK(lower[k] == simd::lower_bfloat16(a[k]));
        CHECK(upper[k] == simd::upper_bfloat16(a[k]));
        CHECK(static_cast<double>(dot[k]) ==
              doctest::Approx(static_cast<double>(simd::dot_pairs(sum[k], a[k], b[k])))
                  .epsilon(1e-6));
    }
}
