// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/cells/dense.hpp>
#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>

#include "support/step.hpp"

namespace {

template <class Cell, class Weights>
support::findings check_cell() {
    constexpr std::size_t lanes = xrnn::simd::max_lanes<float>;
    support::findings found;
    support::check_units<Cell, float, Weights, 1, 3, lanes + 1, 40, 80>(found);
    support::check<Cell, float, 4, Weights>(std::size_t{300}, found);
    // a known number of features; the last is more than are rounded at a time
    support::check<Cell, float, 24, Weights>(std::integral_constant<std::size_t, 1>{}, found);
    support::check<Cell, float, 4, Weights>(std::integral_constant<std::size_t, 33>{}, found);
    support::check<Cell, float, 4, Weights>(std::integral_constant<std::size_t, 1027>{}, found);
    return found;
}

template <class Cell>
void check_bfloat16(std::string const& name) {
    support::findings const expanded = check_cell<Cell, xrnn::bfloat16>();
    support::findings const dotted = check_cell<Cell, xrnn::bfloat16_dot>();
    MESSAGE(name, ": ", expanded.checked + dotted.checked, " shapes, largest difference ",
            expanded.worst, " and ", dotted.worst, " epsilon (bfloat16, bfloat16_dot)");
}

} // namespace

TEST_CASE("bfloat16 weights: as the kernel of batches with rounded weights") {
    check_bfloat16<xrnn::lstm_cell<>>("lstm");
    check_bfloat16<xrnn::gru_cell<>>("gru");
    check_bfloat16<xrnn::gru_cell_reset_before<>>("gru, reset before");
    check_bfloat16<xrnn::dense_cell<xrnn::relu>>("dense");
}
