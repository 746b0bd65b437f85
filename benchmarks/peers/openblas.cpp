// SPDX-License-Identifier: BSD-3-Clause
//
// OpenBLAS: the matrix product of a step alone, without equations, head or input product of a
// sequence. Step: all gates' (H * gates, in + H) times one vector. Sequence: the recurrent (H * gates, H)
// times the rows of a batch.
#include <cblas-openblas.h>

#include "support.hpp"

namespace {

void run_vector(benchmark::State& state, std::size_t outputs, std::size_t inputs) {
    std::vector<float> const a = support::noise_vector(outputs * inputs);
    std::vector<float> const x = support::noise_vector(inputs);
    std::vector<float> y(outputs);
    int const m = static_cast<int>(outputs), n = static_cast<int>(inputs);
    auto const product = [&] {
        cblas_sgemv(CblasColMajor, CblasNoTrans, m, n, 1, a.data(), m, x.data(), 1, 0, y.data(), 1);
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
    };
    product();
    for (auto _ : state)
        for (std::size_t k = 0; k < cases::step_block; ++k)
            product();
    support::set_items(state, cases::step_block);
}

void run_matrix(benchmark::State& state, std::size_t outputs, std::size_t inputs,
                std::size_t rows) {
    std::vector<float> const a = support::noise_vector(outputs * inputs);
    std::vector<float> const x = support::noise_vector(inputs * rows);
    std::vector<float> y(outputs * rows);
    int const m = static_cast<int>(outputs), k = static_cast<int>(inputs);
    int const n = static_cast<int>(rows);
    auto const product = [&] {
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a.data(), m, x.data(), k,
                    0, y.data(), m);
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
    };
    product();
    for (auto _ : state)
        product();
    support::set_items(state, rows);
}

void add_cases(bool gru) {
    std::string const cell = gru ? "gru/" : "lstm/";
    std::size_t const gates = cases::gates(gru);
    for (cases::step const& c : cases::step_cases)
        support::add("openblas", "step", cell + cases::name(c), [=](benchmark::State& state) {
            run_vector(state, gates * c.units, c.features + c.units);
        });
    for (std::size_t const batch : cases::sequence_batches)
        for (std::size_t const units : cases::sequence_units)
            support::add("openblas", "sequence", cell + cases::name(cases::sequence{batch, units}),
                         [=](benchmark::State& state) {
                             if (batch == 1)
                                 run_vector(state, gates * units, units);
                             else
                                 run_matrix(state, gates * units, units, batch);
                         });
}

} // namespace

int main(int argc, char** argv) {
    openblas_set_num_threads(1);
    add_cases(false);
    add_cases(true);
    return support::run(argc, argv);
}
