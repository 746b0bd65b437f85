// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/models/summary.hpp>

using namespace xrnn;

TEST_CASE("summary: layer, output shape, parameters and total, in Keras's layout") {
    sequential const model{input<145>{}, stacked<lstm<64>, lstm<32>>{.dropout = 0.2}, dropout{0.2},
                           dense<8, relu>{}, dense<1, relu>{}};
    CHECK(model.summary() == "Model: \"sequential\"\n"
                             "________________________________________________________________\n"
                             "Layer (type)                 Output Shape             Param #\n"
                             "================================================================\n"
                             "lstm (LSTM)                  (None, None, 64)         53,760\n"
                             "dropout (Dropout)            (None, None, 64)         0\n"
                             "lstm_1 (LSTM)                (None, 32)               12,416\n"
                             "dropout_1 (Dropout)          (None, 32)               0\n"
                             "dense (Dense)                (None, 8)                264\n"
                             "dense_1 (Dense)              (None, 1)                9\n"
                             "================================================================\n"
                             "Total params: 66,449 (265,796 bytes, float32)\n"
                             "________________________________________________________________\n");
}

TEST_CASE("counts as Keras's: 4·U·(F + U + 1), GRU with two biases, SimpleRNN") {
    std::string const text =
        sequential{input<10, double>{}, gru<5, return_sequences>{},
                   gru<5, reset_after<false>, return_sequences>{}, simple_rnn<3, use_bias<false>>{}}
            .summary();
    CHECK(text.find("gru (GRU)                    (None, None, 5)          255\n") !=
          std::string::npos); // 3·5·(10 + 5 + 2)
    CHECK(text.find("gru_1 (GRU)                  (None, None, 5)          165\n") !=
          std::string::npos); // 3·5·(5 + 5 + 1)
    CHECK(text.find("simple_rnn (SimpleRNN)       (None, 3)                24\n") !=
          std::string::npos);
    CHECK(text.find("Total params: 444 (3,552 bytes, float64)") != std::string::npos);
}

TEST_CASE("a model that is not built says so where the width matters, and only there") {
    sequential model{input<dynamic>{}, dropout{0.1}, gru<5>{}, dense<1>{}};
    std::string const text = model.summary();
    CHECK(text.find("dropout (Dropout)            (None, None, None)       0\n") !=
          std::string::npos);
    CHECK(text.find("gru (GRU)                    (None, 5)                unbuilt\n") !=
          std::string::npos);
    CHECK(text.find("dense (Dense)                (None, 1)                6\n") !=
          std::string::npos);
    CHECK(text.find("Total params: unbuilt\n") != std::string::npos);
    model.build(10);
    CHECK(model.summary().find("dropout (Dropout)            (None, None, 10)         0\n") !=
          std::string::npos);
    CHECK(model.summary().find("Total params: 261 (1,044 bytes, float32)\n") != std::string::npos);
}

TEST_CASE("thousands are grouped, long names push the next column on") {
    CHECK(detail::grouped(0) == "0");
    CHECK(detail::grouped(999) == "999");
    CHECK(detail::grouped(1000) == "1,000");
    CHECK(detail::grouped(1234567) == "1,234,567");
    CHECK(detail::padded_to("ab", 4) == "ab  ");
    CHECK(detail::padded_to("abcd", 4) == "abcd ");
    CHECK(detail::keras_class("simple_rnn") == "SimpleRNN");
    CHECK(detail::keras_class("minimal") == "Minimal");
    CHECK(detail::keras_class("").empty());
}
