// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/simd/dual.hpp>

#include "support/numbers.hpp"

namespace simd = xrnn::simd;

namespace {

using vec = simd::batch<double, simd::max_lanes<double>>;
constexpr std::size_t lanes = simd::max_lanes<double>;
template <class V>
using a_of = simd::dual<V, 1u>;
template <class V>
using b_of = simd::dual<V, 2u>;

double lane(double v, std::size_t) {
    return v;
}
template <class V>
requires(!std::is_same_v<V, double>) double lane(V const& v, std::size_t k) {
    double values[lanes];
    simd::store<V>(values, v);
    return values[k];
}

double difference_quotient(auto const& f, double a, double b, bool by_a) {
    double const h = 1e-4;
    auto const at = [&](double shift) { return by_a ? f(a + shift, b) : f(a, b + shift); };
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

/// f(a, b) on duals of V against f on numbers and its differences.
template <class V>
double worst_error(auto const& f, double low, double high) {
    support::generator g(11);
    double worst = 0;
    for (int repeat = 0; repeat < 20; ++repeat) {
        std::vector<double> const a = support::numbers<double>(lanes, g, low, high);
        std::vector<double> const b = support::numbers<double>(lanes, g, low, high);
        auto const result =
            f(a_of<V>{simd::load<V>(a.data()), {V(1)}}, b_of<V>{simd::load<V>(b.data()), {V(1)}});
        using result_type = std::remove_cvref_t<decltype(result)>;
        for (std::size_t k = 0; k < simd::traits<V>::lanes; ++k) {
            auto const check = [&](V const& found, double expected) {
                worst = std::max(worst, support::difference(lane(found, k), expected));
            };
            check(result.value, f(a[k], b[k]));
            if constexpr (result_type::depends_on(0))
                check(result.partials[result_type::position(0)],
                      difference_quotient(f, a[k], b[k], true));
            if constexpr (result_type::depends_on(1))
                check(result.partials[result_type::position(1)],
                      difference_quotient(f, a[k], b[k], false));
        }
    }
    return worst;
}

void check(auto const& f, double low = 0.5, double high = 2) {
    CHECK(worst_error<double>(f, low, high) <= 1e-10);
    CHECK(worst_error<vec>(f, low, high) <= 1e-10);
}

} // namespace

TEST_CASE("arithmetic of two duals: value and partials against differences") {
    SUBCASE("a + b") {
        check([](auto a, auto b) { return a + b; }, -2, 2);
    }
    SUBCASE("a - b") {
        check([](auto a, auto b) { return a - b; }, -2, 2);
    }
    SUBCASE("a * b") {
        check([](auto a, auto b) { return a * b; }, -2, 2);
    }
    SUBCASE("a / b") {
        check([](auto a, auto b) { return a / b; });
    }
    SUBCASE("-a") {
        check([](auto a, auto) { return -a; }, -2, 2);
    }
    SUBCASE("nested") {
        check([](auto a, auto b) { return (a * b - a / b) * (a + b * b) - a; });
    }
    SUBCASE("the same input twice") {
        check([](auto a, auto) { return a * a + a / (a + 1) - a; });
    }
}

TEST_CASE("a constant may stand on either side, of any arithmetic type") {
    SUBCASE("a + c") {
        check([](auto a, auto) { return a + 3; }, -2, 2);
    }
    SUBCASE("c + a") {
        check([](auto a, auto) { return 3 + a; }, -2, 2);
    }
    SUBCASE("a - c") {
        check([](auto a, auto) { return a - 3U; }, -2, 2);
    }
    SUBCASE("c - a") {
        check([](auto a, auto) { return 1 - a; }, -2, 2);
    }
    SUBCASE("a * c") {
        check([](auto a, auto) { return a * 2.5; }, -2, 2);
    }
    SUBCASE("c * a") {
        check([](auto a, auto) { return -0.25 * a; }, -2, 2);
    }
    SUBCASE("a / c") {
        check([](auto a, auto) { return a / 4; }, -2, 2);
    }
    SUBCASE("c / a") {
        check([](auto a, auto) { return 2 / a; });
    }
    // a constant is not rounded through float or int on its way
    CHECK((a_of<double>{0.0, {1.0}} + 0.1).value == 0.1);
    CHECK((a_of<float>{0.F, {1.F}} + 0.1).value == 0.1F);
    // nor is a vector of the dual's own type anything but a constant
    auto const sum = a_of<vec>{vec(1.0), {vec(1.0)}} * vec(3.0);
    CHECK(lane(sum.value, 0) == 3.0);
    CHECK(lane(sum.partials[0], 0) == 3.0);
}

TEST_CASE("functions: value and partials against differences") {
    SUBCASE("exp") {
        check([](auto a, auto b) { return simd::exp(a * b); }, -1, 1);
    }
    SUBCASE("log") {
        check([](auto a, auto b) { return simd::log(a + b); });
    }
    SUBCASE("sqrt") {
        check([](auto a, auto b) { return simd::sqrt(a * b); });
    }
    SUBCASE("tanh") {
        check([](auto a, auto b) { return simd::tanh(a - b); }, -3, 3);
    }
    SUBCASE("sigmoid") {
        check([](auto a, auto b) { return simd::sigmoid(a * b); }, -3, 3);
    }
    SUBCASE("abs") {
        check([](auto a, auto) { return simd::abs(a); }, -2, -0.1);
    }
    SUBCASE("min") {
        check([](auto a, auto b) { return simd::min(a * a, b + 3); });
    }
    SUBCASE("max") {
        check([](auto a, auto b) { return simd::max(a * a, b + 3); });
    }
    SUBCASE("max with a constant") {
        check([](auto a, auto) { return simd::max(a, -7); }, -2, 2);
    }
    SUBCASE("select") {
        check([](auto a, auto b) { return simd::select(a < b - 7, a * b, a - b); }, -2, 2);
    }
}

TEST_CASE("the harness notices a wrong derivative") {
    auto const lying = [](auto a, auto b) {
        if constexpr (simd::Dual<decltype(a)>)
            return a * b + 0.001 * a;
        else
            return a * b;
    };
    CHECK(worst_error<double>(lying, 0.5, 2) > 1e-4);
}

TEST_CASE("partials that are structurally zero are absent") {
    using V = double;
    simd::dual<V, 1u> const a{2.0, {1.0}};
    simd::dual<V, 2u> const b{3.0, {1.0}};
    simd::dual<V, 8u> const d{5.0, {1.0}};
    static_assert(std::is_same_v<decltype(a * a), simd::dual<V, 1u>>);
    static_assert(std::is_same_v<decltype(a + b), simd::dual<V, 3u>>);
    static_assert(std::is_same_v<decltype(a * d), simd::dual<V, 9u>>);
    static_assert(std::is_same_v<decltype(simd::max(d, b)), simd::dual<V, 10u>>);
    static_assert(std::is_same_v<decltype(simd::max(a, 0)), simd::dual<V, 1u>>);
    static_assert(sizeof(a * d) == 3 * sizeof(V));
    static_assert(sizeof(a * b / d) == 4 * sizeof(V));
    static_assert(simd::dual<V, 9u>::depends_on(3) && !simd::dual<V, 9u>::depends_on(1));
    static_assert(simd::dual<V, 9u>::position(0) == 0 && simd::dual<V, 9u>::position(3) == 1);
    auto const product = a * b * d;
    CHECK(product.value == 30);
    CHECK(product.partials == std::array<V, 3>{15, 10, 6});
    auto const picked = simd::select(true, d, b); // b's partial counts as zero there
    CHECK(picked.partials == std::array<V, 2>{0, 1});
}

TEST_CASE("an absent partial is never multiplied: infinity and NaN stay where they belong") {
    double const inf = std::numeric_limits<double>::infinity();
    simd::dual<double, 1u> const a{2.0, {1.0}};
    simd::dual<double, 2u> const b{inf, {1.0}};
    auto const sum = a + b;
    CHECK(sum.partials == std::array<double, 2>{1, 1});
    // select does not multiply the side that is not taken by zero
    auto const safe = simd::select(true, a, a * simd::dual<double, 1u>{inf, {inf}});
    CHECK(safe.partials[0] == 1);
}

TEST_CASE("ties: relu's derivative at 0 is 0, abs's too, min and max take the second") {
    simd::dual<double, 1u> const zero{0.0, {1.0}};
    simd::dual<double, 2u> const also_zero{0.0, {1.0}};
    CHECK(simd::max(zero, 0).partials[0] == 0);
    CHECK(simd::min(zero, 0).partials[0] == 0);
    CHECK(simd::abs(zero).partials[0] == 0);
    CHECK(simd::abs(-zero).partials[0] == 0); // at -0 as well
    CHECK(simd::max(zero, also_zero).partials == std::array<double, 2>{0, 1});
    CHECK(simd::min(zero, also_zero).partials == std::array<double, 2>{0, 1});
    simd::dual<vec, 1u> const zeros{vec(0.0), {vec(1.0)}};
    CHECK(lane(simd::max(zeros, 0).partials[0], lanes - 1) == 0);
    CHECK(lane(simd::abs(zeros).partials[0], lanes - 1) == 0);
}

TEST_CASE("comparison is by value") {
    simd::dual<double, 1u> const one{1.0, {5.0}};
    simd::dual<double, 2u> const two{2.0, {-5.0}};
    CHECK((one < two).mask);
    CHECK((two > one).mask);
    CHECK((one < 1.5).mask);
    CHECK((one > 0).mask);
    CHECK((0 < one).mask);
    CHECK_FALSE((one > two).mask);
    CHECK_FALSE((one < one).mask);
    CHECK((one <= one).mask);
    CHECK((one >= one).mask);
}

TEST_CASE("comparisons are joined, and select takes what comes of it") {
    simd::dual<double, 1u> const one{1.0, {5.0}};
    simd::dual<double, 2u> const two{2.0, {-5.0}};
    auto const right = one < two, wrong = two < one;
    CHECK((right && !wrong).mask);
    CHECK((right || wrong).mask);
    CHECK_FALSE((right && wrong).mask);
    CHECK_FALSE((wrong || wrong).mask);
    CHECK_FALSE((right & wrong).mask);
    CHECK((right | wrong).mask);
    CHECK(simd::select(right && wrong, one, two).value == 2);
    CHECK(simd::select(right || wrong, one, 7).partials[0] == 5);
}
