// SPDX-License-Identifier: BSD-3-Clause
#include "all.hpp"

#include <cstdio>

int other();

int main() {
    xrnn::sequential model{xrnn::input<3>{}, xrnn::lstm<4>{}, xrnn::dense<1>{}};
    xrnn::save(model, "model.safetensors");
    xrnn::load(model, "model.safetensors");
    bool const works = model.built() && other() == 3;
    std::puts(works ? "consumer: works" : "consumer: broken");
    return works ? 0 : 1;
}
