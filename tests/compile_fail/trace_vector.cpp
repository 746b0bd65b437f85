// SPDX-License-Identifier: BSD-3-Clause
// A vector instead of a sequence.
// expect: static.*xrnn: give trace one sequence, \(time, features\)
#include <xrnn/models/trace.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dense<1>{}};
    xt::xtensor<float, 1> const x(std::array<std::size_t, 1>{3});
    trace(model, x);
}
