// SPDX-License-Identifier: BSD-3-Clause
// One sequence instead of a batch.
// expect: static.*xrnn: give predict a batch of sequences
#include <xrnn/models/predict.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    xt::xtensor<float, 2> const x(std::array<std::size_t, 2>{10, 3});
    model.predict(x);
}
