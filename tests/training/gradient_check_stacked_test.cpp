// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include "support/gradients.hpp"

using namespace xrnn;
using support::check_gradients;

TEST_CASE("gradients of simple_rnn, each option") {
    support::gradient_totals totals;
    using in = input<3, double>;
    check_gradients("simple_rnn", sequential{in{}, simple_rnn<3>{}}, totals);
    check_gradients("wider, sequences, no bias",
                    sequential{in{}, simple_rnn<9, return_sequences, use_bias<false>>{}}, totals);
    check_gradients("relu", sequential{in{}, simple_rnn<3, activation<relu>>{}}, totals, 4);
    support::tell(totals);
}

TEST_CASE("gradients through several layers, dropout between them, a dynamic input") {
    support::gradient_totals totals;
    check_gradients("the document's stack",
                    sequential{input<5, double>{}, stacked<lstm<6>, lstm<3>>{.dropout = 0.2},
                               dropout{0.2}, dense<2, relu>{}, dense<1, relu>{}},
                    totals, 6);
    check_gradients("gru and lstm, dropout first, dynamic",
                    sequential{input<dynamic, double>{4}, dropout{0.3},
                               stacked<gru<5>, lstm<3>>{.dropout = 0.5}, dense<2, sigmoid>{}},
                    totals);
    check_gradients("sequences all the way",
                    sequential{input<2, double>{}, dense<3, xrnn::tanh>{},
                               gru<2, return_sequences>{}, dropout{0.5}, dense<2>{}},
                    totals);
    support::tell(totals);
}

TEST_CASE("gradients of batches that go back some steps at a time, of rows of different lengths") {
    support::gradient_totals totals;
    lstm<2, return_sequences> masked{};
    masked.recurrent_dropout = 0.4;
    auto model = sequential{input<1, double>{}, masked, gru<1>{}, dense<1>{}};
    auto const targets = support::random_targets<decltype(model)>();
    std::size_t const batch = 130, time = 3; // two steps at a time, then one
    std::vector<std::size_t> lengths(batch);
    for (std::size_t row = 0; row < batch; ++row)
        lengths[row] = row % (time + 1);
    support::check_gradient(model, mean_squared_error{}, time, batch, targets, totals, 1);
    support::check_gradient(model, mean_squared_error{}, time, batch, targets, totals, 1, lengths);
    support::tell(totals);
}
