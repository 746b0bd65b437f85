// SPDX-License-Identifier: BSD-3-Clause
// A model without layers.
// expect: static.*xrnn: add a layer behind the input
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}};
}
