// SPDX-License-Identifier: BSD-3-Clause
// A second input in the middle.
// expect: static.*xrnn: remove this input: a model has one, at its beginning
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, input<4>{}, dense<1>{}};
}
