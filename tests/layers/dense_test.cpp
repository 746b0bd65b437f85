// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/models/predict.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

struct swish { // a user's own
    [[maybe_unused]] static constexpr std::string_view name = "swish";
    auto operator()(auto const& x) const { return x * sigmoid{}(x); }
};
double naive_swish(double a) {
    return a * naive::sigmoid(a);
}

/// A dense layer on sequences, applied per step. act: null for softmax.
template <class Layer, class T>
double worst(naive::function act) {
    sequential model{input<5, T>{}, Layer{}};
    double result = 0;
    for (std::size_t const time : {1u, 3u})
        for (std::size_t const batch : {1u, 5u}) {
            support::randomize(model, time + batch);
            auto const x = support::tensor<T, 3>({batch, time, 5}, 100 * time + batch);
            xt::xtensor<T, 3> const y = model.predict(x);
            REQUIRE(y.shape() == std::array<std::size_t, 3>{batch, time, Layer::units});
            naive::parameters const p = support::naive_parameters(model, "dense");
            for (std::size_t b = 0; b < batch; ++b)
                for (std::size_t t = 0; t < time; ++t) {
                    naive::vec const x_t = support::naive_row(x, b)[t];
                    naive::vec const expected =
                        act == nullptr
                            ? naive::softmax(naive::dense(p, x_t, Layer::units, naive::linear))
                            : naive::dense(p, x_t, Layer::units, act);
                    for (std::size_t u = 0; u < Layer::units; ++u)
                        result = std::max(result, support::difference(y(b, t, u), expected[u]));
                }
        }
    return result;
}

} // namespace

TEST_CASE("dense on sequences, per step, with each activation") {
    CHECK(worst<dense<3>, double>(naive::linear) <= 1e-14);
    CHECK(worst<dense<1, relu>, double>(naive::relu) <= 1e-14);
    CHECK(worst<dense<9, sigmoid>, double>(naive::sigmoid) <= 1e-14);
    CHECK(worst<dense<3, xrnn::tanh, use_bias<false>>, double>(naive::tanh) <= 1e-14);
    CHECK(worst<dense<4, softmax>, double>(nullptr) <= 1e-14);
    CHECK(worst<dense<2, swish>, double>(naive_swish) <= 1e-14);
    CHECK(worst<dense<17, softmax>, float>(nullptr) <= 1e-6);
    CHECK(worst<dense<3, relu>, float>(naive::relu) <= 2e-6);
}

TEST_CASE("dense on vectors, behind the last step of a recurrent layer") {
    sequential model{input<5, double>{}, gru<6>{}, dense<4, relu>{}, dense<2, softmax>{}};
    support::randomize(model, 3);
    auto const x = support::tensor<double, 3>({3, 4, 5}, 4);
    xt::xtensor<double, 2> const y = model.predict(x);
    REQUIRE(y.shape() == std::array<std::size_t, 2>{3, 2});
    for (std::size_t b = 0; b < 3; ++b) {
        naive::vec const h =
            naive::gru(support::naive_parameters(model, "gru"), support::naive_row(x, b),
                       naive::vec(6), true, naive::sigmoid, naive::tanh)
                .h.back();
        naive::vec const first =
            naive::dense(support::naive_parameters(model, "dense"), h, 4, naive::relu);
        naive::vec const expected = naive::softmax(
            naive::dense(support::naive_parameters(model, "dense_1"), first, 2, naive::linear));
        for (std::size_t u = 0; u < 2; ++u)
            CHECK(support::difference(y(b, u), expected[u]) <= 1e-14);
    }
}

TEST_CASE("dense without a bias has one parameter") {
    sequential const model{input<5>{}, dense<3, linear, use_bias<false>>{}};
    CHECK(model.count_params() == 15);
    CHECK(model.parameters().size() == 1);
}
