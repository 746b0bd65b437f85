// SPDX-License-Identifier: BSD-3-Clause
//
// The forward half below the models: that a step computes what it should is shown by tests/cells; here
// that its three passes agree, that rows do not influence each other, and what it keeps.
#include <doctest/doctest.h>

#include <cstring>

#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>
#include <xrnn/cells/simple_rnn.hpp>
#include <xrnn/layers/kernel.hpp>

#include "support/cell.hpp"

namespace {

using xrnn::pass;

/// Outputs (time, batch, units) of a run, without padding.
template <class Run, class T>
std::vector<T> outputs(Run const& run, std::vector<T> const& records) {
    std::vector<T> result;
    for (std::size_t t = 0; t < run.time; ++t)
        for (std::size_t b = 0; b < run.batch; ++b)
            result.insert(result.end(), run.output(records, t, b),
                          run.output(records, t, b) + run.units);
    return result;
}

template <class Cell>
void passes_agree() {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<float>;
    for (std::size_t const units : {std::size_t{3}, lanes + 1})
        for (std::size_t const batch : {1u, 5u}) {
            support::cell_run<Cell, float, lanes> const run(units, 4, 3, batch, true, 5);
            std::vector<float> extra;
            std::vector<float> const inferred = outputs(run, run.run());
            CHECK(inferred == outputs(run, run.template run<pass::train>(&extra)));
            CHECK(inferred == outputs(run, run.template run<pass::trace>(&extra)));
        }
}

template <class Cell>
void rows_are_independent() {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<double>;
    for (std::size_t const batch : {2u, 4u, 5u, 9u}) {
        support::cell_run<Cell, double, lanes> const together(lanes + 1, 7, 4, batch, true, 5);
        std::vector<double> const records = together.run();
        for (std::size_t b = 0; b < batch; ++b) {
            support::cell_run<Cell, double, lanes> alone(lanes + 1, 7, 4, 1, true, 5);
            for (std::size_t t = 0; t < 4; ++t)
                std::copy_n(together.x.data() + (t * batch + b) * 10, 10, alone.x.data() + t * 10);
            std::size_t const size = alone.initial.size();
            std::copy_n(together.initial.data() + b * size, size, alone.initial.data());
            std::vector<double> const own = alone.run();
            for (std::size_t t = 0; t < 4; ++t)
                for (std::size_t u = 0; u < lanes + 1; ++u)
                    CHECK(together.output(records, t, b)[u] == alone.output(own, t, 0)[u]);
        }
    }
}

/// As above; and weights that fit the first cache, the second and neither.
template <class Cell>
int single_rows_agree() {
    int checked = 0;
    support::over_types([&]<class T, std::size_t W>(std::size_t units, std::size_t features,
                                                    std::size_t time, std::size_t batch,
                                                    bool with_bias, std::uint64_t seed) {
        support::cell_run<Cell, T, W> const run(units, features, time, batch, with_bias, seed);
        std::vector<T> const together = outputs(run, run.run());
        CHECK(outputs(run, run.run_row_by_row()) == together);
        CHECK(outputs(run, run.run_from_starts()) == together);
        ++checked;
    });
    constexpr std::size_t lanes = xrnn::simd::max_lanes<float>;
    for (std::size_t const units : {std::size_t{64}, std::size_t{200}}) {
        support::cell_run<Cell, float, lanes> const run(units, 4, 3, 2, true, 5);
        std::vector<float> const together = outputs(run, run.run());
        CHECK(outputs(run, run.run_row_by_row()) == together);
        CHECK(outputs(run, run.run_from_starts()) == together);
        ++checked;
    }
    return checked;
}

} // namespace

TEST_CASE("a row alone, and from a start computed before, gives the same bits") {
    int const checked = single_rows_agree<xrnn::lstm_cell<>>() +
                        single_rows_agree<xrnn::gru_cell<>>() +
                        single_rows_agree<xrnn::gru_cell_reset_before<>>() +
                        single_rows_agree<xrnn::simple_rnn_cell<>>();
    MESSAGE(checked, " shapes");
}

TEST_CASE("inference, training and trace give the same bits") {
    passes_agree<xrnn::lstm_cell<>>();
    passes_agree<xrnn::gru_cell<>>();
    passes_agree<xrnn::gru_cell_reset_before<>>();
    passes_agree<xrnn::simple_rnn_cell<>>();
}

TEST_CASE("a row's bits do not depend on the rows beside it") {
    rows_are_independent<xrnn::lstm_cell<>>();
    rows_are_independent<xrnn::gru_cell_reset_before<>>();
}

TEST_CASE("partials: only those that are structurally there are kept") {
    using vec = double;
    using cell_state = xrnn::detail::jacobian_of<xrnn::lstm_cell<>::cell_state, vec>;
    CHECK(cell_state::mask<0> == 0b1111u); // c by i, f, g and c_{t-1}
    using hidden_state = xrnn::detail::jacobian_of<xrnn::lstm_cell<>::hidden_state, vec>;
    CHECK(hidden_state::mask<0> == 0b11u); // h by o and c
    CHECK(xrnn::detail::cell_kernel<xrnn::lstm_cell<>, vec, 1>::partials::total == 6);
    using gru = xrnn::detail::jacobian_of<xrnn::gru_cell<>::equations, vec>;
    CHECK(gru::size == 5);
    using reset = xrnn::detail::jacobian_of<xrnn::gru_cell_reset_before<>::reset, vec>;
    CHECK(reset::mask<0> == 0b001u); // z_t by z
    CHECK(reset::mask<1> == 0b110u); // r∘h by r and h
    CHECK(reset::size == 3);
    using plain = xrnn::detail::jacobian_of<xrnn::simple_rnn_cell<>::equations, vec>;
    CHECK(plain::size == 1);
}

TEST_CASE("packed weights: size, and zeros for units that do not exist") {
    using kernel = xrnn::detail::cell_kernel<xrnn::simple_rnn_cell<>, float, 4>;
    if constexpr (xrnn::simd::has_batch<float, 4>) {
        CHECK(kernel::padded(3) == 4);
        CHECK(kernel::tiles(5) == 2);
        // one tile of 3 units: bias, two rows of kernel, three of recurrent_kernel, four lanes each
        CHECK(kernel::packed_size(3, 2) == 4 * (1 + 2 + 3));
        std::vector<float> const w{1, 2, 3, 4, 5, 6}, u{1, 2, 3, 4, 5, 6, 7, 8, 9}, b{7, 8, 9};
        std::vector<float> packed(24, -1);
        kernel::pack({w.data(), u.data(), b.data()}, 3, 2, packed.data());
        CHECK(packed == std::vector<float>{7, 8, 9, 0, 1, 2, 3, 0, 4, 5, 6, 0,
                                           1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0});
        kernel::pack({w.data(), u.data(), nullptr}, 3, 2, packed.data());
        CHECK(std::vector<float>(packed.begin(), packed.begin() + 4) == std::vector<float>(4, 0));
    }
}
