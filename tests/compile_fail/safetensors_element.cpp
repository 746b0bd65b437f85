// SPDX-License-Identifier: BSD-3-Clause
// An element type that the file format does not know.
// expect: no matching function for call to .*make_tensor
#include <xrnn/io/safetensors.hpp>

#include <span>
#include <vector>

int main() {
    std::vector<long double> const values{1.L};
    xrnn::safetensors::make_tensor("a", {1}, std::span(values));
}
