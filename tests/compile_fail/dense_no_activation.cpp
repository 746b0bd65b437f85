// SPDX-License-Identifier: BSD-3-Clause
// A loss where dense wants an activation.
// expect: static.*xrnn: the activation of a gate or candidate is a type that is called on a value
// most-lines: 50
#include <xrnn/models/predict.hpp>
#include <xrnn/training/losses.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1, mse>{}};
    model.predict(xt::xtensor<float, 3>(std::array<std::size_t, 3>{2, 10, 3}));
}
