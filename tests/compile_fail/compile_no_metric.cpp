// SPDX-License-Identifier: BSD-3-Clause
// Something that is no metric.
// expect: static.*xrnn: what follows the optimizer must be metrics: accuracy
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    auto trainer = compile(model, mse{}, adam{}, relu{});
}
