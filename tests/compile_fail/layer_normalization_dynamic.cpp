// SPDX-License-Identifier: BSD-3-Clause
// Parameters for each feature, of which nobody knows the number.
// expect: static.*xrnn: layer_normalization has parameters for each feature, so their number must be known
// most-lines: 45
#include <xrnn/layers/layer_normalization.hpp>
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

int main() {
    sequential model{input<dynamic>{}, layer_normalization{}, lstm<4>{}, dense<1>{}};
}
