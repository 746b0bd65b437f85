// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of a stream, batch 1: a recurrent layer and dense(1).
#include <array>

#include <benchmark/benchmark.h>

#include <xrnn/models/stream.hpp>

using namespace xrnn;

namespace {

template <std::size_t Features, class Recurrent>
void step(benchmark::State& state) {
    auto const model = sequential{input<Features>{}, Recurrent{}, dense<1>{}};
    auto const weights = packed{model};
    auto s = stream{weights};
    std::array<float, Features> x{};
    for (std::size_t k = 0; k < Features; ++k)
        x[k] = 0.01f * static_cast<float>(k);
    for (auto _ : state) {
        x[0] = s.step(x)[0]; // a feedback, so that no step can be left out or overlap the next
        benchmark::DoNotOptimize(x);
    }
}

} // namespace

#define XRNN_STEP(units)                                                                           \
    BENCHMARK(step<1, lstm<units>>)->Name("lstm/1x" #units);                                       \
    BENCHMARK(step<1, gru<units>>)->Name("gru/1x" #units)

XRNN_STEP(8);
XRNN_STEP(16);
XRNN_STEP(24);
XRNN_STEP(32);
XRNN_STEP(40);
XRNN_STEP(64);
XRNN_STEP(80);
XRNN_STEP(128);
XRNN_STEP(256);
BENCHMARK(step<145, lstm<4>>)->Name("lstm/145x4");
BENCHMARK(step<145, gru<4>>)->Name("gru/145x4");
BENCHMARK(step<145, lstm<16>>)->Name("lstm/145x16");
BENCHMARK(step<145, gru<16>>)->Name("gru/145x16");
BENCHMARK(step<145, lstm<64>>)->Name("lstm/145x64");
BENCHMARK(step<145, gru<64>>)->Name("gru/145x64");
