// SPDX-License-Identifier: BSD-3-Clause
//
// What the document prints and claims, as data: the study puts its own figures beside these.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace stock_index::document {

/// One line of training output as the document prints it: Keras's running means of that epoch.
struct printed {
    std::string_view model; // the model's name in models.hpp
    int epoch;              // 0: the document shows an epoch in the middle and does not say which
    std::optional<double> loss;
    std::optional<double> accuracy;
    std::string_view note{};
};

inline constexpr std::array printed_figures{
    printed{"LSTM(4) relu", 5, .1969, .7342,
            "test .1344 / .8696; validation confusion [[0,4],[0,19]]"},
    printed{"LSTM(10) relu", 1, .7342, .2658},
    printed{"LSTM(5) sigmoid", 5, .1986, .7342, "epoch 1: .2569 / .4494"},
    printed{"LSTM(15) sigmoid", 2, .1990, .7342, "epoch 1: loss .2009"},
    printed{"GRU(5) sigmoid", 0, .1894, .7709},
    printed{"GRU(10) sigmoid", 0, .1857, .7709},
    printed{"GRU(25) sigmoid", 0, .1812, .7709},
    printed{"stacked LSTM 16-8-4", 10, .1962, .7533, "fitted twice; epoch 9: .1986 / .6960"},
    printed{"stacked LSTM 8-4-2", 5, .7709, .2291},
    printed{"stacked LSTM 64-32-8", 9, .1966, .7489},
    printed{"stacked GRU 16-8-4", 10, .2399, .7137, "fitted twice; epoch 9: .2304 / .6696"},
    printed{"stacked GRU 32-8-4", 10, .2039, .7269},
    printed{"stacked GRU 128-8-16", 10, .2155, .6696},
};

/// The shapes that the document prints after each step, on its own market.
inline constexpr std::string_view printed_shapes =
    "(238, 145), True, [201], (237, 145), (227, 10, 145)";

/// A claim in the document's sense, in plain words; claims.hpp measures it under the same key.
struct claim {
    std::string_view key;
    std::string_view text;
};

inline constexpr std::array claims{
    claim{"rising", "The index is rising."},
    claim{"learnt", "An accuracy of 73 to 77 % shows that the models have learnt to predict."},
    claim{"too large", "Too large a hidden layer loses the ability to learn (LSTM 10 against 4)."},
    claim{"gru width", "The width of a GRU changes only the speed of convergence."},
    claim{"gru beats lstm", "GRU with 77 % beats LSTM with 73 %, because the data is small."},
    claim{"small stacked lstm", "Small stacked LSTMs give nothing (8-4-2 against one LSTM)."},
    claim{"larger stacked lstm",
          "Larger stacked LSTMs improve (64-32-8 against 8-4-2 and 16-8-4)."},
    claim{"stacked gru good small", "A small stacked GRU is good (16-8-4 against always-up)."},
    claim{"stacked gru worse large",
          "A large stacked GRU is worse (128-8-16 against 16-8-4 and 32-8-4)."},
    claim{"gru simpler", "GRU is simpler than LSTM (parameters, time of a step)."},
    claim{"gru small data", "GRU suits small data, LSTM large data."},
};

} // namespace stock_index::document
