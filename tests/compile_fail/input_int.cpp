// SPDX-License-Identifier: BSD-3-Clause
// Whole numbers.
// expect: static.*xrnn: an input carries float or double
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3, int>{}, lstm<4>{}, dense<1>{}};
}
