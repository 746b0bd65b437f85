// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>

#include "support/gradients.hpp"
#include "support/narrow_cell.hpp"

using namespace xrnn;

TEST_CASE("gradients of the LSTM with projection: one entry, a vector and a rest, all units") {
    using in = input<3, double>;
    support::gradient_totals totals;
    support::check_gradients("one entry", sequential{in{}, projected_lstm<3, 1>{}}, totals);
    support::check_gradients("fewer vectors than the units have",
                             sequential{in{}, projected_lstm<17, 5, return_sequences>{}}, totals);
    support::check_gradients("as many entries as units, no bias",
                             sequential{in{}, projected_lstm<4, 4, use_bias<false>>{}}, totals);
    support::check_gradients(
        "other activations, below a layer of the same cell",
        sequential{in{},
                   projected_lstm<10, 4, return_sequences, recurrent_activation<hard_sigmoid>,
                                  activation<sigmoid>>{},
                   projected_lstm<5, 3>{}},
        totals, 4);
    support::check_gradients("both directions",
                             sequential{in{},
                                        bidirectional<projected_lstm<5, 2, return_sequences>>{},
                                        bidirectional<projected_lstm<4, 3>, merge::mul>{}},
                             totals);
    support::tell(totals);
}

TEST_CASE("gradients where vectors of two widths are computed together") {
    using in = input<3, double>;
    support::gradient_totals totals;
    support::check_gradients("one vector",
                             sequential{in{}, recurrent<support::narrow_cell<3>, 4>{}}, totals);
    support::check_gradients(
        "several", sequential{in{}, recurrent<support::narrow_cell<5>, 18, return_sequences>{}},
        totals);
    support::tell(totals);
}
