// SPDX-License-Identifier: BSD-3-Clause
// A time step of another width than the model.
// expect: static.*xrnn: give step one time step, with as many values as the model has features
#include <array>

#include <xrnn/models/stream.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    packed const weights{model};
    stream s{weights};
    std::array<float, 2> const x{};
    s.step(x);
}
