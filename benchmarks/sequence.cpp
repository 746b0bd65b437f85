// SPDX-License-Identifier: BSD-3-Clause
//
// A whole sequence at once, with the output of every step, the weights laid out before, as they are for
// the peers. The time of suite "sequence" is per
// step and row; that of suite "growth" is of the whole call, for curves over time and batch.
#include <utility>

#include <xrnn/models/predict.hpp>

#include "support.hpp"

using namespace xrnn;

namespace {

template <class Recurrent>
void run_sequence(benchmark::State& state, cases::sequence const& shape, bool gru, bool whole) {
    static auto const model =
        sequential{input<16>{}, Recurrent{}}; // initialised once for all calls
    xt::xtensor<float, 3> x(std::array<std::size_t, 3>{shape.batch, shape.time, 16});
    for (std::size_t k = 0; k < x.size(); ++k)
        x.data()[k] = support::noise(k);
    predictor run{model};
    auto const predict = [&] {
        benchmark::DoNotOptimize(run(x).data());
        benchmark::ClobberMemory();
    };
    predict();
    for (auto _ : state)
        predict();
    cases::cost cost = cases::cost_of(shape, gru);
    double const rows = static_cast<double>(shape.batch * shape.time);
    if (whole) {
        cost.flop *= rows;
        cost.bytes *= rows;
    }
    support::set_items(state, whole ? 1 : shape.batch * shape.time);
    support::set_cost(state, cost);
}

template <std::size_t Units>
void add_case(cases::sequence const& shape, std::string const& suite) {
    bool const whole = suite == "growth";
    std::string const name = whole ? cases::growth_name(shape) : cases::name(shape);
    support::add("xrnn", suite, "lstm/" + name, [shape, whole](benchmark::State& state) {
        run_sequence<lstm<Units, return_sequences>>(state, shape, false, whole);
    });
    support::add("xrnn", suite, "gru/" + name, [shape, whole](benchmark::State& state) {
        run_sequence<gru<Units, return_sequences>>(state, shape, true, whole);
    });
}

} // namespace

int main(int argc, char** argv) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        for (std::size_t const batch : cases::sequence_batches)
            (add_case<cases::sequence_units[I]>({batch, cases::sequence_units[I]}, "sequence"),
             ...);
    }
    (std::make_index_sequence<cases::sequence_units.size()>{});
    for (std::size_t const time : cases::growth_times)
        add_case<cases::growth_units>({1, cases::growth_units, time}, "growth");
    for (std::size_t const batch : cases::growth_batches)
        add_case<cases::growth_units>({batch, cases::growth_units}, "growth");
    return support::run(argc, argv);
}
