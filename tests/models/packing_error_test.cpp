// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/models/packing_error.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

template <class Weights, class Model>
packing_difference difference(Model const& model, std::size_t steps) {
    auto const x = support::tensor<float, 3>({1, steps, model.features()}, 5);
    return packing_error(model, Weights{}, std::span<float const>(x.data(), x.size()));
}

} // namespace

TEST_CASE("rounded weights: near the full ones, over 10000 steps, and not the same") {
    sequential model{input<3>{}, lstm<40>{}, dense<2>{}};
    support::randomize(model, 3);
    packing_difference const expanded = difference<bfloat16>(model, 10000);
    packing_difference const dotted = difference<bfloat16_dot>(model, 10000);
    for (packing_difference const& d : {expanded, dotted}) {
        MESSAGE("largest ", d.largest, ", root mean square ", d.root_mean_square);
        CHECK(d.steps == 10000);
        CHECK(d.largest < 0.05);
        CHECK(d.root_mean_square < 0.01);
        CHECK(d.root_mean_square <= d.largest);
        CHECK(d.root_mean_square > 0);
    }
    packing_difference const same = difference<full_precision>(model, 100);
    CHECK(same.largest == 0);
    CHECK(same.root_mean_square == 0);
}

TEST_CASE("fast activations: near the accurate ones, over 10000 steps, and not the same") {
    sequential lstm_model{input<3>{}, lstm<40>{}, dense<2, xrnn::tanh>{}};
    support::randomize(lstm_model, 3);
    sequential gru_model{input<3>{}, gru<17>{}, dense<2>{}};
    support::randomize(gru_model, 3);
    for (packing_difference const& d :
         {difference<fast<>>(lstm_model, 10000), difference<fast<>>(gru_model, 10000)}) {
        MESSAGE("largest ", d.largest, ", root mean square ", d.root_mean_square);
        CHECK(d.largest < 2e-4);
        CHECK(d.largest > 0);
    }
    CHECK(difference<fast<bfloat16>>(lstm_model, 1000).largest >
          difference<fast<>>(lstm_model, 1000).largest);
}

TEST_CASE("NaN is not lost, no steps are no difference") {
    sequential model{input<1>{}, gru<4>{}, dense<1>{}};
    support::randomize(model, 3);
    std::vector<float> const x{1.0f, std::numeric_limits<float>::quiet_NaN()};
    CHECK(std::isnan(packing_error(model, bfloat16{}, x).largest));
    CHECK(packing_error(model, bfloat16{}, std::span<float const>{}).root_mean_square == 0);
}
