// SPDX-License-Identifier: BSD-3-Clause
//
// One training step: forward, mean squared error, backward, Adam.
#include <xrnn/training/trainer.hpp>

#include "support.hpp"

using namespace xrnn;

namespace {

void run_training(benchmark::State& state, cases::training const& c, auto model,
                  std::size_t threads) {
    xt::xtensor<float, 3> x(std::array<std::size_t, 3>{c.batch, c.time, model.features()});
    for (std::size_t k = 0; k < x.size(); ++k)
        x.data()[k] = support::noise(k);
    xt::xtensor<float, 1> const y(std::array<std::size_t, 1>{c.batch}, 0.5F);
    auto trainer = compile(model, mean_squared_error{}, adam{});
    trainer.train_on_batch(x, y, 0, threads);
    for (auto _ : state)
        benchmark::DoNotOptimize(trainer.train_on_batch(x, y, 0, threads));
    state.counters["workers"] = static_cast<double>(threads);
    support::set_items(state, 1);
    support::set_cost(state, cases::cost_of(c));
}

template <bool Gru, std::size_t Units, class... Options>
using layer = std::conditional_t<Gru, gru<Units, Options...>, lstm<Units, Options...>>;

template <std::size_t I>
auto make_model() {
    constexpr cases::training c = cases::training_cases[I];
    using in = input<c.features>;
    using first = layer<c.gru, c.recurrent[0]>;
    if constexpr (c.recurrent[1] == 0)
        return sequential{in{}, first{}, dense<c.dense[0]>{}};
    else if constexpr (c.dense[1] == 0)
        return sequential{in{}, stacked<first, layer<c.gru, c.recurrent[1]>>{},
                          dense<c.dense[0]>{}};
    else
        return sequential{in{}, stacked<first, layer<c.gru, c.recurrent[1]>>{},
                          dense<c.dense[0], relu>{}, dense<c.dense[1]>{}};
}

template <std::size_t I>
void add_training() {
    support::add("xrnn", "train_step", cases::training_cases[I].name, [](benchmark::State& state) {
        static auto const model = make_model<I>(); // initialised once for all calls
        run_training(state, cases::training_cases[I], model, 1);
    });
    // Two threads where there is enough for both to do.
    if constexpr (detail::has_threads && cases::training_cases[I].recurrent[0] >= 128 &&
                  !cases::training_cases[I].gru)
        support::add("xrnn-2-threads", "train_step", cases::training_cases[I].name,
                     [](benchmark::State& state) {
                         static auto const model = make_model<I>();
                         run_training(state, cases::training_cases[I], model, 2);
                     });
}

} // namespace

int main(int argc, char** argv) {
    []<std::size_t... I>(std::index_sequence<I...>) {
        (add_training<I>(), ...);
    }
    (std::make_index_sequence<cases::training_cases.size()>{});
    return support::run(argc, argv);
}
