// SPDX-License-Identifier: BSD-3-Clause
//
// The cells beside LSTM, GRU and the plain one against their papers' equations, written as loops over
// doubles that share no code with the library; and what a cell gets from its equations alone: a step
// in a stream, the same as in a batch, a trace.
#include <doctest/doctest.h>

#include <functional>
#include <map>

#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>
#include <xrnn/models/trace.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

using naive::vec;

/// A layer's parameters as doubles, and sums over them: x_t · kernel and h · recurrent_kernel.
struct cell_data {
    naive::parameters matrices;
    std::map<std::string, vec> weights;
    std::size_t units = 0;

    vec from_x(vec const& x, std::size_t block) const {
        vec a(units);
        for (std::size_t u = 0; u < units; ++u)
            a[u] = naive::product(x, matrices.kernel, block * units + u);
        return a;
    }
    vec from_h(vec const& h, std::size_t block) const {
        vec a(units);
        for (std::size_t u = 0; u < units; ++u)
            a[u] = naive::product(h, matrices.recurrent, block * units + u);
        return a;
    }
    vec bias(std::size_t block) const {
        vec b(units);
        for (std::size_t u = 0; u < units; ++u)
            b[u] = naive::at(matrices.bias, block * units + u);
        return b;
    }
    /// W·x + U·h + b of one gate.
    vec sum(vec const& x, vec const& h, std::size_t block) const;
    vec const& operator[](std::string const& name) const { return weights.at(name); }
};

vec map(auto const& f, vec const& first, auto const&... rest) {
    vec result(first.size());
    for (std::size_t u = 0; u < first.size(); ++u)
        result[u] = f(first[u], rest[u]...);
    return result;
}
vec operator+(vec const& a, vec const& b) {
    return map([](double p, double q) { return p + q; }, a, b);
}
vec operator*(vec const& a, vec const& b) {
    return map([](double p, double q) { return p * q; }, a, b);
}
vec operator/(vec const& a, vec const& b) {
    return map([](double p, double q) { return p / q; }, a, b);
}
vec rest_of(vec const& a) {
    return map([](double p) { return 1 - p; }, a);
}
vec sigma(vec const& a) {
    return map(naive::sigmoid, a);
}
vec tanh_of(vec const& a) {
    return map(naive::tanh, a);
}
vec cell_data::sum(vec const& x, vec const& h, std::size_t block) const {
    return from_x(x, block) + from_h(h, block) + bias(block);
}
vec normalized(vec const& a, vec const& gamma, vec const& beta) {
    double const n = static_cast<double>(a.size());
    double mean = 0, variance = 0;
    for (double const v : a)
        mean += v / n;
    for (double const v : a)
        variance += (v - mean) * (v - mean) / n;
    return map([&](double v, double g,
                   double b) { return g * (v - mean) / std::sqrt(variance + 1e-3) + b; },
               a, gamma, beta);
}

/// One step: h and c (where there is one) are replaced.
using step = std::function<void(cell_data const&, vec const& x, vec& h, vec& c)>;

void peephole_lstm_step(cell_data const& p, vec const& x, vec& h, vec& c) {
    vec const i = sigma(p.sum(x, h, 0) + p["p_i"] * c);
    vec const f = sigma(p.sum(x, h, 1) + p["p_f"] * c);
    c = f * c + i * tanh_of(p.sum(x, h, 2));
    h = sigma(p.sum(x, h, 3) + p["p_o"] * c) * tanh_of(c);
}
void coupled_lstm_step(cell_data const& p, vec const& x, vec& h, vec& c) {
    vec const i = sigma(p.sum(x, h, 0));
    c = rest_of(i) * c + i * tanh_of(p.sum(x, h, 1));
    h = sigma(p.sum(x, h, 2)) * tanh_of(c);
}
void layer_norm_lstm_step(cell_data const& p, vec const& x, vec& h, vec& c) {
    auto const n = [&](std::size_t block, std::string const& g) {
        return normalized(p.sum(x, h, block), p["gamma_" + g], p["beta_" + g]);
    };
    vec const i = sigma(n(0, "i")), f = sigma(n(1, "f")), g = tanh_of(n(2, "g")),
              o = sigma(n(3, "o"));
    c = f * c + i * g;
    h = o * tanh_of(normalized(c, p["gamma_c"], p["beta_c"]));
}
void layer_norm_gru_step(cell_data const& p, vec const& x, vec& h, vec&) {
    auto const n = [&](vec const& a, std::string const& g) {
        return normalized(a, p["gamma_" + g], p["beta_" + g]);
    };
    vec const z = sigma(n(p.from_x(x, 0) + p.from_h(h, 0), "z"));
    vec const r = sigma(n(p.from_x(x, 1) + p.from_h(h, 1), "r"));
    vec const candidate = tanh_of(n(p.from_x(x, 2), "x") + r * n(p.from_h(h, 2), "h"));
    h = z * h + rest_of(z) * candidate;
}
void mgu_step(cell_data const& p, vec const& x, vec& h, vec&) {
    vec const f = sigma(p.sum(x, h, 0));
    h = rest_of(f) * h + f * tanh_of(p.sum(x, f * h, 1));
}
void indrnn_step(cell_data const& p, vec const& x, vec& h, vec&) {
    h = map(naive::relu, p.from_x(x, 0) + p["u"] * h + p.bias(0));
}
void min_gru_step(cell_data const& p, vec const& x, vec& h, vec&) {
    vec const z = sigma(p.from_x(x, 0) + p.bias(0));
    h = rest_of(z) * h + z * (p.from_x(x, 1) + p.bias(1));
}
void min_lstm_step(cell_data const& p, vec const& x, vec& h, vec&) {
    vec const f = sigma(p.from_x(x, 0) + p.bias(0)), i = sigma(p.from_x(x, 1) + p.bias(1));
    h = f / (f + i) * h + i / (f + i) * (p.from_x(x, 2) + p.bias(2));
}

template <class Model>
cell_data data_of(Model const& model, std::string const& layer) {
    cell_data d{support::naive_parameters(model, layer), {}, Model::output_shape.features};
    for (auto const& p : model.parameters())
        if (p.shape.size() == 1)
            d.weights[p.name.substr(layer.size() + 1)] = support::doubles(p.values);
    return d;
}

struct errors {
    double predicted = 0, streamed = 0;
};

template <class Layer, class T>
errors errors_of(step const& expected, std::size_t time, std::size_t rows) {
    sequential model{input<3, T>{}, Layer{}};
    support::randomize(model, 7 + time);
    cell_data const d = data_of(model, std::string(Layer::name));
    auto const x = support::tensor<T, 3>({rows, time, 3}, 4);
    auto const y = model.predict(x);
    packed const weights{model};
    errors found;
    for (std::size_t b = 0; b < rows; ++b) {
        stream s{weights};
        vec h(Layer::units), c(Layer::units);
        auto const steps = support::naive_row(x, b);
        for (std::size_t t = 0; t < time; ++t) {
            expected(d, steps[t], h, c);
            auto const streamed = s.step(std::span<T const, 3>(&x(b, t, 0), 3));
            for (std::size_t u = 0; u < Layer::units; ++u) {
                found.predicted = std::max(found.predicted, support::difference(y(b, t, u), h[u]));
                found.streamed = std::max(found.streamed, support::difference(streamed[u], h[u]));
            }
        }
    }
    return found;
}

template <template <std::size_t, class...> class Layer>
void check(step const& expected) {
    CAPTURE(Layer<1>::name);
    constexpr std::size_t lanes = simd::max_lanes<float>;
    errors in_double, in_float;
    auto const add = [](errors& all, errors const& more) {
        all.predicted = std::max(all.predicted, more.predicted);
        all.streamed = std::max(all.streamed, more.streamed);
    };
    for (auto const& [time, rows] : {std::pair{1u, 1u}, {7u, 1u}, {20u, 5u}}) {
        using option = return_sequences;
        add(in_double, errors_of<Layer<1, option>, double>(expected, time, rows));
        add(in_double, errors_of<Layer<3, option>, double>(expected, time, rows));
        add(in_double, errors_of<Layer<9, option>, double>(expected, time, rows));
        add(in_float, errors_of<Layer<3, option>, float>(expected, time, rows));
        add(in_float, errors_of<Layer<lanes + 1, option>, float>(expected, time, rows));
    }
    CHECK(in_double.predicted <= 1e-12);
    CHECK(in_double.streamed <= 1e-12);
    CHECK(in_float.predicted <= 1e-6);
    CHECK(in_float.streamed <= 1e-6);
    MESSAGE(Layer<1>::name, ": double ", in_double.predicted, ", streamed ", in_double.streamed,
            "; float ", in_float.predicted, ", streamed ", in_float.streamed);
}

template <class Layer>
std::vector<std::string> traced() {
    sequential const model{input<2>{}, Layer{}};
    auto const t = trace(model, support::tensor<float, 3>({1, 4, 2}, 1));
    std::vector<std::string> names;
    for (auto const& [name, values] : t.layers[0].vectors)
        names.push_back(name);
    return names;
}

template <class Layer>
std::vector<std::string> parameters() {
    sequential const model{input<2>{}, Layer{}};
    std::vector<std::string> names;
    for (auto const& p : model.parameters())
        names.push_back(p.name);
    return names;
}
using names = std::vector<std::string>;

} // namespace

TEST_CASE("each cell gives what its equations give, in batches and in streams") {
    check<peephole_lstm>(peephole_lstm_step);
    check<coupled_lstm>(coupled_lstm_step);
    check<layer_norm_lstm>(layer_norm_lstm_step);
    check<layer_norm_gru>(layer_norm_gru_step);
    check<mgu>(mgu_step);
    check<indrnn>(indrnn_step);
    check<min_gru>(min_gru_step);
    check<min_lstm>(min_lstm_step);
}

TEST_CASE("the comparison notices a peephole that sees the wrong c") {
    auto const wrong = [](cell_data const& p, vec const& x, vec& h, vec& c) {
        vec const i = sigma(p.sum(x, h, 0) + p["p_i"] * c);
        vec const f = sigma(p.sum(x, h, 1) + p["p_f"] * c);
        vec const o = sigma(p.sum(x, h, 3) + p["p_o"] * c); // of the step before
        c = f * c + i * tanh_of(p.sum(x, h, 2));
        h = o * tanh_of(c);
    };
    CHECK(errors_of<peephole_lstm<3, return_sequences>, double>(wrong, 7, 1).predicted > 1e-3);
}

TEST_CASE("gates and states by name, for trace") {
    CHECK(traced<peephole_lstm<3>>() == names{"i", "f", "g", "o", "h", "c"});
    CHECK(traced<coupled_lstm<3>>() == names{"i", "g", "o", "h", "c"});
    CHECK(traced<mgu<3>>() == names{"f", "n", "h"});
    CHECK(traced<min_gru<3>>() == names{"z", "n", "h"});
    CHECK(traced<layer_norm_gru<3>>() == names{"z", "r", "n", "h"});
}

TEST_CASE("parameters: learned values per unit stand behind the bias, by their names") {
    CHECK(parameters<peephole_lstm<3>>() ==
          names{"peephole_lstm.kernel", "peephole_lstm.recurrent_kernel", "peephole_lstm.bias",
                "peephole_lstm.p_i", "peephole_lstm.p_f", "peephole_lstm.p_o"});
    CHECK(parameters<indrnn<3, use_bias<false>>>() == names{"indrnn.kernel", "indrnn.u"});
    CHECK(parameters<min_gru<3>>() == names{"min_gru.kernel", "min_gru.bias"});
    CHECK(parameters<layer_norm_gru<3>>().size() == 2 + 8); // no bias: beta takes its place
}

TEST_CASE("where they start: peepholes at 0, gamma at 1, beta at 0 but the forget gate's") {
    sequential const model{input<2>{}, layer_norm_lstm<3>{}};
    sequential const peepholes{input<2>{}, peephole_lstm<3>{}};
    auto const start = [](auto const& m, std::string const& name) {
        for (auto const& p : m.parameters())
            if (p.name == name)
                return std::vector<float>(p.values.begin(), p.values.end());
        return std::vector<float>{};
    };
    CHECK(start(model, "layer_norm_lstm.gamma_c") == std::vector<float>{1, 1, 1});
    CHECK(start(model, "layer_norm_lstm.beta_i") == std::vector<float>{0, 0, 0});
    CHECK(start(model, "layer_norm_lstm.beta_f") == std::vector<float>{1, 1, 1});
    CHECK(start(peepholes, "peephole_lstm.p_o") == std::vector<float>{0, 0, 0});
    CHECK(start(peepholes, "peephole_lstm.bias")[3] == 1); // unit_forget_bias
    CHECK(start(peepholes, "peephole_lstm.bias")[0] == 0);
}
