// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/activations.hpp>

#include "support/naive.hpp"
#include "support/numbers.hpp"

namespace simd = xrnn::simd;

namespace {

using vec = simd::batch<double, simd::max_lanes<double>>;

/// On numbers, vectors and duals: the plain function, and its derivative by differences.
template <class A>
void check(naive::function expected) {
    constexpr std::size_t lanes = simd::max_lanes<double>;
    support::generator g(2);
    for (int repeat = 0; repeat < 200; ++repeat) {
        std::vector<double> const x = support::numbers<double>(lanes, g, -5, 5);
        double values[lanes], slopes[lanes];
        simd::store<vec>(values, A{}(simd::load<vec>(x.data())));
        simd::dual<vec, 1u> const d =
            A{}(simd::dual<vec, 1u>{simd::load<vec>(x.data()), {vec(1.0)}});
        simd::store<vec>(slopes, d.partials[0]);
        for (std::size_t k = 0; k < lanes; ++k) {
            double const h = 1e-4;
            double const slope = (8 * (expected(x[k] + h) - expected(x[k] - h)) -
                                  (expected(x[k] + 2 * h) - expected(x[k] - 2 * h))) /
                                 (12 * h);
            CHECK(support::difference(A{}(x[k]), expected(x[k])) <= 1e-15);
            CHECK(support::difference(values[k], expected(x[k])) <= 1e-15);
            bool const kink = std::abs(x[k]) < 1e-3 || std::abs(std::abs(x[k]) - 3) < 1e-3;
            if (!kink)
                CHECK(support::difference(slopes[k], slope) <= 1e-10);
        }
    }
}

struct swish { // as the header's comment has it
    [[maybe_unused]] static constexpr std::string_view name = "swish";
    auto operator()(auto const& x) const { return x * xrnn::sigmoid{}(x); }
};

} // namespace

TEST_CASE("each activation and its derivative, against the plain function") {
    SUBCASE("linear") {
        check<xrnn::linear>(naive::linear);
    }
    SUBCASE("relu") {
        check<xrnn::relu>(naive::relu);
    }
    SUBCASE("sigmoid") {
        check<xrnn::sigmoid>(naive::sigmoid);
    }
    SUBCASE("tanh") {
        check<xrnn::tanh>(naive::tanh);
    }
    SUBCASE("hard_sigmoid") {
        check<xrnn::hard_sigmoid>(naive::hard_sigmoid);
    }
    SUBCASE("a user's own") {
        check<swish>([](double x) { return x / (1 + std::exp(-x)); });
    }
}

TEST_CASE("hard_sigmoid is that of Keras 3: 0 up to -3, 1 from 3 on, slope 1/6 between") {
    xrnn::hard_sigmoid const a;
    CHECK(a(-3.0) == 0);
    CHECK(a(-100.0) == 0);
    CHECK(a(0.0) == 0.5);
    CHECK(a(3.0) == 1);
    CHECK(a(100.0) == 1);
    CHECK(a(1.5) == 0.75);
}

TEST_CASE("names and the concept") {
    CHECK(xrnn::linear::name == "linear");
    CHECK(xrnn::relu::name == "relu");
    CHECK(xrnn::sigmoid::name == "sigmoid");
    CHECK(xrnn::tanh::name == "tanh");
    CHECK(xrnn::hard_sigmoid::name == "hard_sigmoid");
    CHECK(xrnn::softmax::name == "softmax");
    static_assert(xrnn::Activation<xrnn::relu> && xrnn::Activation<swish>);
    static_assert(!xrnn::Activation<xrnn::softmax>); // not lane by lane
    static_assert(!xrnn::Activation<int>);
}
