// SPDX-License-Identifier: BSD-3-Clause
// An option that does not exist.
// expect: static.*xrnn: unknown option of a recurrent layer; there are return_sequences, use_bias<false>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4, relu>{}, dense<1>{}};
}
