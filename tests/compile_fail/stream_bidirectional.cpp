// SPDX-License-Identifier: BSD-3-Clause
// A layer that needs the whole sequence, in a stream.
// expect: static.*xrnn: use predict for a model with a bidirectional layer
#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/models/stream.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, bidirectional<lstm<4>>{}, dense<1>{}};
    packed const weights{model};
    stream s{weights};
    return s.step(std::array<float, 3>{})[0] > 0;
}
