// SPDX-License-Identifier: BSD-3-Clause
// An input without features.
// expect: static.*xrnn: an input needs at least one feature
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<0>{}, lstm<4>{}, dense<1>{}};
}
