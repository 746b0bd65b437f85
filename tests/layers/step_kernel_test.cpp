// SPDX-License-Identifier: BSD-3-Clause
#include "support/step.hpp"
#include <xrnn/cells/dense.hpp>
#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>
#include <xrnn/cells/simple_rnn.hpp>

namespace {

template <class Cell, class T>
support::findings check_cell() {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<T>;
    using full = xrnn::full_precision;
    support::findings found;
    support::check_units<Cell, T, full, 1, 2, 3, lanes - 1, lanes, lanes + 1, 24, 40, 80>(found);
    support::check<Cell, T, 24, full>(std::integral_constant<std::size_t, 1>{}, found);
    support::check<Cell, T, 4, full>(std::integral_constant<std::size_t, 145>{}, found);
    return found;
}

template <class Cell>
void check_types(std::string const& name) {
    support::findings const single = check_cell<Cell, float>();
    support::findings const twice = check_cell<Cell, double>();
    MESSAGE(name, ": ", single.checked + twice.checked, " shapes, largest difference ",
            single.worst, " and ", twice.worst, " epsilon (float, double)");
}

template <class Cell>
constexpr std::size_t runs_of_first_phase = [] {
    using stepper = xrnn::detail::step_kernel<Cell, float, 8>;
    using phases = typename stepper::plan::phases;
    return stepper::template runs<typename xrnn::detail::first_of<phases>::type>::size;
}();

} // namespace

TEST_CASE("the step of a stream against the kernel of batches") {
    check_types<xrnn::lstm_cell<>>("lstm");
    check_types<xrnn::gru_cell<>>("gru");
    check_types<xrnn::gru_cell_reset_before<>>("gru, reset before");
    check_types<xrnn::simple_rnn_cell<>>("simple_rnn");
    check_types<xrnn::dense_cell<xrnn::relu>>("dense");
    check_types<xrnn::dense_cell<xrnn::softmax>>("dense, softmax");
}

TEST_CASE("weights beyond the first cache, in several groups, the last of them narrower") {
    support::findings found;
    support::check_units<xrnn::lstm_cell<>, float, xrnn::full_precision, 72, 100>(found);
    // one group, too large for the cache: in pieces
    support::check<xrnn::lstm_cell<>, float, 16, xrnn::full_precision>(
        std::integral_constant<std::size_t, 145>{}, found);
    CHECK(found.checked == 6);
}

TEST_CASE("runs: sources that feed the same sums are one product") {
    CHECK(runs_of_first_phase<xrnn::lstm_cell<>> == 1);
    CHECK(runs_of_first_phase<xrnn::gru_cell<>> == 2); // the candidate's halves stay apart
    CHECK(runs_of_first_phase<xrnn::simple_rnn_cell<>> == 1);
}
