// SPDX-License-Identifier: BSD-3-Clause
#include "all.hpp"

#include <cstdio>
#include <span>
#include <vector>

int other();

int main() {
    std::vector<float> const values{1.F, 2.F};
    xrnn::safetensors::file const file{
        {}, {xrnn::safetensors::make_tensor("a", {2}, std::span(values))}};
    bool const same = xrnn::safetensors::parse(xrnn::safetensors::serialize(file)) == file;
    std::puts(same && other() == 3 ? "consumer: works" : "consumer: broken");
    return same ? 0 : 1;
}
