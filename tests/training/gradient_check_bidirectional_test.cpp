// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>

#include "support/gradients.hpp"

using namespace xrnn;

TEST_CASE("gradients of both directions, merged in each way") {
    support::gradient_totals totals;
    using in = input<3, double>;
    using seq = return_sequences;
    using support::check_gradients;
    check_gradients("concat", sequential{in{}, bidirectional<lstm<3>>{}, dense<2>{}}, totals);
    check_gradients("sequences", sequential{in{}, bidirectional<gru<3, seq>>{}}, totals);
    check_gradients("sum", sequential{in{}, bidirectional<gru<3, seq>, merge::sum>{}}, totals);
    check_gradients("mul", sequential{in{}, bidirectional<lstm<3, seq>, merge::mul>{}}, totals);
    check_gradients("ave, last", sequential{in{}, bidirectional<lstm<3>, merge::ave>{}}, totals);
    check_gradients("mul, last", sequential{in{}, bidirectional<gru<9>, merge::mul>{}}, totals);
    check_gradients("in a stack",
                    sequential{in{}, stacked<bidirectional<lstm<3>>, bidirectional<gru<2>>>{}},
                    totals);
    support::tell(totals);
}
