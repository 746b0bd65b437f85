// SPDX-License-Identifier: BSD-3-Clause
// A number where a layer should be.
// expect: static.*xrnn: remove this part or derive it from a layer
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, 4, dense<1>{}};
}
