// SPDX-License-Identifier: BSD-3-Clause
//
// A whole sequence at once: predict, 100 steps of 16 features. items_per_second counts steps of one
// row.
#include <benchmark/benchmark.h>

#include <xrnn/models/predict.hpp>

using namespace xrnn;

namespace {

template <class Recurrent>
void sequence(benchmark::State& state) {
    auto const batch = static_cast<std::size_t>(state.range(0));
    std::size_t const time = 100;
    auto const model = sequential{input<16>{}, Recurrent{}};
    xt::xtensor<float, 3> x(std::array<std::size_t, 3>{batch, time, 16}, 0.1f);
    for (auto _ : state) {
        xt::xtensor<float, 2> y = model.predict(x);
        benchmark::DoNotOptimize(y.data());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch * time));
}

} // namespace

#define XRNN_SEQUENCE(units)                                                                       \
    BENCHMARK(sequence<lstm<units>>)->Name("lstm/" #units)->Arg(1)->Arg(32);                       \
    BENCHMARK(sequence<gru<units>>)->Name("gru/" #units)->Arg(1)->Arg(32)

XRNN_SEQUENCE(32);
XRNN_SEQUENCE(64);
XRNN_SEQUENCE(128);
XRNN_SEQUENCE(256);
XRNN_SEQUENCE(512);
