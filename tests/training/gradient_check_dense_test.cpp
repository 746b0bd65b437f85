// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include "support/gradients.hpp"

using namespace xrnn;
using support::check_gradients;

namespace {

using in = input<3, double>;
using last = simple_rnn<4>;
using all = simple_rnn<4, return_sequences>;

/// Targets of which each row adds up to 1.
template <class Model>
auto distributions() {
    return [](std::size_t time, std::size_t batch) {
        auto targets = support::random_targets<Model>()(time, batch);
        std::size_t const n = Model::output_shape.features;
        for (std::size_t row = 0; row < targets.size() / n; ++row) {
            double total = 0;
            for (std::size_t k = 0; k < n; ++k)
                total += targets.data()[row * n + k];
            for (std::size_t k = 0; k < n; ++k)
                targets.data()[row * n + k] /= total;
        }
        return targets;
    };
}

template <class Model>
void check_categorical(Model model, support::gradient_totals& totals) {
    for (std::size_t const time : {1u, 2u, 7u})
        for (std::size_t const batch : {1u, 3u})
            support::check_gradient(model, categorical_crossentropy{}, time, batch,
                                    distributions<Model>(), totals, 1);
}

} // namespace

TEST_CASE("gradients of dense, each activation, on vectors and on sequences") {
    support::gradient_totals totals;
    check_gradients("linear", sequential{in{}, last{}, dense<2>{}}, totals);
    check_gradients("relu", sequential{in{}, last{}, dense<9, relu>{}}, totals, 4);
    check_gradients("tanh, no bias",
                    sequential{in{}, last{}, dense<2, xrnn::tanh, use_bias<false>>{}}, totals);
    check_gradients("sigmoid on sequences", sequential{in{}, all{}, dense<2, sigmoid>{}}, totals);
    check_gradients("softmax", sequential{in{}, last{}, dense<3, softmax>{}}, totals);
    check_gradients("dense alone", sequential{in{}, dense<2, xrnn::tanh>{}}, totals);
    support::tell(totals);
}

TEST_CASE("gradients of each loss, on vectors and on sequences") {
    support::gradient_totals totals;
    sequential const probability{in{}, last{}, dense<2, sigmoid>{}};
    sequential const probabilities{in{}, all{}, dense<1, sigmoid>{}};
    check_gradients("mae", probability, totals, 4, mean_absolute_error{});
    check_gradients("mae on sequences", probabilities, totals, 4, mean_absolute_error{});
    check_gradients("binary", probability, totals, 1, binary_crossentropy{});
    check_gradients("binary on sequences", probabilities, totals, 1, binary_crossentropy{});
    check_categorical(sequential{in{}, last{}, dense<3, softmax>{}}, totals);
    check_categorical(sequential{in{}, all{}, dense<3, softmax>{}}, totals);
    // probabilities that do not add up to 1 are divided by their sum
    check_categorical(sequential{in{}, last{}, dense<3, sigmoid>{}}, totals);
    support::tell(totals);
}
