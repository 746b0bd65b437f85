// SPDX-License-Identifier: BSD-3-Clause
// gradient_check of a model of floats.
// expect: static.*xrnn: gradient_check needs double: sequential\{input<N, double>
#include <xrnn/training/gradient_check.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    xt::xtensor<float, 3> const x(std::array<std::size_t, 3>{2, 10, 3});
    xt::xtensor<float, 1> const y(std::array<std::size_t, 1>{2});
    gradient_check(model, mse{}, x, y);
}
