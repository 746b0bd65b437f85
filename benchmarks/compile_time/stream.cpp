// SPDX-License-Identifier: BSD-3-Clause
//
// The smallest program that streams: LSTM(1 -> 20) and dense(1) over the numbers of standard input.
#include <cstdio>

#include <xrnn/models/stream.hpp>

using namespace xrnn;

int main() {
    auto const weights = packed{sequential{input<1>{}, lstm<20>{}, dense<1>{}}};
    auto s = stream{weights};
    for (float x = 0; std::scanf("%f", &x) == 1;)
        std::printf("%g\n", static_cast<double>(s.step(x)));
    return 0;
}
