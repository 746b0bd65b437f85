// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>

#include "support/gradients.hpp"

using namespace xrnn;
using support::check_gradients;

namespace {

template <class Layer>
Layer with_dropout(double rate = 0.4) {
    Layer layer{};
    layer.recurrent_dropout = rate;
    return layer;
}

} // namespace

TEST_CASE("gradients through masks of what the recurrent products read") {
    support::gradient_totals totals;
    using in = input<3, double>;
    using seq = return_sequences;
    using reset_before = gru<5, reset_after<false>>;
    check_gradients("lstm", sequential{in{}, with_dropout<lstm<3>>()}, totals);
    check_gradients("wider than the lanes", sequential{in{}, with_dropout<lstm<9, seq>>()}, totals);
    check_gradients("gru", sequential{in{}, with_dropout<gru<5>>()}, totals);
    check_gradients("reset_after<false>", sequential{in{}, with_dropout<reset_before>()}, totals);
    check_gradients("simple_rnn", sequential{in{}, with_dropout<simple_rnn<5>>()}, totals);
    check_gradients("stacked",
                    sequential{in{},
                               stacked<lstm<3>, gru<2>>{
                                   .dropout = 0.2,
                                   .layers = {with_dropout<lstm<3>>(), with_dropout<gru<2>>(0.2)}},
                               dense<2>{}},
                    totals);
    check_gradients("bidirectional",
                    sequential{in{}, bidirectional<lstm<3>>{.wrapped = with_dropout<lstm<3>>()}},
                    totals);
    totals.step = 1e-4; // normalised rows may be steep
    check_gradients("normalised, in phases", sequential{in{}, with_dropout<layer_norm_lstm<3>>()},
                    totals);
    support::tell(totals);
}
