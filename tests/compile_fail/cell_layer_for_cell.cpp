// SPDX-License-Identifier: BSD-3-Clause
// A layer where recurrent wants a cell.
// expect: static.*xrnn: a cell has a name, states, an output and a flow
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, recurrent<lstm<4>, 4>{}, dense<1>{}};
}
