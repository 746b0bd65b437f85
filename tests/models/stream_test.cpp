// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <bit>
#include <cstring>

#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

/// What the last layer sums up for output u, with all signs made positive: the scale of its rounding.
template <class Model>
double magnitude(Model const& model, std::string const& layer, std::size_t u) {
    naive::parameters const p = support::naive_parameters(model, layer);
    double sum = std::abs(naive::at(p.bias, u));
    std::size_t const rows = p.kernel.values.size() / p.kernel.columns;
    for (std::size_t k = 0; k < rows; ++k)
        sum += std::abs(p.kernel(k, u)); // its inputs, states, lie in [-1, 1]
    return sum;
}

/// Streams a sequence and compares with predict after every step, on prefixes of the sequence.
/// n: the longest sum of the model.
template <class Model>
void check_equals_predict(Model model, std::size_t time, std::size_t n) {
    using T = typename Model::value_type;
    support::randomize(model, 3);
    auto const x = support::tensor<T, 3>({1, time, model.features()}, 4);
    packed<Model> const weights{model};
    stream<Model> s{weights};
    double const factor = 4.0 * static_cast<double>(std::bit_width(n - 1)) *
                          static_cast<double>(std::numeric_limits<T>::epsilon());
    double worst = 0; // in units of the bound
    for (std::size_t t = 0; t < time; ++t) {
        auto const y = s.step(
            typename stream<Model>::input_span(x.data() + t * model.features(), model.features()));
        auto const expected =
            model.predict(xt::view(x, xt::all(), xt::range(std::size_t{0}, t + 1), xt::all()));
        std::size_t const last = expected.size() - stream<Model>::units;
        for (std::size_t u = 0; u < stream<Model>::units; ++u) {
            double const bound = factor * magnitude(model, "dense", u);
            worst = std::max(worst, std::abs(static_cast<double>(y[u]) -
                                             static_cast<double>(expected.data()[last + u])) /
                                        bound);
        }
    }
    CHECK(worst <= 1);
    MESSAGE("largest difference, in units of the bound: ", worst);
}

} // namespace

TEST_CASE("a stream's steps are what predict gives for the sequence so far") {
    SUBCASE("lstm, float") {
        check_equals_predict(sequential{input<1>{}, lstm<8>{}, dense<1>{}}, 60, 9);
    }
    SUBCASE("gru before, double") {
        check_equals_predict(
            sequential{input<3, double>{}, gru<9, reset_after<false>>{}, dense<2>{}}, 40, 12);
    }
    SUBCASE("wide, dynamic") {
        check_equals_predict(sequential{input<dynamic>{145}, gru<17>{}, dense<3, sigmoid>{}}, 12,
                             162);
    }
    SUBCASE("a stack with dropout, which is off; sequences out") {
        check_equals_predict(
            sequential{input<5>{},
                       stacked<lstm<16>, gru<8>, lstm<4, return_sequences>>{.dropout = 0.5},
                       dropout{0.5}, dense<2, softmax>{}},
            30, 32);
    }
}

TEST_CASE("a block is its steps, bit for bit, and stops where either side ends") {
    sequential model{input<3>{}, stacked<lstm<9>, gru<4>>{}, dense<2>{}};
    support::randomize(model, 3);
    packed const weights{model};
    stream one{weights}, block{weights};
    auto const x = support::tensor<float, 2>({50, 3}, 4);
    std::vector<float> stepped, processed(100);
    for (std::size_t t = 0; t < 50; ++t) {
        auto const y = one.step(std::span<float const, 3>(x.data() + t * 3, 3));
        stepped.insert(stepped.end(), y.begin(), y.end());
    }
    std::span<float const> const in(x.data(), x.size());
    std::span<float> const out(processed);
    CHECK(block.process(in.first(3 * 20), out) == 20);              // the input ends
    CHECK(block.process(in.subspan(60), out.subspan(40, 14)) == 7); // the output ends
    CHECK(block.process(in.subspan(81, 5), out.subspan(54)) == 1);  // less than two steps
    CHECK(block.process(in.subspan(84), out.subspan(56)) == 22);
    CHECK(block.process(in.subspan(0, 2), out) == 0);
    CHECK(block.process({}, {}) == 0);
    CHECK(std::memcmp(stepped.data(), processed.data(), 100 * sizeof(float)) == 0);
}

TEST_CASE("one input, one output: a number in, a number out") {
    sequential model{input<1, double>{}, lstm<3>{}, dense<1>{}};
    support::randomize(model, 3);
    packed const weights{model};
    stream by_number{weights}, by_span{weights};
    for (double const x : {0.5, -1.0, 0.25, 0.0})
        CHECK(by_number.step(x) == by_span.step(std::span<double const, 1>(&x, 1))[0]);
}

TEST_CASE("streams over the same weights do not disturb each other; reset begins anew") {
    sequential model{input<2>{}, gru<5>{}, dense<1>{}};
    support::randomize(model, 3);
    packed const weights{model};
    auto const a = support::tensor<float, 2>({20, 2}, 4), b = support::tensor<float, 2>({20, 2}, 5);
    auto const run = [](auto& s, auto const& x) {
        std::vector<float> y(20);
        s.process({x.data(), x.size()}, y);
        return y;
    };
    stream s{weights}, t{weights};
    std::vector<float> const alone_a = run(s, a), alone_b = run(t, b);
    CHECK(alone_a != alone_b);
    s.reset();
    t.reset();
    for (std::size_t k = 0; k < 20; ++k) { // in turn
        CHECK(s.step(std::span<float const, 2>(a.data() + 2 * k, 2))[0] == alone_a[k]);
        CHECK(t.step(std::span<float const, 2>(b.data() + 2 * k, 2))[0] == alone_b[k]);
    }
    CHECK(run(s, a) != alone_a); // goes on from where it was
    s.reset();
    CHECK(run(s, a) == alone_a);
    stream copy = s; // a copy goes on by itself
    CHECK(run(copy, b) == run(s, b));
}

TEST_CASE("packed weights are a snapshot of the model, and ask for one that is built") {
    sequential model{input<dynamic>{}, gru<5>{}, dense<1>{}};
    CHECK_THROWS_AS(packed{model}, value_error);
    try {
        packed const weights{model};
    } catch (value_error const& e) {
        CHECK(std::string(e.what()) == "packed: the model is not built yet: fit it, load it, or "
                                       "call build(features) first");
    }
    model.build(2);
    packed const before{model};
    CHECK(before.features() == 2);
    stream s{before};
    std::array<float, 2> const x{1, 2};
    float const y = s.step(x)[0];
    model.initialize(99);
    s.reset();
    CHECK(s.step(x)[0] == y);
    packed const after{model};
    CHECK(stream{after}.step(x)[0] != y);
}

TEST_CASE("step, process and reset promise not to throw") {
    using S = stream<decltype(sequential{input<1>{}, gru<2>{}, dense<1>{}})>;
    static_assert(noexcept(std::declval<S&>().step(std::declval<S::input_span>())));
    static_assert(noexcept(std::declval<S&>().step(1.0F)));
    static_assert(noexcept(std::declval<S&>().process({}, {})));
    static_assert(noexcept(std::declval<S&>().reset()));
    static_assert(std::is_nothrow_copy_constructible_v<S>);
}
