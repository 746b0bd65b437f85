// SPDX-License-Identifier: BSD-3-Clause
//
// Recurrent layers in models of static sizes, against the plain loops: options, last step and
// sequences, widths around the lanes. (tests/cells does the equations at every size.)
#include <doctest/doctest.h>

#include <xrnn/models/predict.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

template <class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-14 : 2e-6;

enum class kind { lstm, gru_after, gru_before, simple_rnn };

naive::steps reference(kind k, naive::parameters const& p, naive::steps const& x, std::size_t units,
                       naive::function gate, naive::function act) {
    naive::vec const zero(units);
    switch (k) {
    case kind::lstm:
        return naive::lstm(p, x, zero, zero, gate, act).h;
    case kind::simple_rnn:
        return naive::simple_rnn(p, x, zero, act);
    default:
        return naive::gru(p, x, zero, k == kind::gru_after, gate, act).h;
    }
}

/// Largest difference over T = 1, 2, 7 and batches of 1, 3, 5.
template <class Layer, class T, std::size_t Features>
double worst(kind k, naive::function gate = naive::sigmoid, naive::function act = naive::tanh) {
    sequential model{input<Features, T>{}, Layer{}};
    std::string const name(Layer::name);
    double result = 0;
    for (std::size_t const time : {1u, 2u, 7u})
        for (std::size_t const batch : {1u, 3u, 5u}) {
            support::randomize(model, time + batch);
            auto const x = support::tensor<T, 3>({batch, time, Features}, 100 * time + batch);
            auto const y = model.predict(x);
            REQUIRE(y.shape()[0] == batch);
            REQUIRE(y.size() == batch * (Layer::sequences ? time : 1) * Layer::units);
            for (std::size_t b = 0; b < batch; ++b) {
                naive::steps all = reference(k, support::naive_parameters(model, name),
                                             support::naive_row(x, b), Layer::units, gate, act);
                if (!Layer::sequences)
                    all = {all.back()};
                for (std::size_t t = 0; t < all.size(); ++t)
                    for (std::size_t u = 0; u < Layer::units; ++u)
                        result = std::max(
                            result,
                            support::difference(y.data()[(b * all.size() + t) * Layer::units + u],
                                                all[t][u]));
            }
        }
    return result;
}

} // namespace

TEST_CASE_TEMPLATE("lstm", T, float, double) {
    constexpr std::size_t lanes = simd::max_lanes<T>;
    double const most = tolerance<T>;
    CHECK(worst<lstm<1>, T, 1>(kind::lstm) <= most);
    CHECK(worst<lstm<lanes - 1 + (lanes == 1), return_sequences>, T, 3>(kind::lstm) <= most);
    CHECK(worst<lstm<lanes>, T, 145>(kind::lstm) <= most);
    CHECK(worst<lstm<lanes + 1, use_bias<false>>, T, 3>(kind::lstm) <= most);
    CHECK(worst<lstm<40, return_sequences>, T, 3>(kind::lstm) <= most);
    CHECK(worst<lstm<5, recurrent_activation<hard_sigmoid>, activation<relu>>, T, 3>(
              kind::lstm, naive::hard_sigmoid, naive::relu) <= most);
}

TEST_CASE("options in any order are the same layer's") {
    static_assert(std::is_same_v<lstm<5, return_sequences, activation<relu>>::cell,
                                 lstm<5, activation<relu>, return_sequences>::cell>);
    static_assert(lstm<5, activation<relu>, return_sequences>::sequences);
    static_assert(!lstm<5, activation<relu>>::sequences);
    static_assert(lstm<5>::with_bias && !lstm<5, return_sequences, use_bias<false>>::with_bias);
    static_assert(lstm<5, use_bias<true>>::with_bias);
    static_assert(std::is_same_v<gru<5>::cell, gru<5, reset_after<true>>::cell>);
    static_assert(!std::is_same_v<gru<5>::cell, gru<5, reset_after<false>>::cell>);
    static_assert(std::is_same_v<decltype(lstm<5>{}.as_sequences()), lstm<5, return_sequences>>);
    static_assert(std::is_same_v<decltype(gru<5, return_sequences>{}.as_sequences()),
                                 gru<5, return_sequences>>);
    CHECK(lstm<5>::name == "lstm");
    CHECK(gru<5, reset_after<false>>::name == "gru");
    CHECK(simple_rnn<5>::name == "simple_rnn");
}

TEST_CASE("settings survive the change to sequences") {
    lstm<3> const layer{.kernel_initializer = ones{}, .unit_forget_bias = false};
    auto const changed = layer.as_sequences();
    CHECK((changed.kernel_initializer.value == initializer(ones{}).value)); // no address printed
    CHECK(changed.kernel_initializer.a == 1);
    CHECK_FALSE(changed.unit_forget_bias);
}

TEST_CASE_TEMPLATE("gru and simple_rnn", T, float, double) {
    constexpr std::size_t lanes = simd::max_lanes<T>;
    double const most = tolerance<T>;
    CHECK(worst<gru<1>, T, 1>(kind::gru_after) <= most);
    CHECK(worst<gru<lanes + 1, return_sequences>, T, 145>(kind::gru_after) <= most);
    CHECK(worst<gru<3, use_bias<false>>, T, 3>(kind::gru_after) <= most);
    CHECK(worst<gru<lanes, reset_after<false>>, T, 3>(kind::gru_before) <= most);
    CHECK(worst<gru<40, reset_after<false>, return_sequences, activation<linear>>, T, 3>(
              kind::gru_before, naive::sigmoid, naive::linear) <= most);
    CHECK(worst<simple_rnn<lanes + 1>, T, 3>(kind::simple_rnn) <= most);
    CHECK(worst<simple_rnn<3, return_sequences, activation<relu>>, T, 1>(
              kind::simple_rnn, naive::sigmoid, naive::relu) <= most);
}
