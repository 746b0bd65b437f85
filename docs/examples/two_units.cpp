// SPDX-License-Identifier: BSD-3-Clause
//
// Two steps of an LSTM with two units and one input, small enough to check by hand. docs/gates.md
// shows the output.
#include <xrnn/xrnn.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace xrnn;

int main() {
    auto model = sequential{input<1, double>{}, lstm<2, return_sequences>{}};
    auto const set = [&](char const* name, std::vector<double> const& values) {
        std::ranges::copy(values, model.parameter(name).begin());
    };
    // clang-format off
    // [weights]
    //                            i          f          g           o
    set("lstm.kernel",           {1.0, 0.5,  0.0, 1.0,  2.0, -1.0,  0.5, 0.0});
    set("lstm.recurrent_kernel", {0.5, 0.0,  1.0, 0.0,  0.5,  1.0,  0.0, 1.0,
                                  0.0, 0.5,  0.0, 1.0,  1.0,  0.5,  1.0, 0.0});
    set("lstm.bias",             {0.0, 0.0,  1.0, 1.0,  0.0,  0.0,  0.0, 0.0});
    // [/weights]
    // clang-format on

    xt::xtensor<double, 2> const x{{1.0}, {-0.5}}; // two steps of one feature
    auto const seen = trace(model, x);
    for (auto const* name : {"i", "f", "g", "o", "c", "h"}) {
        auto const& v = seen["lstm"][name];
        std::printf("%s   step 1: %8.5f %8.5f   step 2: %8.5f %8.5f\n", name, v(0, 0), v(0, 1),
                    v(1, 0), v(1, 1));
    }
    return 0;
}
