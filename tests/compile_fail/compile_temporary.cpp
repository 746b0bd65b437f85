// SPDX-License-Identifier: BSD-3-Clause
// A trainer would refer to a model that is gone.
// expect: static.*xrnn: make the model a variable
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

int main() {
    auto trainer = compile(sequential{input<3>{}, lstm<4>{}, dense<1>{}}, mse{}, adam{});
}
