// SPDX-License-Identifier: BSD-3-Clause
// A projection to more entries than the layer has units.
// expect: static.*xrnn: a vector of a cell is wider than its layer has units
// most-lines: 45
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, projected_lstm<4, 5>{}, dense<1>{}};
}
