// SPDX-License-Identifier: BSD-3-Clause
//
// Activations over 4096 floats in the first-level cache, in the widest vectors; time per 64 floats.
#include <xrnn/activations.hpp>

#include "support.hpp"

using namespace xrnn;

namespace {

constexpr std::size_t count = 4096;

struct exponential {
    auto operator()(auto const& v) const { return simd::exp(v); }
};

template <class Activation>
void run_activation(benchmark::State& state) {
    using lanes = simd::batch<float, simd::max_lanes<float>>;
    std::vector<float> const x = support::noise_vector(count, 6);
    std::vector<float> y(count);
    for (auto _ : state) {
        for (std::size_t k = 0; k < count; k += simd::max_lanes<float>)
            simd::store(y.data() + k, Activation{}(simd::load<lanes>(x.data() + k)));
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
    }
    support::set_items(state, count / 64);
}

template <class Activation>
void add_activation(char const* name) {
    support::add("xrnn", "activations", name, run_activation<Activation>);
}

} // namespace

int main(int argc, char** argv) {
    add_activation<sigmoid>("sigmoid");
    add_activation<xrnn::tanh>("tanh");
    add_activation<exponential>("exp");
    return support::run(argc, argv);
}
