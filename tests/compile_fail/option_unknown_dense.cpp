// SPDX-License-Identifier: BSD-3-Clause
// An option that dense does not have.
// expect: static.*xrnn: unknown option of a dense layer; there is use_bias<false>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1, linear, return_sequences>{}};
}
