// SPDX-License-Identifier: BSD-3-Clause
// An element type that the file format does not know.
// expect: static.*a safetensors file holds float, double and integers of 8 to 64 bits; convert
#include <xrnn/io/safetensors.hpp>

#include <span>
#include <vector>

int main() {
    std::vector<long double> const values{1.L};
    xrnn::safetensors::make_tensor("a", {1}, std::span(values));
}
