// SPDX-License-Identifier: BSD-3-Clause
// A table instead of a batch of sequences.
// expect: static.*xrnn: x must be a batch of sequences, \(rows, time, features\)
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    xt::xtensor<float, 2> const x(std::array<std::size_t, 2>{10, 3});
    xt::xtensor<float, 1> const y(std::array<std::size_t, 1>{10});
    compile(model, mse{}, adam{}).fit(x, y);
}
