// SPDX-License-Identifier: BSD-3-Clause
//
// What the benchmark programs share, those of the peers too: knows neither xrnn nor a peer.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "cases.hpp"

namespace support {

/// Adds the benchmark system/suite/name. run(state) must warm up by itself: long cases are timed by
/// a single iteration.
template <class Run>
void add(std::string const& system, std::string const& suite, std::string const& name, Run run) {
    benchmark::RegisterBenchmark((system + "/" + suite + "/" + name).c_str(), std::move(run))
        ->Unit(benchmark::kNanosecond);
}

/// An iteration did so many items: the report gives time an item.
inline void set_items(benchmark::State& state, std::size_t items) {
    state.counters["items"] = static_cast<double>(items);
}

/// What an item must cost at least, for the roofline.
inline void set_cost(benchmark::State& state, cases::cost const& c) {
    state.counters["flop"] = c.flop;
    state.counters["bytes"] = c.bytes;
    state.counters["weights"] = c.weights;
}

/// Values in (-1, 1) that look random, the same in every run.
inline float noise(std::size_t k) {
    std::uint64_t z = (k + 1) * 0x9E3779B97F4A7C15u; // splitmix64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<float>(static_cast<std::int64_t>(z ^ (z >> 31)) >> 40) * 0x1p-23F;
}
inline std::vector<float> noise_vector(std::size_t size, float scale = 1) {
    std::vector<float> result(size);
    for (std::size_t k = 0; k < size; ++k)
        result[k] = scale * noise(k);
    return result;
}

/// main() of a program once its benchmarks are added.
inline int run(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

} // namespace support
