// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/summary.hpp>
#include <xrnn/models/trace.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

naive::steps reversed(naive::steps s) {
    std::reverse(s.begin(), s.end());
    return s;
}

/// Hidden states of one direction of a layer of `units`, as plain loops.
template <class Model>
naive::steps direction(Model const& model, std::string const& name, naive::steps const& x,
                       std::size_t units, bool lstm) {
    naive::parameters p;
    for (auto const& q : model.parameters()) {
        if (q.name == name + ".kernel")
            p.kernel = {q.shape[1], support::doubles(q.values)};
        if (q.name == name + ".recurrent_kernel")
            p.recurrent = {q.shape[1], support::doubles(q.values)};
        if (q.name == name + ".bias")
            p.bias = support::doubles(q.values);
    }
    REQUIRE(!p.kernel.values.empty());
    return lstm ? naive::lstm(p, x, naive::vec(units), naive::vec(units), naive::sigmoid,
                              naive::tanh)
                      .h
                : naive::gru(p, x, naive::vec(units), true, naive::sigmoid, naive::tanh).h;
}

double merged(merge mode, double a, double b) {
    return mode == merge::sum ? a + b : mode == merge::mul ? a * b : (a + b) / 2;
}

/// Largest difference from two plain layers, over sequences and batches.
template <class Layer, merge Mode, class T>
double difference(bool lstm) {
    constexpr std::size_t units = Layer::units;
    double worst = 0;
    for (auto const& [rows, time] : {std::pair{1u, 1u}, {1u, 20u}, {5u, 7u}}) {
        sequential model{input<3, T>{}, bidirectional<Layer, Mode>{}};
        support::randomize(model, 5 + time);
        auto const x = support::tensor<T, 3>({rows, time, 3}, 2);
        auto const y = model.predict(x);
        for (std::size_t b = 0; b < rows; ++b) {
            naive::steps const in = support::naive_row(x, b);
            auto const ahead = direction(model, "bidirectional.forward", in, units, lstm);
            auto const back = direction(model, "bidirectional.backward", reversed(in), units, lstm);
            auto const check = [&](T found, double expected) {
                worst = std::max(worst, support::difference(found, expected));
            };
            auto const compare = [&](auto const& at, naive::vec const& f, naive::vec const& g) {
                for (std::size_t u = 0; u < units; ++u)
                    if constexpr (Mode == merge::concat) {
                        check(at(u), f[u]);
                        check(at(units + u), g[u]);
                    } else
                        check(at(u), merged(Mode, f[u], g[u]));
            };
            if constexpr (Layer::sequences)
                for (std::size_t t = 0; t < time; ++t)
                    compare([&](std::size_t k) { return y(b, t, k); }, ahead[t],
                            back[in.size() - 1 - t]);
            else
                compare([&](std::size_t k) { return y(b, k); }, ahead.back(), back.back());
        }
    }
    return worst;
}

} // namespace

TEST_CASE("both directions, merged in each way, against plain loops") {
    using seq = return_sequences;
    CHECK(difference<lstm<3>, merge::concat, double>(true) <= 1e-12);
    CHECK(difference<lstm<9, seq>, merge::concat, double>(true) <= 1e-12);
    CHECK(difference<lstm<9, seq>, merge::sum, double>(true) <= 1e-12);
    CHECK(difference<gru<4, seq>, merge::mul, double>(false) <= 1e-12);
    CHECK(difference<gru<4>, merge::ave, double>(false) <= 1e-12);
    CHECK(difference<gru<4>, merge::mul, double>(false) <= 1e-12);
    CHECK(difference<lstm<9, seq>, merge::concat, float>(true) <= 1e-6);
    CHECK(difference<gru<17>, merge::sum, float>(false) <= 1e-6);
}

TEST_CASE("shapes, names and counts") {
    using both = bidirectional<lstm<4>>;
    using model = sequential<input<3>, both>;
    static_assert(model::output_shape == shape{8, false});
    static_assert(
        sequential<input<3>, bidirectional<lstm<4, return_sequences>, merge::ave>>::output_shape ==
        shape{4, true});
    sequential const m{input<3>{}, both{}};
    std::vector<std::string> names;
    for (auto const& p : m.parameters())
        names.push_back(p.name);
    CHECK(names == std::vector<std::string>{
                       "bidirectional.forward.kernel", "bidirectional.forward.recurrent_kernel",
                       "bidirectional.forward.bias", "bidirectional.backward.kernel",
                       "bidirectional.backward.recurrent_kernel", "bidirectional.backward.bias"});
    CHECK(m.count_params() == 2 * (3 * 16 + 4 * 16 + 16));
    // the directions start apart, each with its forget gate open
    auto const at = [&](std::size_t n) { return m.parameters()[n].values; };
    CHECK(at(0)[0] != at(3)[0]);
    CHECK(at(2)[4] == 1);
    CHECK(at(5)[4] == 1);
}

TEST_CASE("in a stack, and over an input whose width is known at run time") {
    sequential model{input<dynamic>{}, stacked<bidirectional<gru<4>>, lstm<3>>{}, dense<1>{}};
    auto const x = support::tensor<float, 3>({2, 5, 7}, 1);
    model.build(7);
    support::randomize(model, 3);
    CHECK(model.count_params() ==
          2 * (7 * 12 + 4 * 12 + 2 * 12) + (8 * 12 + 3 * 12 + 12) + (3 + 1));
    sequential fixed{input<7>{}, stacked<bidirectional<gru<4>>, lstm<3>>{}, dense<1>{}};
    for (auto const& p : model.parameters())
        std::copy(p.values.begin(), p.values.end(), fixed.parameter(p.name).begin());
    CHECK(model.predict(x) == fixed.predict(x));
}

TEST_CASE("trace shows each direction, at the steps of the input") {
    sequential model{input<3>{}, bidirectional<lstm<4, return_sequences>>{}};
    support::randomize(model, 3);
    auto const x = support::tensor<float, 3>({1, 6, 3}, 1);
    auto const t = trace(model, x);
    auto const y = model.predict(x);
    REQUIRE(t.layers.size() == 2);
    for (std::size_t step = 0; step < 6; ++step)
        for (std::size_t u = 0; u < 4; ++u) {
            CHECK(t["bidirectional.forward"]["h"](step, u) == y(0, step, u));
            CHECK(t["bidirectional.backward"]["h"](step, u) == y(0, step, 4 + u));
        }
    CHECK(t["bidirectional.backward"]["f"].shape()[0] == 6);
}
