// SPDX-License-Identifier: BSD-3-Clause
// A model that does not begin with its input.
// expect: static.*xrnn: begin the model with its input: sequential\{input<Features>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{lstm<4>{}, dense<1>{}};
}
