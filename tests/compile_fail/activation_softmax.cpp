// SPDX-License-Identifier: BSD-3-Clause
// softmax looks at all units, so it cannot be a gate's activation.
// expect: static.*xrnn: the activation of a gate or candidate is a type that is called on a value
// most-lines: 45
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4, recurrent_activation<softmax>>{}, dense<1>{}};
}
