// SPDX-License-Identifier: BSD-3-Clause
// Something that has no hook of a callback.
// expect: static.*xrnn: what follows fit's options must be callbacks: early_stopping
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

struct typo {
    void on_epoch_ends(auto&, std::size_t, logs const&) {}
};

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    auto trainer = compile(model, binary_crossentropy{}, adam{});
    xt::xtensor<float, 3> x({2, 2, 3});
    xt::xtensor<float, 1> y({2});
    trainer.fit(x, y, {.epochs = 1}, typo{});
}
