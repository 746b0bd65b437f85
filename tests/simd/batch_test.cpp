// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>

#include <xrnn/simd/batch.hpp>

namespace simd = xrnn::simd;

namespace {

template <class V>
void check_memory() {
    using T = typename simd::traits<V>::value_type;
    constexpr std::size_t lanes = simd::traits<V>::lanes;
    std::vector<T> from(lanes + 3), to(lanes + 3, T(-1));
    std::iota(from.begin(), from.end(), T(1));
    simd::store<V>(to.data() + 1, simd::load<V>(from.data() + 2)); // no alignment needed
    for (std::size_t k = 0; k < lanes; ++k)
        CHECK(to[k + 1] == from[k + 2]);
    CHECK(to.front() == -1); // and no lane more than there is
    CHECK(to[lanes + 1] == -1);
}

} // namespace

TEST_CASE("loads and stores move as many values as there are lanes, from anywhere") {
    check_memory<float>();
    check_memory<double>();
    check_memory<simd::batch<float, simd::max_lanes<float>>>();
    check_memory<simd::batch<double, simd::max_lanes<double>>>();
    check_memory<simd::batch<float, simd::lanes_for<float>(1)>>();
}

TEST_CASE("lanes_for: the narrowest vector that holds the units, or the widest there is") {
    for (std::size_t units = 1; units <= 70; ++units) {
        std::size_t const lanes = simd::lanes_for<float>(units);
        CHECK(lanes <= simd::max_lanes<float>);
        CHECK((lanes >= units || lanes == simd::max_lanes<float>));
        if (lanes * sizeof(float) > 16) // no narrower vector would do
            CHECK(lanes / 2 < units);
    }
    static_assert(simd::max_lanes<float> == 2 * simd::max_lanes<double> ||
                  simd::max_lanes<float> == 1 || simd::max_lanes<double> == 1);
    static_assert(simd::has_batch<float, 1> && simd::has_batch<double, 1>);
    static_assert(!simd::has_batch<float, 1024>);
}

TEST_CASE("memory begins at a cache line") {
    for (std::size_t n : {1u, 3u, 100u}) {
        simd::aligned_vector<float> const v(n);
        CHECK(reinterpret_cast<std::uintptr_t>(v.data()) % 64 == 0);
    }
}

#if defined(__FMA__)
namespace {

/// a² - (a² rounded) is what one rounding loses, and zero where there are two.
template <class T, std::size_t W>
void check_one_rounding() {
    if constexpr (simd::has_batch<T, W>) {
        using vec = std::conditional_t<W == 1, T, simd::batch<T, W>>;
        T const a = T(1) + std::numeric_limits<T>::epsilon();
        volatile T const factor_value = a, rounded = a * a;
        vec const factor(factor_value), square(rounded);
        T values[W];
        simd::store<vec>(values, simd::fma(factor, factor, vec(-square)));
        for (std::size_t k = 0; k < W; ++k)
            CHECK(values[k] ==
                  std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon());
        if constexpr (W > 1) {
            simd::store<vec>(values, simd::fms(factor, factor, square));
            for (std::size_t k = 0; k < W; ++k)
                CHECK(values[k] ==
                      std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon());
            simd::store<vec>(values, simd::fnma(factor, factor, square));
            for (std::size_t k = 0; k < W; ++k)
                CHECK(values[k] ==
                      -std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon());
        }
    }
    if constexpr (W < simd::max_lanes<T>)
        check_one_rounding<T, 2 * W>();
}

} // namespace

TEST_CASE("fma, fms and fnma round once, in vectors of every width") {
    check_one_rounding<float, 1>();
    check_one_rounding<double, 1>();
}
#endif

TEST_CASE("fma multiplies and adds, fms subtracts, fnma subtracts from") {
    CHECK(simd::fma(2.0, 3.0, 4.0) == 10.0);
    using V = simd::batch<double, simd::max_lanes<double>>;
    constexpr std::size_t last = simd::max_lanes<double> - 1;
    double values[last + 1];
    simd::store<V>(values, simd::fma(V(2.0), V(3.0), V(4.0)));
    CHECK(values[last] == 10.0);
    simd::store<V>(values, simd::fms(V(2.0), V(3.0), V(4.0)));
    CHECK(values[last] == 2.0);
    simd::store<V>(values, simd::fnma(V(2.0), V(3.0), V(4.0)));
    CHECK(values[last] == -2.0);
}
