// SPDX-License-Identifier: BSD-3-Clause
//
// Cells that scan over time, against the same cells one step after the other.
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/training/trainer.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

/// The same cell, which says nothing of a scan.
template <class Cell>
struct stepping : Cell {
    static constexpr bool scans_over_time = false;
};

template <class Cell, class T, std::size_t Units>
void check(std::size_t time, std::size_t batch, double tolerance) {
    static_assert(detail::ScansOverTime<Cell> && !detail::ScansOverTime<stepping<Cell>>);
    auto scanned = sequential{input<3, T>{}, recurrent<Cell, Units, return_sequences>{}};
    auto stepped = sequential{input<3, T>{}, recurrent<stepping<Cell>, Units, return_sequences>{}};
    support::randomize(scanned, 3);
    std::copy(scanned.flat().begin(), scanned.flat().end(), stepped.flat().begin());
    auto const x = support::tensor<T, 3>({batch, time, 3}, 4);
    std::vector<std::size_t> lengths(batch, time);
    for (std::size_t r = 1; r < batch; r += 2)
        lengths[r] = time / 2;
    CAPTURE(time);
    CAPTURE(batch);
    auto const largest = [](auto const& a, auto const& b) {
        return static_cast<double>(xt::amax(xt::abs(a - b))());
    };
    CHECK(largest(scanned.predict(x), stepped.predict(x)) <= tolerance);
    CHECK(largest(scanned.predict(x, lengths), stepped.predict(x, lengths)) <= tolerance);

    // the gradient, by way of a step of sgd
    auto const y = support::tensor<T, 3>({batch, time, Units}, 5);
    fit_options const options{.batch_size = batch, .verbose = 0, .lengths = lengths};
    compile(scanned, mean_squared_error{}, sgd{.learning_rate = 1}).fit(x, y, options);
    compile(stepped, mean_squared_error{}, sgd{.learning_rate = 1}).fit(x, y, options);
    double worst = 0;
    for (std::size_t k = 0; k < scanned.flat().size(); ++k)
        worst = std::max(worst, std::abs(static_cast<double>(scanned.flat()[k]) -
                                         static_cast<double>(stepped.flat()[k])));
    CHECK(worst <= tolerance);
}

template <class Cell>
void check_all() {
    for (auto const& [time, batch] :
         {std::pair{1u, 1u}, {7u, 1u}, {1500u, 1u}, {20u, 3u}, {200u, 5u}, {3u, 600u}}) {
        check<Cell, double, 1>(time, batch, 1e-12);
        check<Cell, double, 9>(time, batch, 1e-12);
        check<Cell, float, 17>(time, batch, 2e-6);
    }
}

} // namespace

TEST_CASE("a scan over time gives what the steps give, and the gradient too") {
    check_all<min_gru_cell<>>();
    check_all<min_lstm_cell<>>();
}

TEST_CASE("a·h + b: what is linear in h, and its factors") {
    using line = simd::linear<double>;
    line const h{1, 0};
    auto const same = [](line const& x, double a, double b) {
        CHECK(x.a == doctest::Approx(a));
        CHECK(x.b == doctest::Approx(b));
    };
    same(3.0 * h + 4.0, 3, 4);
    same(4.0 - h * 3.0, -3, 4);
    same((h + h - 1.0) / 2.0, 1, -0.5);
    same(-(1.0 + h), -1, -1);
    same(2.0 * h - (h - 5.0), 1, 5);
}
