// SPDX-License-Identifier: BSD-3-Clause
//
// Gradients of the losses with settings. Those without are in gradient_check_dense_test.cpp.
#include <doctest/doctest.h>

#include "support/gradients.hpp"

using namespace xrnn;

namespace {

using in = input<3, double>;
using last = simple_rnn<4>;
using all = simple_rnn<4, return_sequences>;

template <class Model, class Loss, class Targets>
void check(Model model, Loss loss, Targets const& targets, support::gradient_totals& totals) {
    for (std::size_t const time : {1u, 2u, 7u})
        for (std::size_t const batch : {1u, 3u})
            support::check_gradient(model, loss, time, batch, targets, totals, 4);
}

/// Class numbers 0 ... classes - 1, one a row or one a step.
template <class Model>
auto labels(bool one_hot) {
    return [one_hot](std::size_t time, std::size_t batch) {
        constexpr std::size_t n = Model::output_shape.features;
        std::size_t const steps = Model::output_shape.sequence ? time : 1;
        xt::xtensor<double, 3> y(
            std::array<std::size_t, 3>{batch, steps, one_hot ? n : std::size_t{1}}, 0.0);
        for (std::size_t k = 0; k < batch * steps; ++k)
            if (one_hot)
                y.data()[k * n + (k * 7 + 1) % n] = 1;
            else
                y.data()[k] = static_cast<double>((k * 7 + 1) % n);
        using shape = typename xt::xarray<double>::shape_type;
        xt::xarray<double> result = y;
        result.reshape(Model::output_shape.sequence ? shape{batch, steps, y.shape()[2]}
                                                    : shape{batch, y.shape()[2]});
        return result;
    };
}

} // namespace

TEST_CASE("gradients of huber and of crossentropies of logits, smoothed and of class numbers") {
    support::gradient_totals totals;
    sequential const line{in{}, last{}, dense<2>{}};
    sequential const lines{in{}, all{}, dense<2>{}};
    auto const real = support::random_targets<decltype(line)>();
    auto const reals = support::random_targets<decltype(lines)>();
    check(line, huber{}, real, totals);
    check(lines, huber{.delta = 0.2}, reals, totals);
    check(line, binary_crossentropy{.from_logits = true}, real, totals);
    check(lines, binary_crossentropy{.from_logits = true, .label_smoothing = 0.2}, reals, totals);
    check(sequential{in{}, last{}, dense<2, sigmoid>{}},
          binary_crossentropy{.label_smoothing = 0.1}, real, totals);
    sequential const logits{in{}, last{}, dense<4>{}};
    sequential const many_logits{in{}, all{}, dense<4>{}};
    sequential const shares{in{}, last{}, dense<4, softmax>{}};
    auto const hot = labels<decltype(logits)>(true), number = labels<decltype(logits)>(false);
    auto const hots = labels<decltype(many_logits)>(true),
               numbers = labels<decltype(many_logits)>(false);
    check(logits, categorical_crossentropy{.from_logits = true}, hot, totals);
    check(many_logits, categorical_crossentropy{.from_logits = true, .label_smoothing = 0.1}, hots,
          totals);
    check(shares, categorical_crossentropy{.label_smoothing = 0.1}, hot, totals);
    check(shares, sparse_categorical_crossentropy{}, number, totals);
    check(logits, sparse_categorical_crossentropy{.from_logits = true}, number, totals);
    check(many_logits, sparse_categorical_crossentropy{.from_logits = true}, numbers, totals);
    support::tell(totals);
}
