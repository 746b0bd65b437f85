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

TEST_CASE("bfloat16: of overlapping pairs the whole is as near to the second number as it can be") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::uint64_t state = 1;
    auto const number = [&] { // of any size, either sign
        state = state * 6364136223846793005u + 1442695040888963407u;
        return std::bit_cast<float>(static_cast<std::uint32_t>(state >> 32));
    };
    int checked = 0;
    for (int k = 0; k < 200000; ++k) {
        float const low = number();
        float const high = number();
        float const pair = simd::overlapping_pair(low, high);
        auto const lower = [](float v) { return std::bit_cast<std::uint32_t>(v) & 0xffffu; };
        CHECK(lower(pair) == lower(simd::bfloat16_pair(low, 0.0f)));
        if (!std::isfinite(high)) {
            CHECK(!std::isfinite(pair));
            continue;
        }
        double const exact = static_cast<double>(high);
        double const error = std::abs(static_cast<double>(pair) - exact);
        CHECK(error <= std::max(std::abs(exact) * 0x1p-8, 0x1p-62));
        if (lower(pair) != 0) {
            CHECK(std::isnormal(pair));
            CHECK(std::signbit(pair) == std::signbit(high));
        }
        ++checked;
    }
    CHECK(checked > 190000);
    // beside a zero as bfloat16; beside anything else no zero, and nothing finite becomes infinite
    CHECK(simd::overlapping_pair(0.0f, 0.0f) == 0.0f);
    CHECK(simd::overlapping_pair(1.0f, 0.0f) == doctest::Approx(0x1p-63).epsilon(0.01));
    CHECK(std::isfinite(simd::overlapping_pair(1.0f, std::numeric_limits<float>::max())));
    CHECK(simd::overlapping_pair(0.0f, infinity) == infinity);
    CHECK(std::isnan(simd::overlapping_pair(1.0f, infinity)));
    CHECK(std::isnan(simd::overlapping_pair(0.0f, std::nanf(""))));
    CHECK(std::isnan(simd::overlapping_pair(1.0f, std::nanf(""))));
    // no neighbour with the same lower half is nearer
    for (int k = 0; k < 1000; ++k) {
        float const high = 1.0f + 0.000977f * static_cast<float>(k);
        float const low = 0.3f + 0.001f * static_cast<float>(k);
        std::uint32_t const bits = std::bit_cast<std::uint32_t>(simd::overlapping_pair(low, high));
        auto const distance = [&](std::uint32_t other) {
            return std::abs(static_cast<double>(std::bit_cast<float>(other)) -
                            static_cast<double>(high));
        };
        CHECK(distance(bits) <= std::min(distance(bits + 0x10000u), distance(bits - 0x10000u)));
    }
}

TEST_CASE("bfloat16: vectors and the rounding of rows agree with single numbers") {
    constexpr std::size_t W = simd::max_lanes<float>;
    using vec = simd::batch<float, W>;
    for (std::size_t const n : {1u, 2u, 8u, 16u, 24u, 31u, 32u, 33u, 63u, 64u, 97u}) {
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
