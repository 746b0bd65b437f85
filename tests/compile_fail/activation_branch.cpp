// SPDX-License-Identifier: BSD-3-Clause
// An activation of one's own with a branch.
// expect: static.*xrnn: .*write xrnn::simd::select\(a < b, x, y\), min or max
// most-lines: 50
#include <xrnn/models/sequential.hpp>

using namespace xrnn;

struct leaky {
    static constexpr std::string_view name = "leaky";
    auto operator()(auto const& x) const { return x > 0 ? x : x * 0.01; }
};

int main() {
    sequential model{input<3>{}, lstm<4, activation<leaky>>{}, dense<1>{}};
}
