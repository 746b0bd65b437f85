// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of a stream of each cell, batch 1: the recurrent layer, in = 1, and dense(1).
#include <array>
#include <string>

#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/stream.hpp>

#include "support.hpp"

using namespace xrnn;

namespace {

template <class Recurrent>
void run_steps(benchmark::State& state) {
    // Made once: a benchmark is called several times until it knows how many iterations it needs.
    static auto const model = sequential{input<1>{}, Recurrent{}, dense<1>{}};
    static auto const weights = packed{model};
    static auto const x = support::noise_vector(cases::step_block);
    auto s = stream{weights};
    for (auto _ : state) {
        float sum = 0;
        for (float const sample : x)
            sum += s.step(sample);
        benchmark::DoNotOptimize(sum);
    }
    support::set_items(state, cases::step_block);
}

template <class Recurrent>
void add_cell() {
    support::add("xrnn", "cells",
                 std::string(Recurrent::name) + "/in=1/H=" + std::to_string(Recurrent::units),
                 run_steps<Recurrent>);
}

template <std::size_t Units>
void add_cells() {
    add_cell<lstm<Units>>();
    add_cell<peephole_lstm<Units>>();
    add_cell<coupled_lstm<Units>>();
    add_cell<layer_norm_lstm<Units>>();
    add_cell<gru<Units>>();
    add_cell<layer_norm_gru<Units>>();
    add_cell<mgu<Units>>();
    add_cell<min_lstm<Units>>();
    add_cell<min_gru<Units>>();
    add_cell<simple_rnn<Units>>();
    add_cell<indrnn<Units>>();
}

} // namespace

int main(int argc, char** argv) {
    add_cells<16>();
    add_cells<64>();
    return support::run(argc, argv);
}
