// SPDX-License-Identifier: BSD-3-Clause
//
// Long sequences of a cell whose gates do not see the state: by a scan over time, and by the same cell's
// steps one after the other, whose W·x is computed for many steps at once too.
#include <string>

#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/training/trainer.hpp>

#include "support.hpp"

using namespace xrnn;

namespace {

constexpr std::size_t in = 16, units = 64;

struct stepping_cell : min_gru_cell<> {
    static constexpr bool scans_over_time = false;
};

xt::xtensor<float, 3> noise(std::size_t batch, std::size_t time, std::size_t width) {
    xt::xtensor<float, 3> x(std::array<std::size_t, 3>{batch, time, width});
    for (std::size_t k = 0; k < x.size(); ++k)
        x.data()[k] = support::noise(k);
    return x;
}

template <class Layer>
void run_predict(benchmark::State& state, std::size_t batch, std::size_t time,
                 std::size_t threads) {
    auto const model = sequential{input<in>{}, Layer{}};
    auto const x = noise(batch, time, in);
    predictor run{model, threads};
    run(x);
    for (auto _ : state)
        benchmark::DoNotOptimize(run(x).data());
    state.counters["workers"] = static_cast<double>(threads);
    support::set_items(state, 1);
}

template <class Layer>
void run_train(benchmark::State& state, std::size_t batch, std::size_t time, std::size_t threads) {
    auto model = sequential{input<in>{}, Layer{}};
    auto const x = noise(batch, time, in), y = noise(batch, time, units);
    auto trainer = compile(model, mean_squared_error{}, adam{});
    trainer.train_on_batch(x, y, 0, threads);
    for (auto _ : state)
        benchmark::DoNotOptimize(trainer.train_on_batch(x, y, 0, threads));
    state.counters["workers"] = static_cast<double>(threads);
    support::set_items(state, 1);
}

template <class Layer>
void add_system(std::string const& system, std::size_t threads) {
    for (std::size_t const batch : {1u, 32u})
        for (std::size_t const time : {1000u, 10000u}) {
            std::string const shape =
                "/T=" + std::to_string(time) + "/batch=" + std::to_string(batch);
            support::add(system, "scan", "predict" + shape, [=](benchmark::State& state) {
                run_predict<Layer>(state, batch, time, threads);
            });
            support::add(system, "scan", "train" + shape, [=](benchmark::State& state) {
                run_train<Layer>(state, batch, time, threads);
            });
        }
}

} // namespace

int main(int argc, char** argv) {
    using scan = min_gru<units, return_sequences>;
    using steps = recurrent<stepping_cell, units, return_sequences>;
    add_system<scan>("xrnn", 1);
    add_system<steps>("xrnn-steps", 1);
    if (detail::has_threads) {
        add_system<scan>("xrnn-2-threads", 2);
        add_system<steps>("xrnn-steps-2-threads", 2);
    }
    return support::run(argc, argv);
}
