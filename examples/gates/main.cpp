// SPDX-License-Identifier: BSD-3-Clause
//
// What gates are for. The task: of a sequence of random numbers, say the first one at the end. The
// longer the sequence, the longer it must be kept. docs/gates.md tells what the pictures show.
//
//     gates [--quick] [FOLDER]    the pictures go to FOLDER, gates_pictures without it
#include "by_hand.hpp"
#include "recall.hpp"

using namespace recall;

int main(int argc, char** argv) {
    std::vector<std::string> const words(argv + 1, argv + argc);
    bool const quick = !words.empty() && words[0] == "--quick";
    std::filesystem::path const folder = words.size() > quick ? words.back() : "gates_pictures";
    std::filesystem::create_directories(folder);
    std::size_t const updates = quick ? 1000 : 2000, seeds = quick ? 1 : 5;

    // 1. Two steps of an LSTM, small enough for a pocket calculator.
    bool const right = two_units_by_hand() < 1e-6;

    // 2. Which network recalls how far back? The median error of some seeds, on new sequences.
    pictures::chart errors{"median of the seeds 1 to " + std::to_string(seeds), {}, {}};
    for (std::size_t const time :
         quick ? std::vector{5U, 10U} : std::vector{5U, 10U, 20U, 50U, 100U}) {
        errors.x.push_back(static_cast<double>(time));
        each_network(time, [&](std::string const& name, auto make) {
            std::vector<double> found;
            for (std::size_t seed = 1; seed <= seeds; ++seed)
                found.push_back(error_of(trained(make(seed), time, updates), time));
            std::ranges::sort(found);
            errors.add(name, found[seeds / 2]);
        });
        errors.add("saying the mean", error_of_mean(time));
        print_last(errors);
    }
    pictures::draw(folder / "recall_errors.svg", "Recalling the first of T values", "T, steps",
                   "mean squared error", 1e-5, 1, {errors});

    // 3. What the gates do on one sequence, before training and after.
    std::size_t const time = quick ? 10 : 20;
    auto const before = network<lstm<units>>(1), after = trained(before, time, updates);
    pictures::draw(folder / "recall_lstm.svg", "An LSTM on one sequence",
                   side_by_side(before, after, time, {"i", "f", "g", "o", "h", "c"}));
    auto const gru_before = biased(network<gru<units>>(1), update_gate, std::log(time));
    auto const gru_after = trained(gru_before, time, updates);
    pictures::draw(folder / "recall_gru.svg", "A GRU on the same sequence, its update gate open",
                   side_by_side(gru_before, gru_after, time, {"z", "r", "n", "h"}));

    // 4. How much of the loss's gradient comes back to each step.
    std::size_t const far = quick ? 10 : 50;
    pictures::chart untrained{"before training", steps(far), {}},
        fitted{"after training", steps(far), {}};
    each_network(far, [&](std::string const& name, auto make) {
        untrained.curves.emplace_back(name, gradient_sizes(make(1), far));
        fitted.curves.emplace_back(name, gradient_sizes(trained(make(1), far, updates), far));
        print_first(untrained, fitted);
    });
    pictures::draw(folder / "recall_gradients.svg", "How much of the gradient comes back to step t",
                   "time step t", "|∂L/∂h| at t / at the last step", 1e-15, 1e3,
                   {untrained, fitted});

    // 5. One gate pinned to 0 or 1, in the trained LSTM of 3.
    std::vector<pictures::heat_map> cells;
    std::printf("\nLSTM, T = %zu    error  first value 0.8  first value -0.8\n", time);
    auto const show = [&](std::string const& name, auto const& model) {
        print_answers(name, model, time);
        cells.push_back({"c, " + name, seen(model, time, "c"), false, 8});
        cells.push_back({"c owed to the first value, " + name, owed(model, time, "c"), false, 2});
    };
    show("as trained", after);
    show("f pinned to 1", pinned(after, forget_gate, 1));
    show("f pinned to 0", pinned(after, forget_gate, 0));
    show("i pinned to 1", pinned(after, input_gate, 1));
    show("i pinned to 0", pinned(after, input_gate, 0));
    pictures::draw(folder / "recall_pinned.svg",
                   "The cell state of the trained LSTM, one gate pinned", cells);
    return right && errors.curves[1].second[0] < error_of_mean(5) / 2 ? 0 : 1;
}
