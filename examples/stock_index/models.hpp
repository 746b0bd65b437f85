// SPDX-License-Identifier: BSD-3-Clause
//
// The document's thirteen models. Every one is a type of its own, so each entry carries a function
// that makes it; the families stand apart so that they can be compiled apart.
#pragma once

#include <xrnn/xrnn.hpp>

#include <cstddef>
#include <tuple>

namespace stock_index {

using namespace xrnn;

/// The document's stack: two recurrent layers with dropout after each, two dense ones.
template <template <std::size_t, class...> class Layer, std::size_t A, std::size_t B, std::size_t C>
auto stack() {
    return sequential{input<dynamic>{}, stacked<Layer<A>, Layer<B>>{.dropout = 0.2}, dropout{0.2},
                      dense<C, relu>{}, dense<1, relu>{}};
}

/// A recurrent layer and one output.
template <class Layer, class Activation>
auto single() {
    return sequential{input<dynamic>{}, Layer{}, dense<1, Activation>{}};
}

struct model_info {
    char const* name;
    char const* family;
    bool fits_all; // fitted on every window, as the document does with the GRUs and the stacks
    std::size_t epochs;
};

template <class Make>
struct entry {
    model_info info;
    Make make;
};
template <class Make>
entry(model_info, Make) -> entry<Make>; // clang 14 does not deduce aggregates

inline auto lstm_models() {
    return std::tuple{
        entry{model_info{"LSTM(4) relu", "LSTM", false, 5}, single<lstm<4>, relu>},
        entry{model_info{"LSTM(10) relu", "LSTM", false, 5}, single<lstm<10>, relu>},
        entry{model_info{"LSTM(5) sigmoid", "LSTM", false, 5}, single<lstm<5>, sigmoid>},
        entry{model_info{"LSTM(15) sigmoid", "LSTM", false, 5}, single<lstm<15>, sigmoid>}};
}

inline auto gru_models() {
    return std::tuple{
        entry{model_info{"GRU(5) sigmoid", "GRU", true, 5}, single<gru<5>, sigmoid>},
        entry{model_info{"GRU(10) sigmoid", "GRU", true, 5}, single<gru<10>, sigmoid>},
        entry{model_info{"GRU(25) sigmoid", "GRU", true, 5}, single<gru<25>, sigmoid>}};
}

inline auto stacked_lstm_models() {
    constexpr auto family = "stacked LSTM";
    return std::tuple{
        entry{model_info{"stacked LSTM 16-8-4", family, true, 10}, stack<lstm, 16, 8, 4>},
        entry{model_info{"stacked LSTM 8-4-2", family, true, 10}, stack<lstm, 8, 4, 2>},
        entry{model_info{"stacked LSTM 64-32-8", family, true, 10}, stack<lstm, 64, 32, 8>}};
}

inline auto stacked_gru_models() {
    constexpr auto family = "stacked GRU";
    return std::tuple{
        entry{model_info{"stacked GRU 16-8-4", family, true, 10}, stack<gru, 16, 8, 4>},
        entry{model_info{"stacked GRU 32-8-4", family, true, 10}, stack<gru, 32, 8, 4>},
        entry{model_info{"stacked GRU 128-8-16", family, true, 10}, stack<gru, 128, 8, 16>}};
}

} // namespace stock_index
