// SPDX-License-Identifier: BSD-3-Clause
// expect-success
#include <xrnn/io/safetensors.hpp>

#include <span>
#include <vector>

int main() {
    std::vector<float> const values{1.F};
    return static_cast<int>(
        xrnn::safetensors::make_tensor("a", {1}, std::span(values)).shape.size());
}
