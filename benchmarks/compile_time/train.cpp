// SPDX-License-Identifier: BSD-3-Clause
//
// A small program that trains: everything through xrnn.hpp.
#include <iostream>

#include <xrnn/xrnn.hpp>

using namespace xrnn;

int main() {
    xt::xtensor<float, 3> x({64, 10, 5});
    xt::xtensor<float, 1> y = xt::zeros<float>({64});
    for (std::size_t k = 0; k < x.size(); ++k)
        x.data()[k] = static_cast<float>(k % 7) / 7;
    for (std::size_t k = 0; k < y.size(); ++k)
        y(k) = x(k, 9, 0);
    auto model = sequential{input<5>{}, lstm<16>{}, dense<1>{}};
    auto trainer = compile(model, mse{}, adam{});
    trainer.fit(x, y, {.epochs = 3});
    std::cout << trainer.evaluate(x, y)["loss"] << "\n";
    return 0;
}
