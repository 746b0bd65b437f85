// SPDX-License-Identifier: BSD-3-Clause
// A recurrent layer behind one that returns its last step only, in a whole program.
// expect: static.*xrnn: add return_sequences to the recurrent layer before this one
// expect-line: layer_at<2, .*gru_cell.*, 2>, .*4, false
#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>
#include <xrnn/models/summary.hpp>
#include <xrnn/training/trainer.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, gru<2>{}, dense<1>{}};
    xt::xtensor<float, 3> const x(std::array<std::size_t, 3>{2, 10, 3});
    xt::xtensor<float, 1> const y(std::array<std::size_t, 1>{2});
    auto trainer = compile(model, mse{}, adam{}, accuracy{});
    trainer.fit(x, y, {.epochs = 2});
    model.predict(x);
    packed const weights{model};
    stream s{weights};
    return static_cast<int>(model.summary().size());
}
