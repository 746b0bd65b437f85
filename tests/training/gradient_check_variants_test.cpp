// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/recurrent_variants.hpp>

#include "support/gradients.hpp"

using namespace xrnn;

namespace {

/// A cell with each option of its layer, one unit, one vector and a rest.
template <template <std::size_t, class...> class Layer>
void check(support::gradient_totals& totals, int attempts = 1) {
    using in = input<3, double>;
    CAPTURE(Layer<1>::name);
    support::check_gradients("one unit", sequential{in{}, Layer<1>{}}, totals, attempts);
    support::check_gradients("wider than the lanes", sequential{in{}, Layer<9>{}}, totals,
                             attempts);
    support::check_gradients("sequences, no bias",
                             sequential{in{}, Layer<3, return_sequences, use_bias<false>>{}},
                             totals, attempts);
    support::check_gradients(
        "other activations, below a layer of the same cell",
        sequential{
            in{},
            Layer<4, return_sequences, recurrent_activation<hard_sigmoid>, activation<sigmoid>>{},
            Layer<3>{}},
        totals, std::max(attempts, 4));
}

} // namespace

TEST_CASE("gradients of the field's other cells, each option") {
    support::gradient_totals totals;
    check<peephole_lstm>(totals);
    check<coupled_lstm>(totals);
    check<mgu>(totals);
    check<indrnn>(totals, 6);
    check<min_gru>(totals);
    check<min_lstm>(totals);
    support::tell(totals);
}

TEST_CASE("gradients of cells with normalisation, whose derivatives change fast") {
    support::gradient_totals totals;
    totals.step = 1e-4;
    check<layer_norm_lstm>(totals);
    check<layer_norm_gru>(totals);
    support::tell(totals);
}
