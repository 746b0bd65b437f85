// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include "support/gradients.hpp"

using namespace xrnn;
using support::check_gradients;

TEST_CASE("gradients of gru, each option") {
    support::gradient_totals totals;
    using in = input<3, double>;
    using before = reset_after<false>;
    check_gradients("gru", sequential{in{}, gru<3>{}}, totals);
    check_gradients("wider than the lanes", sequential{in{}, gru<9>{}}, totals);
    check_gradients("return_sequences", sequential{in{}, gru<3, return_sequences>{}}, totals);
    check_gradients("use_bias<false>", sequential{in{}, gru<3, use_bias<false>>{}}, totals);
    check_gradients(
        "hard_sigmoid, relu",
        sequential{in{}, gru<3, recurrent_activation<hard_sigmoid>, activation<relu>>{}}, totals,
        4);
    check_gradients("reset_after<false>", sequential{in{}, gru<3, before>{}}, totals);
    check_gradients("reset_after<false>, wider", sequential{in{}, gru<9, before>{}}, totals);
    check_gradients("reset_after<false>, sequences, no bias",
                    sequential{in{}, gru<3, before, return_sequences, use_bias<false>>{}}, totals);
    check_gradients(
        "reset_after<false>, hard_sigmoid, linear",
        sequential{in{}, gru<3, before, recurrent_activation<hard_sigmoid>, activation<linear>>{}},
        totals, 4);
    support::tell(totals);
}
