// SPDX-License-Identifier: BSD-3-Clause
//
// The task of main.cpp, its networks, and how they are trained and looked into.
#pragma once

#include "pictures.hpp"

#include <xrnn/xrnn.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace recall {
using namespace xrnn;

inline constexpr std::size_t units = 8;

struct sequences {
    xt::xtensor<float, 3> x; // (rows, time, 1): uniform in -1 … 1
    xt::xtensor<float, 2> y; // (rows, 1): the first value of each
};

inline sequences draw(std::size_t rows, std::size_t time, std::uint64_t seed) {
    sequences s{xt::xtensor<float, 3>({rows, time, 1}), xt::xtensor<float, 2>({rows, 1})};
    random_stream const random(seed, 0);
    for (std::size_t k = 0; k < s.x.size(); ++k)
        s.x.data()[k] = static_cast<float>(2 * random.uniform(k) - 1);
    for (std::size_t row = 0; row < rows; ++row)
        s.y(row, 0) = s.x(row, 0, 0);
    return s;
}

/// Where a gate's columns stand among the layer's: LSTM i, f, g, o; GRU z, r, n.
struct gate_columns {
    std::string layer;
    std::size_t block;
};
inline gate_columns const input_gate{"lstm", 0}, forget_gate{"lstm", 1}, output_gate{"lstm", 3},
    update_gate{"gru", 0};

/// The model with this bias in all units of one gate.
template <class Model>
Model biased(Model model, gate_columns const& gate, double bias) {
    auto const all = model.parameter(gate.layer + ".bias");
    std::fill_n(all.begin() + static_cast<std::ptrdiff_t>(gate.block * units), units,
                static_cast<float>(bias));
    return model;
}

/// The model with one gate of its LSTM pinned: nothing feeds it but a bias so large that σ of it is
/// 1, or 0.
template <class Model>
Model pinned(Model model, gate_columns const& gate, double value) {
    for (char const* weights : {".kernel", ".recurrent_kernel"}) {
        auto const all = model.parameter(gate.layer + weights); // (…, 4 blocks of units)
        for (std::size_t k = 0; k < all.size(); ++k)
            if (k / units % 4 == gate.block)
                all[k] = 0;
    }
    return biased(std::move(model), gate, value == 1 ? 40 : -40);
}

template <class Layer>
auto network(std::uint64_t seed) {
    sequential model{input<1>{}, Layer{}, dense<1>{}};
    model.initialize(seed);
    return model;
}

/// Calls f with the name of each of the networks that are compared, and with a function that makes
/// it by its seed. An open gate is one whose bias starts at log(time): it keeps time / (time + 1)
/// of the state at each step, where a bias of 1, the LSTM's, keeps 0.73 and one of 0, the GRU's,
/// a half. Source: Tallec and Ollivier 2018, arXiv:1804.11188, who draw that bias at random, from
/// log(1) to log(time - 1).
void each_network(std::size_t time, auto f) {
    double const open = std::log(static_cast<double>(time));
    f("simple_rnn", [](std::uint64_t seed) { return network<simple_rnn<units>>(seed); });
    f("lstm", [](std::uint64_t seed) { return network<lstm<units>>(seed); });
    f("gru", [](std::uint64_t seed) { return network<gru<units>>(seed); });
    f("lstm, f open",
      [=](std::uint64_t seed) { return biased(network<lstm<units>>(seed), forget_gate, open); });
    f("gru, z open",
      [=](std::uint64_t seed) { return biased(network<gru<units>>(seed), update_gate, open); });
}

/// Mean squared error on 1024 sequences that no training saw.
template <class Model>
double error_of(Model model, std::size_t time) {
    auto const [x, y] = draw(1024, time, 1);
    return compile(model, mean_squared_error{}, adam{}).evaluate(x, y)["loss"];
}

/// The error of always saying the mean: the variance of the targets.
inline double error_of_mean(std::size_t time) {
    auto const y = draw(1024, time, 1).y;
    return xt::mean(y * y)() - xt::mean(y)() * xt::mean(y)();
}

/// Trains on new sequences at each update, so that nothing can be learnt by heart.
template <class Model>
Model trained(Model model, std::size_t time, std::size_t updates) {
    auto trainer = compile(model, mean_squared_error{}, adam{.learning_rate = 0.005});
    for (std::size_t update = 1; update <= updates; ++update) {
        auto const [x, y] = draw(32, time, 1000 + update);
        trainer.train_on_batch(x, y);
    }
    return model;
}

/// |∂L/∂h_t| at each step, its mean over 32 sequences, as a share of the last step's.
template <class Model>
std::vector<double> gradient_sizes(Model const& model, std::size_t time) {
    std::vector<double> sizes(time, 0.0);
    auto const [x, y] = draw(32, time, 1);
    for (std::size_t row = 0; row < 32; ++row) {
        auto const g = trace_gradients(model, mean_squared_error{}, xt::view(x, row),
                                       xt::view(y, xt::range(row, row + 1)));
        auto const& h = g.layers.front()["h"];
        for (std::size_t t = 0; t < time; ++t) {
            double square = 0;
            for (std::size_t u = 0; u < units; ++u)
                square += static_cast<double>(h(t, u)) * static_cast<double>(h(t, u));
            sizes[t] += std::sqrt(square);
        }
    }
    for (double& size : sizes)
        size /= sizes.back() > 0 ? sizes.back() : 1; // the last one last
    return sizes;
}

/// A sequence of random values of which the first is given.
inline xt::xtensor<float, 3> starting_with(float first, std::size_t time) {
    auto x = draw(1, time, 8).x;
    x(0, 0, 0) = first;
    return x;
}

/// One vector of the model's recurrent layer, (time, units), over a sequence that starts with 0.8.
template <class Model>
xt::xtensor<float, 2> seen(Model const& model, std::size_t time, std::string const& vector) {
    return trace(model, starting_with(0.8F, time)).layers.front()[vector];
}

/// What of it is owed to the first value: the difference to a sequence that starts with -0.8 and
/// goes on with the same values.
template <class Model>
xt::xtensor<float, 2> owed(Model const& model, std::size_t time, std::string const& vector) {
    return seen(model, time, vector) -
           trace(model, starting_with(-0.8F, time)).layers.front()[vector];
}

/// Heat maps of a layer's vectors before training and after; the last is the state that is carried,
/// of which it is also shown what is owed to the first value.
template <class Model>
auto side_by_side(Model const& before, Model const& after, std::size_t time,
                  std::vector<std::string> const& vectors) {
    static std::map<std::string, std::string> const words{
        {"i", "input gate"},  {"f", "forget gate"},  {"o", "output gate"},
        {"z", "update gate"}, {"r", "reset gate"},   {"g", "candidate"},
        {"n", "candidate"},   {"h", "hidden state"}, {"c", "cell state"}};
    std::vector<pictures::heat_map> maps;
    for (std::string const& name : vectors) {
        std::string const title = words.at(name) + " " + name;
        bool const gate = title.find("gate") != std::string::npos;
        maps.push_back({title + ", before training", seen(before, time, name), gate});
        maps.push_back({title + ", after training", seen(after, time, name), gate});
    }
    std::string const title = vectors.back() + " owed to the first value";
    maps.push_back({title + ", before training", owed(before, time, vectors.back())});
    maps.push_back({title + ", after training", owed(after, time, vectors.back())});
    return maps;
}

/// 1 … time.
inline std::vector<double> steps(std::size_t time) {
    std::vector<double> all(time);
    std::iota(all.begin(), all.end(), 1.0);
    return all;
}

/// The last point of each curve, as a row of main's first table.
inline void print_last(pictures::chart const& errors) {
    if (errors.x.size() == 1)
        std::printf("\nMean squared error\n  T  simple_rnn    lstm     gru  lstm, f open  "
                    "gru, z open  saying the mean\n");
    std::printf("%3.0f", errors.x.back());
    for (std::size_t k = 0; k < errors.curves.size(); ++k) {
        int const widths[] = {12, 8, 8, 14, 13, 17};
        std::printf("%*.4f", widths[k], errors.curves[k].second.back());
    }
    std::printf("\n");
}

/// The first point of the last curve of both, as a row of main's second table.
inline void print_first(pictures::chart const& untrained, pictures::chart const& fitted) {
    if (untrained.curves.size() == 1)
        std::printf("\nGradient at step 1 of %zu   before    after training\n", untrained.x.size());
    auto const& [name, sizes] = untrained.curves.back();
    std::printf("%-22s %10.1e %8.1e\n", name.c_str(), sizes[0], fitted.curves.back().second[0]);
}

/// A row of main's third table.
template <class Model>
void print_answers(std::string const& name, Model const& model, std::size_t time) {
    auto const said = [&](float first) {
        return static_cast<double>(model.predict(starting_with(first, time))(0, 0));
    };
    std::printf("%-14s %8.4f  %15.2f  %16.2f\n", name.c_str(), error_of(model, time), said(0.8F),
                said(-0.8F));
}

} // namespace recall
