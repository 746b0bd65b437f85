// SPDX-License-Identifier: BSD-3-Clause
// Something that is no loss.
// expect: static.*xrnn: the second argument of compile must be a loss: mean_squared_error
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    auto trainer = compile(model, accuracy{}, adam{});
}
