// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of a stream, batch 1: a recurrent layer and dense(1). The time is that of a step in a
// block of different inputs; the output is not fed back.
#include <array>
#include <span>
#include <utility>

#include <xrnn/models/packing_error.hpp>

#include "support.hpp"

using namespace xrnn;

namespace {

template <std::size_t I, class Recurrent, class Pack>
void run_steps(benchmark::State& state, bool gru, Pack pack) {
    constexpr cases::step shape = cases::step_cases[I];
    constexpr std::size_t features = shape.features;
    // Made once: a benchmark is called several times until it knows how many iterations it needs.
    static auto const model = sequential{input<features>{}, Recurrent{}, dense<1>{}};
    static auto const weights = pack(model);
    static auto const x = [] {
        std::array<std::array<float, features>, cases::step_block> values{};
        for (std::size_t k = 0; k < cases::step_block * features; ++k)
            values[k / features][k % features] = support::noise(k);
        return values;
    }();
    auto s = stream{weights};
    for (auto _ : state) {
        float sum = 0;
        for (auto const& sample : x)
            sum += s.step(sample)[0];
        benchmark::DoNotOptimize(sum);
    }
    support::set_items(state, cases::step_block);
    support::set_cost(state, cases::cost_of(shape, gru, Pack::weight_size));
    if constexpr (requires { pack.error(model, std::span<float const>{}); }) {
        static double const error =
            pack.error(model, support::noise_vector(cases::error_steps * features));
        state.counters["max_error"] = error;
    }
}

template <std::size_t I, class Pack>
void add_step(std::string const& system, Pack pack) {
    constexpr cases::step shape = cases::step_cases[I];
    std::string const name = cases::name(shape);
    using lstm_layer = lstm<shape.units>;
    using gru_layer = gru<shape.units>;
    support::add(system, "step", "lstm/" + name,
                 [pack](benchmark::State& state) { run_steps<I, lstm_layer>(state, false, pack); });
    support::add(system, "step", "gru/" + name,
                 [pack](benchmark::State& state) { run_steps<I, gru_layer>(state, true, pack); });
}

/// Every case with one way to pack a model's weights. A way is a type with the bytes of a packed
/// weight, a call that packs, and, if it rounds, how far its output is from that of full weights:
/// another policy of packing is another such type and one more line in main.
template <class Pack>
void add_steps(std::string const& system, Pack pack) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (add_step<I>(system, pack), ...);
    }
    (std::make_index_sequence<cases::step_cases.size()>{});
}

struct pack_float {
    static constexpr double weight_size = 4;
    auto operator()(auto const& model) const { return packed{model}; }
};

/// bfloat16 or bfloat16_dot.
template <class Weights>
struct pack_half {
    static constexpr double weight_size = 2;
    auto operator()(auto const& model) const { return packed{model, Weights{}}; }
    double error(auto const& model, std::span<float const> x) const {
        return packing_error(model, Weights{}, x).largest;
    }
};

} // namespace

int main(int argc, char** argv) {
    add_steps("xrnn", pack_float{});
    add_steps("xrnn-bf16", pack_half<bfloat16>{});
    add_steps("xrnn-bf16-dot", pack_half<bfloat16_dot>{});
    return support::run(argc, argv);
}
