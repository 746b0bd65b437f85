// SPDX-License-Identifier: BSD-3-Clause
// A stream would refer to packed weights that are gone.
// expect: static.*xrnn: make the packed weights a variable
#include <xrnn/models/stream.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    stream s{packed{model}};
}
