// SPDX-License-Identifier: BSD-3-Clause
// Something that is no layer.
// expect: static.*xrnn: remove this part or derive it from a layer
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, relu{}, dense<1>{}};
}
