// SPDX-License-Identifier: BSD-3-Clause
// Something that is no optimizer.
// expect: static.*xrnn: the third argument of compile must be an optimizer: sgd
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    auto trainer = compile(model, mse{}, accuracy{});
}
