// SPDX-License-Identifier: BSD-3-Clause
#include <set>

#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/network.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

constexpr std::size_t features = 3;
constexpr pass_context in_training{.training = true, .seed = 3, .step = 4};

/// A training pass of a batch, and what it leaves behind.
template <class Model>
struct run {
    using T = typename Model::value_type;
    using net = detail::network<Model>;
    typename net::workspaces scratch;
    sequence_view<T> y;

    run(Model const& model, sequence_view<T> const& x, pass_context const& context,
        T const* initial = nullptr) {
        (*this)(model, x, context, initial);
    }
    void operator()(Model const& model, sequence_view<T> const& x, pass_context const& context,
                    T const* initial = nullptr) {
        typename net::initial_states states{};
        states[0] = initial;
        net::load(model, scratch);
        y = net::template forward<pass::train>(x, scratch, context, states);
    }
    std::vector<T> gradient(Model const& model) {
        std::vector<T> const dy(y.rows() * y.features, T(1));
        std::vector<T> result(model.count_params());
        net::backward(model, {dy.data(), y.features, y.time, y.batch, y.features}, scratch,
                      result.data(), true);
        return result;
    }
    std::vector<T> values() const {
        std::vector<T> result;
        for (std::size_t t = 0; t < y.time; ++t)
            for (std::size_t b = 0; b < y.batch; ++b)
                result.insert(result.end(), y.row(t, b), y.row(t, b) + y.features);
        return result;
    }
    /// Masks of layer I, (batch, gates, units).
    template <std::size_t I = 0>
    std::vector<T> masks() const {
        auto const& drop = std::get<I>(scratch).drop;
        return {drop.begin(), drop.end()};
    }
};

/// A time-major batch of random values.
template <class T>
struct random_batch {
    std::vector<T> x;
    sequence_view<T> view;
    random_batch(std::size_t time, std::size_t batch) {
        support::generator g(17);
        x = support::numbers<T>(time * batch * features, g);
        view = {x.data(), features, time, batch, features};
    }
    random_batch(random_batch const&) = delete;
    random_batch& operator=(random_batch const&) = delete;
};

// ---- the equations once more, in plain loops, with masks -----------------------------------------

using naive::vec;

/// What the recurrent product of one gate reads.
vec masked(vec h, vec const& masks, std::size_t gate) {
    for (std::size_t u = 0; u < h.size(); ++u)
        h[u] *= masks[gate * h.size() + u];
    return h;
}

enum class kind { lstm, gru, gru_reset_before, simple_rnn };

/// One step of Keras's equations for one row. states: h, then c of an LSTM.
void plain_step(kind which, naive::parameters const& p, vec const& x, vec const& masks,
                std::vector<vec>& states) {
    vec const h = states[0];
    std::size_t const n = h.size();
    bool const two_biases = which == kind::gru;
    auto const from_x = [&](std::size_t gate, std::size_t u) {
        return naive::product(x, p.kernel, gate * n + u) + naive::at(p.bias, gate * n + u);
    };
    auto const from_h = [&](vec const& state, std::size_t gate, std::size_t u) {
        return naive::product(masked(state, masks, gate), p.recurrent, gate * n + u) +
               (two_biases ? naive::at(p.bias, 3 * n + gate * n + u) : 0.0);
    };
    auto const sum = [&](std::size_t gate, std::size_t u) {
        return from_x(gate, u) + from_h(h, gate, u);
    };
    if (which == kind::simple_rnn) {
        for (std::size_t u = 0; u < n; ++u)
            states[0][u] = std::tanh(sum(0, u));
    } else if (which == kind::lstm) {
        for (std::size_t u = 0; u < n; ++u) {
            double& c = states[1][u];
            c = naive::sigmoid(sum(1, u)) * c + naive::sigmoid(sum(0, u)) * std::tanh(sum(2, u));
            states[0][u] = naive::sigmoid(sum(3, u)) * std::tanh(c);
        }
    } else {
        vec r(n), reset(n);
        for (std::size_t u = 0; u < n; ++u) {
            r[u] = naive::sigmoid(sum(1, u));
            reset[u] = r[u] * h[u];
        }
        for (std::size_t u = 0; u < n; ++u) {
            double const z = naive::sigmoid(sum(0, u));
            double const recurrent =
                which == kind::gru ? r[u] * from_h(h, 2, u) : from_h(reset, 2, u);
            states[0][u] = z * h[u] + (1 - z) * std::tanh(from_x(2, u) + recurrent);
        }
    }
}

/// Largest difference between a training pass and the plain loops, with the masks that were drawn. Rows
/// are of different length where there are several; what lies behind them is NaN.
template <class T, class Layer>
double difference(kind which, std::size_t time, std::size_t batch) {
    Layer layer{};
    layer.recurrent_dropout = 0.4;
    sequential model{input<features, T>{}, layer};
    support::randomize(model, 7 + time);
    constexpr std::size_t n = Layer::units;
    std::size_t const count = which == kind::lstm ? 2 : 1; // states
    support::generator g(5);
    auto const initial = support::numbers<T>(batch * count * n, g);
    random_batch<T> data(time, batch);
    std::vector<std::uint8_t> counts(time * batch, 1);
    for (std::size_t b = 1; b < batch; ++b)
        for (std::size_t t = time - std::min(b, time); t < time; ++t) {
            counts[t * batch + b] = 0;
            std::fill_n(data.x.data() + (t * batch + b) * features, features,
                        std::numeric_limits<T>::quiet_NaN());
        }
    data.view.mask = counts.data();
    run const r(model, data.view, in_training, initial.data());

    naive::parameters const p = support::naive_parameters(model, std::string(Layer::name));
    auto const masks = r.masks();
    std::size_t const gates = masks.size() / batch / n;
    REQUIRE(masks.size() == batch * gates * n);
    CHECK(gates == (which == kind::lstm ? 4 : which == kind::simple_rnn ? 1 : 3));
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        T const* const mask = masks.data() + b * gates * n;
        std::vector<vec> states;
        for (std::size_t s = 0; s < count; ++s)
            states.emplace_back(initial.data() + (b * count + s) * n,
                                initial.data() + (b * count + s + 1) * n);
        for (std::size_t t = 0; t < time; ++t) {
            T const* const x = data.view.row(t, b);
            if (counts[t * batch + b] != 0)
                plain_step(which, p, {x, x + features}, {mask, mask + gates * n}, states);
            for (std::size_t u = 0; u < n; ++u)
                worst = std::max(worst, support::difference(r.y.row(t, b)[u], states[0][u]));
        }
    }
    return worst;
}

template <class T, std::size_t Units>
double worst_difference() {
    using seq = return_sequences;
    double worst = 0;
    for (std::size_t const time : {1u, 7u})
        for (std::size_t const batch : {1u, 3u, 5u})
            for (double const d :
                 {difference<T, lstm<Units, seq>>(kind::lstm, time, batch),
                  difference<T, gru<Units, seq>>(kind::gru, time, batch),
                  difference<T, gru<Units, seq, reset_after<false>>>(kind::gru_reset_before, time,
                                                                     batch),
                  difference<T, simple_rnn<Units, seq>>(kind::simple_rnn, time, batch)})
                worst = std::max(worst, d);
    return worst;
}

} // namespace

TEST_CASE("a training pass is Keras's equations with the masks that were drawn") {
    double const worst = std::max({worst_difference<double, 1>(), worst_difference<double, 3>(),
                                   worst_difference<double, 8>(), worst_difference<double, 9>(),
                                   worst_difference<double, 16>(), worst_difference<double, 17>()});
    CHECK(worst <= 1e-12);
    double const worst_float = worst_difference<float, 17>();
    CHECK(worst_float <= 1e-5);
    MESSAGE("largest difference ", worst, ", of floats ", worst_float);
}

TEST_CASE("rate 0 and inference: the bits of a layer without it") {
    auto const check = [](auto with, auto zero) {
        sequential model{input<features>{}, with};
        sequential plain{input<features>{}, zero};
        support::randomize(model, 1);
        support::randomize(plain, 1);
        random_batch<float> const data(7, 5);
        run<decltype(plain)> expected(plain, data.view, in_training);
        auto const gradient = expected.gradient(plain);
        CHECK(expected.masks().empty());

        run<decltype(model)> found(model, data.view, in_training);
        CHECK(found.values() != expected.values()); // it does something, and leaves nothing behind
        CHECK(found.gradient(model) != gradient);
        found(model, data.view, {});
        CHECK(found.values() == expected.values());
        CHECK(found.gradient(model) == gradient);

        auto const x = support::tensor<float, 3>({5, 7, features}, 2);
        CHECK(model.predict(x) == plain.predict(x));
        packed const weights(model), plain_weights(plain);
        stream one(weights), other(plain_weights);
        for (std::size_t t = 0; t < 7; ++t) {
            auto const a = one.step(std::span<float const, features>(&x(0, t, 0), features));
            auto const b = other.step(std::span<float const, features>(&x(0, t, 0), features));
            CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
        }
    };
    check(lstm<9>{.recurrent_dropout = 0.5}, lstm<9>{});
    check(gru<9, reset_after<false>>{.recurrent_dropout = 0.5}, gru<9, reset_after<false>>{});
}

TEST_CASE("masks are inverted, and drop as often as the rate says") {
    random_batch<float> const data(1, 200);
    for (double const rate : {0.1, 0.5, 0.9}) {
        sequential model{input<features>{}, lstm<16>{.recurrent_dropout = rate}};
        auto const masks = run(model, data.view, in_training).masks();
        REQUIRE(masks.size() == 200 * 4 * 16);
        std::size_t dropped = 0;
        double sum = 0;
        for (float const m : masks) {
            CHECK((m == 0 || m == static_cast<float>(1 / (1 - rate))));
            dropped += m == 0 ? 1 : 0;
            sum += static_cast<double>(m);
        }
        double const n = static_cast<double>(masks.size()); // 12,800
        CHECK(std::abs(static_cast<double>(dropped) - n * rate) <
              4 * std::sqrt(n * rate * (1 - rate)));
        CHECK(sum / n == doctest::Approx(1).epsilon(0.1));
    }
}

TEST_CASE("each row, gate, layer, batch, seed and direction has a mask of its own") {
    constexpr std::size_t units = 40, batch = 5, row = 4 * units;
    using layer = lstm<units>;
    sequential model{input<features>{},
                     stacked<layer, layer>{.layers = {layer{.recurrent_dropout = 0.5},
                                                      layer{.recurrent_dropout = 0.5}}},
                     dense<1>{}};
    random_batch<float> const data(2, batch);
    run const r(model, data.view, in_training);
    auto const masks = r.masks();
    REQUIRE(masks.size() == batch * row);

    // 40 coins fall alike once in 10^12
    std::set<std::vector<float>> all;
    for (auto at = masks.begin(); at != masks.end(); at += units)
        all.emplace(at, at + units);
    CHECK(all.size() == batch * 4);

    CHECK(masks == run(model, data.view, in_training).masks());
    CHECK(masks != r.template masks<2>()); // of the second lstm; the dropout between is layer 1
    pass_context other = in_training;
    other.step += 1;
    CHECK(masks != run(model, data.view, other).masks());
    other = in_training;
    other.seed += 1;
    CHECK(masks != run(model, data.view, other).masks());

    // nor is it that of a dropout in its place
    std::vector<float> dropped(masks.size());
    detail::draw_mask({in_training.seed, (in_training.step << 16) + 1}, 0.5, 0, dropped.size(),
                      dropped.data());
    CHECK(masks != dropped);

    // a row's masks do not depend on how many rows there are
    random_batch<float> const fewer(2, 3);
    auto const of_fewer = run(model, fewer.view, in_training).masks();
    REQUIRE(of_fewer.size() == 3 * row);
    CHECK(std::equal(of_fewer.begin(), of_fewer.end(), masks.begin()));

    sequential both{input<features>{}, bidirectional<layer>{.wrapped = {.recurrent_dropout = 0.5}}};
    run const directions(both, data.view, in_training);
    auto const& [ahead, back] = std::tie(std::get<0>(directions.scratch).ahead.drop,
                                         std::get<0>(directions.scratch).back.drop);
    CHECK(ahead.size() == batch * row);
    CHECK(back.size() == batch * row);
    CHECK(ahead != back);
}

TEST_CASE("a rate outside [0, 1) is refused, and one where nothing could be dropped") {
    auto const use = [](auto const& layer) {
        auto const x = support::tensor<float, 3>({1, 2, 3}, 4);
        sequential{input<3>{}, layer}.predict(x);
    };
    for (double const rate : {-0.1, 1.0, 1.5, std::nan("")}) {
        CHECK_THROWS_AS(use(lstm<4>{.recurrent_dropout = rate}), value_error);
        CHECK_THROWS_AS(use(bidirectional<gru<4>>{.wrapped = {.recurrent_dropout = rate}}),
                        value_error);
        stacked<lstm<4>, gru<4>> stack;
        std::get<0>(stack.layers).recurrent_dropout = rate;
        CHECK_THROWS_AS(use(stack), value_error);
    }
    CHECK_NOTHROW(use(lstm<4>{.recurrent_dropout = 0.999}));
    CHECK_NOTHROW(use(indrnn<4>{}));
    CHECK_THROWS_AS(use(indrnn<4>{.recurrent_dropout = 0.2}), value_error);
    CHECK_THROWS_AS(use(min_gru<4>{.recurrent_dropout = 0.2}), value_error);
    CHECK_THROWS_AS(use(projected_lstm<4, 2>{.recurrent_dropout = 0.2}), value_error);
    CHECK_THROWS_WITH_AS(use(gru<4>{.recurrent_dropout = 1}),
                         "gru: recurrent_dropout must be at least 0 and less than 1, not 1.000000",
                         value_error);
}
