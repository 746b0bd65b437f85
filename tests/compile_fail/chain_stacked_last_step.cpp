// SPDX-License-Identifier: BSD-3-Clause
// A stack behind a layer that returns its last step only.
// expect: static.*xrnn: add return_sequences to the recurrent layer before this one
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<3>{}, lstm<4>{}, dropout{0.1}, stacked<gru<2>, gru<2>>{}};
}
