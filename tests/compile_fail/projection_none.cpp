// SPDX-License-Identifier: BSD-3-Clause
// A projection to nothing.
// expect: static.*xrnn: a projection needs at least one entry
// most-lines: 45
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, projected_lstm<4, 0>{}, dense<1>{}};
}
