// SPDX-License-Identifier: BSD-3-Clause
//
// stream.cpp with libtorch.
#include <cstdio>
#include <tuple>

#include <torch/torch.h>

int main() {
    torch::NoGradGuard const no_gradients;
    torch::nn::LSTM layer(1, 20);
    torch::nn::Linear head(20, 1);
    auto states = std::make_tuple(torch::zeros({1, 1, 20}), torch::zeros({1, 1, 20}));
    for (float x = 0; std::scanf("%f", &x) == 1;) {
        auto [out, next] = layer->forward(torch::full({1, 1, 1}, x), states);
        states = std::move(next);
        std::printf("%g\n", static_cast<double>(head->forward(out).item<float>()));
    }
    return 0;
}
