// SPDX-License-Identifier: BSD-3-Clause
//
// The vector functions against long double, over the range that matters to a network, and at the
// edges: zeros, infinities, NaN, where e^x overflows.
#include <doctest/doctest.h>

#include <xrnn/simd/math.hpp>

#include "support/numbers.hpp"

namespace simd = xrnn::simd;

namespace {

template <class T>
using wide = simd::batch<T, simd::max_lanes<T>>;

template <class V>
std::vector<typename simd::traits<V>::value_type>
map(auto const& f, std::vector<typename simd::traits<V>::value_type> x) {
    constexpr std::size_t lanes = simd::traits<V>::lanes;
    std::size_t const size = x.size();
    x.resize((size + lanes - 1) / lanes * lanes, 0);
    for (std::size_t k = 0; k < x.size(); k += lanes)
        simd::store<V>(x.data() + k, f(simd::load<V>(x.data() + k)));
    x.resize(size);
    return x;
}

/// Largest error in units of the last place of the exact value; below the smallest normal number in
/// units of that number's last place.
template <class V>
double ulps(auto const& f, auto const& exact, double low, double high, int n = 200000) {
    using T = typename simd::traits<V>::value_type;
    support::generator g(3);
    std::vector<T> const x = support::numbers<T>(static_cast<std::size_t>(n), g, low, high);
    std::vector<T> const y = map<V>(f, x);
    double worst = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
        long double const expected = exact(static_cast<long double>(x[k]));
        T const rounded =
            std::max(std::abs(static_cast<T>(expected)), std::numeric_limits<T>::min());
        T const ulp = std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded;
        double const error = static_cast<double>(
            std::abs(static_cast<long double>(y[k]) - expected) / static_cast<long double>(ulp));
        worst = error <= worst ? worst : error; // NaN too
    }
    return worst;
}

long double exact_exp(long double x) {
    return std::exp(x);
}
long double exact_tanh(long double x) {
    return std::tanh(x);
}
long double exact_sigmoid(long double x) {
    return 1 / (1 + std::exp(-x));
}
long double exact_log(long double x) {
    return std::log(x);
}

template <class V>
void check_edges() {
    using T = typename simd::traits<V>::value_type;
    T const inf = std::numeric_limits<T>::infinity();
    T const nan = std::numeric_limits<T>::quiet_NaN();
    auto const sigmoid = [](V const& v) { return simd::sigmoid(v); };
    auto const tanh = [](V const& v) { return simd::tanh(v); };
    auto const exp = [](V const& v) { return simd::exp(v); };
    CHECK(map<V>(sigmoid, {inf, -inf, 0, T(-0.0)}) == std::vector<T>{1, 0, T(0.5), T(0.5)});
    CHECK(map<V>(tanh, {inf, -inf, 0, 1000, -1000}) == std::vector<T>{1, -1, 0, 1, -1});
    CHECK(map<V>(exp, {inf, -inf, 0, 10000, -10000}) == std::vector<T>{inf, 0, 1, inf, 0});
    for (auto const& f : {map<V>(sigmoid, {nan}), map<V>(tanh, {nan}), map<V>(exp, {nan})})
        CHECK(std::isnan(f[0]));
    // far out there is neither NaN nor anything outside [0, 1]
    std::vector<T> const far{88, 89, 104, 710, 750, 1e4, std::numeric_limits<T>::max()};
    for (T const x : far) {
        CHECK(map<V>(sigmoid, {x, -x})[0] == 1);
        T const low = map<V>(sigmoid, {x, -x})[1];
        CHECK(low >= 0);
        CHECK(low <= T(1e-37));
        CHECK(map<V>(tanh, {x, -x}) == std::vector<T>{1, -1});
    }
    CHECK(std::signbit(map<V>(tanh, {T(-0.0)})[0]));
}

template <class V>
void check_selection() {
    using T = typename simd::traits<V>::value_type;
    T const nan = std::numeric_limits<T>::quiet_NaN();
    auto const relu = [](V const& v) { return simd::max(v, 0); };
    CHECK(map<V>(relu, {-2, 0, 3}) == std::vector<T>{0, 0, 3});
    CHECK(std::isnan(map<V>(relu, {nan})[0]));
    auto const cut = [](V const& v) { return simd::min(v, V(2)); };
    CHECK(map<V>(cut, {-2, 2, 3}) == std::vector<T>{-2, 2, 2});
    auto const magnitude = [](V const& v) { return simd::abs(v); };
    CHECK(map<V>(magnitude, {-2, 0, 3}) == std::vector<T>{2, 0, 3});
    auto const root = [](V const& v) { return simd::sqrt(v); };
    CHECK(map<V>(root, {0, 4, 2}) == std::vector<T>{0, 2, std::sqrt(T(2))});
    auto const flip = [](V const& v) { return simd::select(v < V(0), V(1), v); };
    CHECK(map<V>(flip, {-2, 0, 3}) == std::vector<T>{1, 0, 3});
}

} // namespace

TEST_CASE("exp, log, tanh and sigmoid against long double") {
    double const bound = 2.5;
    auto const exp = [](auto const& v) { return simd::exp(v); };
    auto const log = [](auto const& v) { return simd::log(v); };
    auto const tanh = [](auto const& v) { return simd::tanh(v); };
    auto const sigmoid = [](auto const& v) { return simd::sigmoid(v); };
    CHECK(ulps<wide<float>>(exp, exact_exp, -80, 80) <= bound);
    CHECK(ulps<wide<double>>(exp, exact_exp, -700, 700) <= bound);
    CHECK(ulps<wide<float>>(log, exact_log, 1e-7, 10) <= bound);
    CHECK(ulps<wide<double>>(log, exact_log, 1e-7, 10) <= bound);
    CHECK(ulps<wide<float>>(tanh, exact_tanh, -10, 10) <= bound);
    CHECK(ulps<wide<double>>(tanh, exact_tanh, -20, 20) <= bound);
    CHECK(ulps<wide<float>>(tanh, exact_tanh, -0.01, 0.01) <= bound);
    CHECK(ulps<wide<float>>(sigmoid, exact_sigmoid, -80, 80) <= bound + 1);
    CHECK(ulps<wide<double>>(sigmoid, exact_sigmoid, -700, 700) <= bound + 1);
    MESSAGE("units of the last place, float and double: exp ",
            ulps<wide<float>>(exp, exact_exp, -80, 80), ", ",
            ulps<wide<double>>(exp, exact_exp, -700, 700), "; tanh ",
            ulps<wide<float>>(tanh, exact_tanh, -10, 10), ", ",
            ulps<wide<double>>(tanh, exact_tanh, -20, 20), "; sigmoid ",
            ulps<wide<float>>(sigmoid, exact_sigmoid, -80, 80), ", ",
            ulps<wide<double>>(sigmoid, exact_sigmoid, -700, 700));
}

TEST_CASE("the harness notices a sigmoid that loses its small values") {
    auto const poor = [](auto const& v) {
        using V = std::remove_cvref_t<decltype(v)>;
        return V(1) - V(1) / (V(1) + simd::exp(v));
    };
    CHECK(ulps<wide<float>>(poor, exact_sigmoid, -80, 80) > 1000);
}

TEST_CASE("edges: zeros, infinities, NaN and saturation") {
    check_edges<wide<float>>();
    check_edges<wide<double>>();
    check_edges<float>();
    check_edges<double>();
}

TEST_CASE("abs, sqrt, min, max and select") {
    check_selection<wide<float>>();
    check_selection<wide<double>>();
    check_selection<float>();
    check_selection<double>();
}

TEST_CASE("constants are converted once, to the lane's type") {
    CHECK(simd::constant<float>(0.1) == 0.1F);
    CHECK(simd::constant<double>(1) == 1.0);
    double values[simd::max_lanes<double>];
    simd::store<wide<double>>(values, simd::constant<wide<double>>(0.1F));
    CHECK(values[0] == static_cast<double>(0.1F));
}

namespace {

template <std::size_t W>
void check_fast() {
    using vec = simd::batch<float, W>;
    double worst_tanh = 0, worst_sigmoid = 0;
    alignas(64) float x[W], t[W], minus[W], s[W];
    for (int k = 0; k < 400000; k += static_cast<int>(W)) {
        for (std::size_t lane = 0; lane < W; ++lane)
            x[lane] = static_cast<float>(k + static_cast<int>(lane)) * 5e-5f;
        vec const v = simd::load<vec>(x);
        simd::store<vec>(t, simd::fast_tanh(v));
        simd::store<vec>(minus, simd::fast_tanh(vec(-v)));
        simd::store<vec>(s, simd::fast_sigmoid(v));
        for (std::size_t lane = 0; lane < W; ++lane) {
            double const at = static_cast<double>(x[lane]);
            worst_tanh =
                std::max(worst_tanh, std::abs(static_cast<double>(t[lane]) - std::tanh(at)));
            worst_sigmoid = std::max(
                worst_sigmoid, std::abs(static_cast<double>(s[lane]) - 1 / (1 + std::exp(-at))));
            if (!(t[lane] <= 1 && minus[lane] == -t[lane] && s[lane] <= 1))
                FAIL("out of bounds or not odd at ", x[lane]);
        }
    }
    MESSAGE(W, " lanes: fast_tanh ", worst_tanh, ", fast_sigmoid ", worst_sigmoid);
    CHECK(worst_tanh <= 2e-5);
    CHECK(worst_sigmoid <= 1e-5);
    for (float const v : {1e30f, std::numeric_limits<float>::infinity()}) {
        simd::store<vec>(t, simd::fast_tanh(vec(v)));
        CHECK(t[0] == 1.0f);
    }
    simd::store<vec>(t, simd::fast_tanh(vec(std::nanf(""))));
    simd::store<vec>(s, simd::fast_sigmoid(vec(std::nanf(""))));
    CHECK(std::isnan(t[0]));
    CHECK(std::isnan(s[0]));
}

} // namespace

TEST_CASE("fast activations: within their bounds, odd, NaN stays NaN") {
    check_fast<simd::max_lanes<float>>();
    check_fast<simd::min_lanes<float>>();
    CHECK(simd::fast_tanh(0.5) == std::tanh(0.5)); // numbers and doubles: the accurate ones
    CHECK(simd::fast_sigmoid(0.5) == simd::sigmoid(0.5));
}
