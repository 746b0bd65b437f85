// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/models/predict.hpp>
#include <xrnn/models/summary.hpp>

#include "support/models.hpp"

using namespace xrnn;

TEST_CASE("stacked layers are the layers written out, with dropout between them") {
    sequential stack{input<5, double>{}, stacked<lstm<9>, gru<4>, simple_rnn<3>>{.dropout = 0.2},
                     dense<1>{}};
    sequential written{input<5, double>{}, lstm<9, return_sequences>{},
                       dropout{0.2},       gru<4, return_sequences>{},
                       dropout{0.2},       simple_rnn<3>{},
                       dense<1>{}};
    static_assert(std::is_same_v<decltype(stack)::specs, decltype(written)::specs>);
    CHECK(stack.summary() == written.summary());
    CHECK(std::equal(stack.flat().begin(), stack.flat().end(), written.flat().begin(),
                     written.flat().end()));
    CHECK(stack.spec<1>().rate == 0.2);
    auto const x = support::tensor<double, 3>({3, 4, 5}, 1);
    CHECK(stack.predict(x) == written.predict(x));
}

TEST_CASE("stacked layers against the plain loops") {
    sequential model{input<5, double>{}, stacked<lstm<9>, gru<4>>{}};
    support::randomize(model, 2);
    auto const x = support::tensor<double, 3>({3, 6, 5}, 1);
    xt::xtensor<double, 2> const y = model.predict(x);
    for (std::size_t b = 0; b < 3; ++b) {
        naive::steps const first =
            naive::lstm(support::naive_parameters(model, "lstm"), support::naive_row(x, b),
                        naive::vec(9), naive::vec(9), naive::sigmoid, naive::tanh)
                .h;
        naive::vec const expected = naive::gru(support::naive_parameters(model, "gru"), first,
                                               naive::vec(4), true, naive::sigmoid, naive::tanh)
                                        .h.back();
        for (std::size_t u = 0; u < 4; ++u)
            CHECK(support::difference(y(b, u), expected[u]) <= 1e-14);
    }
}

TEST_CASE("the last layer of a stack keeps its own option, settings travel with the layers") {
    sequential const model{input<2>{}, stacked<lstm<3>, lstm<2, return_sequences>>{
                                           .layers = {lstm<3>{.kernel_initializer = ones{}},
                                                      {.kernel_initializer = zeros{}}}}};
    static_assert(decltype(model)::output_shape == shape{2, true});
    for (auto const& p : model.parameters()) {
        if (p.name == "lstm.kernel")
            CHECK(p.values[0] == 1);
        if (p.name == "lstm_1.kernel")
            CHECK(p.values[0] == 0);
    }
}

TEST_CASE("one layer alone is just that layer") {
    static_assert(std::is_same_v<decltype(sequential{input<2>{}, stacked<gru<3>>{}})::specs,
                                 std::tuple<gru<3>>>);
    CHECK_THROWS_AS((sequential{input<2>{}, stacked<gru<3>, gru<3>>{.dropout = 1.0}}), value_error);
}
