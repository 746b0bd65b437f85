// SPDX-License-Identifier: BSD-3-Clause
// Two directions of a layer that has none.
// expect: static.*xrnn: bidirectional wraps a recurrent layer
#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, bidirectional<dense<4>>{}, dense<1>{}};
}
