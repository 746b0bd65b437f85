// SPDX-License-Identifier: BSD-3-Clause
//
// One training step: forward, mean squared error, backward, Adam.
#include <benchmark/benchmark.h>

#include <xrnn/training/trainer.hpp>

using namespace xrnn;

namespace {

template <class Model>
void train(benchmark::State& state, Model model, std::size_t batch, std::size_t time) {
    xt::xtensor<float, 3> x(std::array<std::size_t, 3>{batch, time, model.features()}, 0.1f);
    xt::xtensor<float, 1> y(std::array<std::size_t, 1>{batch}, 0.5f);
    auto trainer = compile(model, mean_squared_error{}, adam{});
    for (auto _ : state)
        benchmark::DoNotOptimize(trainer.train_on_batch(x, y));
}

void lstm_4(benchmark::State& state) {
    train(state, sequential{input<145>{}, lstm<4>{}, dense<1>{}}, 32, 10);
}
void lstm_16_8_4(benchmark::State& state) {
    train(state, sequential{input<145>{}, stacked<lstm<16>, lstm<8>>{}, dense<4>{}, dense<1>{}}, 32,
          10);
}
void lstm_64_32_8(benchmark::State& state) {
    train(state, sequential{input<145>{}, stacked<lstm<64>, lstm<32>>{}, dense<8>{}, dense<1>{}},
          32, 10);
}
void gru_128_8_16(benchmark::State& state) {
    train(state, sequential{input<145>{}, stacked<gru<128>, gru<8>>{}, dense<16>{}, dense<1>{}}, 32,
          10);
}
void lstm_128(benchmark::State& state) {
    train(state, sequential{input<32>{}, lstm<128>{}, dense<1>{}}, 64, 50);
}
void lstm_256_256(benchmark::State& state) {
    train(state, sequential{input<64>{}, stacked<lstm<256>, lstm<256>>{}, dense<1>{}}, 64, 50);
}

} // namespace

BENCHMARK(lstm_4)->Unit(benchmark::kMicrosecond);
BENCHMARK(lstm_16_8_4)->Unit(benchmark::kMicrosecond);
BENCHMARK(lstm_64_32_8)->Unit(benchmark::kMicrosecond);
BENCHMARK(gru_128_8_16)->Unit(benchmark::kMicrosecond);
BENCHMARK(lstm_128)->Unit(benchmark::kMicrosecond);
BENCHMARK(lstm_256_256)->Unit(benchmark::kMicrosecond);
