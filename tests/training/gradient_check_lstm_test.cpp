// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include "support/gradients.hpp"

using namespace xrnn;
using support::check_gradients;

TEST_CASE("gradients of lstm, each option") {
    support::gradient_totals totals;
    using in = input<3, double>;
    check_gradients("lstm", sequential{in{}, lstm<3>{}}, totals);
    check_gradients("wider than the lanes", sequential{in{}, lstm<9>{}}, totals);
    check_gradients("return_sequences", sequential{in{}, lstm<3, return_sequences>{}}, totals);
    check_gradients("use_bias<false>", sequential{in{}, lstm<3, use_bias<false>>{}}, totals);
    check_gradients("activation<relu>", sequential{in{}, lstm<3, activation<relu>>{}}, totals, 4);
    check_gradients(
        "recurrent_activation<hard_sigmoid>, linear",
        sequential{in{}, lstm<3, recurrent_activation<hard_sigmoid>, activation<linear>>{}}, totals,
        4);
    support::tell(totals);
}
