// SPDX-License-Identifier: BSD-3-Clause
// A layer without units.
// expect: static.*xrnn: a layer needs at least one unit
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<0>{}};
}
