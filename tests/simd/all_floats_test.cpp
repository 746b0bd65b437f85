// SPDX-License-Identifier: BSD-3-Clause
//
// tanh and sigmoid over the floats: error in units of the last place, oddness, monotony, bounds,
// NaN. By default every 1009th float (a prime, so that all low bits occur); with XRNN_ALL_FLOATS=1 in
// the environment all 2^32, in about a minute on two cores.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <xrnn/simd/math.hpp>

namespace simd = xrnn::simd;

namespace {

template <std::size_t W>
using vec = simd::batch<float, W>;

struct findings {
    double worst = 0;         // largest error in ULP where the exact value is a normal number
    float at = 0;             // there
    std::uint64_t falls = 0;  // places where the function is not monotone
    std::uint64_t broken = 0; // symmetry or bounds
    std::uint64_t tested = 0;

    void add(findings const& other) {
        if (other.worst > worst) {
            worst = other.worst;
            at = other.at;
        }
        falls += other.falls;
        broken += other.broken;
        tested += other.tested;
    }
};

double ulps(float found, double exact) {
    int exponent = 0;
    std::frexp(exact, &exponent);
    return std::abs(static_cast<double>(found) - exact) / std::ldexp(1.0, exponent - 24);
}

struct tanh_function {
    template <class V>
    static V vector(V const& v) {
        return simd::tanh(v);
    }
    static double exact(double v) { return std::tanh(v); }
    // odd
    static bool mirrored(float at, float at_minus) { return at_minus == -at; }
    static constexpr float lowest = -1;
};
struct sigmoid_function {
    template <class V>
    static V vector(V const& v) {
        return simd::sigmoid(v);
    }
    static double exact(double v) {
        return v < 0 ? std::exp(v) / (1 + std::exp(v)) : 1 / (1 + std::exp(-v));
    }
    // sigmoid(-v) = 1 - sigmoid(v) within one ULP of the larger of the two
    static bool mirrored(float at, float at_minus) {
        return std::abs(at + at_minus - 1.0f) <= std::numeric_limits<float>::epsilon();
    }
    static constexpr float lowest = 0;
};

/// Bit patterns first, first + stride, ... below last of the positive floats, and their negatives.
template <class F, std::size_t W>
findings range(std::uint32_t first, std::uint32_t last, std::uint32_t stride) {
    findings result;
    float before = -1;
    float before_minus = 1;
    alignas(64) float x[W];
    alignas(64) float y[W];
    alignas(64) float y_minus[W];
    for (std::uint64_t bits = first; bits < last; bits += std::uint64_t{stride} * W) {
        for (std::size_t k = 0; k < W; ++k)
            x[k] = std::bit_cast<float>(
                static_cast<std::uint32_t>(std::min<std::uint64_t>(bits + k * stride, last - 1)));
        auto const v = simd::load<vec<W>>(x);
        simd::store<vec<W>>(y, F::vector(v));
        simd::store<vec<W>>(y_minus, F::vector(vec<W>(-v)));
        for (std::size_t k = 0; k < W; ++k) {
            for (float const side : {1.0f, -1.0f}) {
                double const exact = F::exact(static_cast<double>(side * x[k]));
                if (std::abs(exact) < static_cast<double>(std::numeric_limits<float>::min()))
                    continue;
                double const error = ulps(side > 0 ? y[k] : y_minus[k], exact);
                if (!(error <= result.worst)) {
                    result.worst = error;
                    result.at = side * x[k];
                }
            }
            result.falls += y[k] < before || y_minus[k] > before_minus;
            result.broken +=
                !(y[k] <= 1 && y_minus[k] >= F::lowest && F::mirrored(y[k], y_minus[k]));
            before = y[k];
            before_minus = y_minus[k];
            ++result.tested;
        }
    }
    return result;
}

template <class F, std::size_t W>
findings all(std::uint32_t stride) {
    constexpr std::uint32_t end = 0x7f800001u; // behind infinity
    std::uint32_t const half = end / 2 / stride * stride;
    findings second;
    std::thread other([&] { second = range<F, W>(half, end, stride); });
    findings result = range<F, W>(0, half + stride, stride); // the shared value joins the halves
    other.join();
    result.add(second);
    return result;
}

template <class F>
void check(std::string const& name) {
    char const* const whole = std::getenv("XRNN_ALL_FLOATS");
    std::uint32_t const stride = whole != nullptr && *whole == '1' ? 1 : 1009;
    constexpr std::size_t widest = simd::max_lanes<float>;
    findings const found = all<F, widest>(stride);
    MESSAGE(name << ": " << 2 * found.tested << " floats, largest error " << found.worst
                 << " ULP at " << found.at << ", not monotone at " << found.falls
                 << ", out of bounds or not symmetric at " << found.broken);
    CHECK(found.worst <= 2);
    CHECK(found.falls == 0);
    CHECK(found.broken == 0);
    // the narrowest vectors give the same bits as the widest
    constexpr std::size_t narrow = 4;
    if constexpr (simd::has_batch<float, narrow>) {
        CHECK(all<F, narrow>(100003).worst <= 2);
        alignas(64) float nan[narrow] = {std::nanf(""), -std::nanf(""), 1, 2};
        simd::store<vec<narrow>>(nan, F::vector(simd::load<vec<narrow>>(nan)));
        CHECK(std::isnan(nan[0]));
        CHECK(std::isnan(nan[1]));
        CHECK(std::isfinite(nan[2]));
    }
}

} // namespace

TEST_CASE("tanh over the floats") {
    check<tanh_function>("tanh");
}

TEST_CASE("sigmoid over the floats") {
    check<sigmoid_function>("sigmoid");
}
