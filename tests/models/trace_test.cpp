// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/models/trace.hpp>

#include "support/errors.hpp"
#include "support/models.hpp"

using namespace xrnn;
using support::message_of;

namespace {

double worst(xt::xtensor<double, 2> const& found, naive::steps const& expected) {
    REQUIRE(found.shape()[0] == expected.size());
    double result = 0;
    for (std::size_t t = 0; t < expected.size(); ++t) {
        REQUIRE(found.shape()[1] == expected[t].size());
        for (std::size_t u = 0; u < expected[t].size(); ++u)
            result = std::max(result, support::difference(found(t, u), expected[t][u]));
    }
    return result;
}

std::vector<std::string> names(auto const& layer) {
    std::vector<std::string> result;
    for (auto const& [name, values] : layer.vectors)
        result.push_back(name);
    return result;
}

} // namespace

TEST_CASE("trace shows every gate, candidate and state of every recurrent layer, by name") {
    sequential model{
        input<3, double>{},         lstm<9, return_sequences>{}, dropout{0.5}, // off, as in predict
        gru<4, return_sequences>{}, dense<3, xrnn::tanh>{},      lstm<2>{},    dense<1>{}};
    support::randomize(model, 2);
    auto const x = support::tensor<double, 3>({1, 6, 3}, 1);
    auto const t = trace(model, x);
    REQUIRE(t.layers.size() == 3);
    CHECK(t.layers[0].name == "lstm");
    CHECK(t.layers[1].name == "gru");
    CHECK(t.layers[2].name == "lstm_1");
    CHECK(names(t["lstm"]) == std::vector<std::string>{"i", "f", "g", "o", "h", "c"});
    CHECK(names(t["gru"]) == std::vector<std::string>{"z", "r", "n", "h"});

    naive::lstm_steps const first =
        naive::lstm(support::naive_parameters(model, "lstm"), support::naive_row(x, 0),
                    naive::vec(9), naive::vec(9), naive::sigmoid, naive::tanh);
    CHECK(worst(t["lstm"]["i"], first.i) <= 1e-14);
    CHECK(worst(t["lstm"]["f"], first.f) <= 1e-14);
    CHECK(worst(t["lstm"]["g"], first.g) <= 1e-14);
    CHECK(worst(t["lstm"]["o"], first.o) <= 1e-14);
    CHECK(worst(t["lstm"]["h"], first.h) <= 1e-14);
    CHECK(worst(t["lstm"]["c"], first.c) <= 1e-14);
    naive::gru_steps const second = naive::gru(support::naive_parameters(model, "gru"), first.h,
                                               naive::vec(4), true, naive::sigmoid, naive::tanh);
    CHECK(worst(t["gru"]["z"], second.z) <= 1e-14);
    CHECK(worst(t["gru"]["r"], second.r) <= 1e-14);
    CHECK(worst(t["gru"]["n"], second.n) <= 1e-14);
    CHECK(worst(t["gru"]["h"], second.h) <= 1e-14);
}

TEST_CASE("trace is what predict computes: the same h, bit for bit, and c follows from the gates") {
    sequential model{input<3>{}, lstm<17>{}};
    support::randomize(model, 2);
    auto const x = support::tensor<float, 2>({8, 3}, 1); // one sequence, no batch axis
    auto const all = trace(model, x);
    auto const& t = all["lstm"];
    xt::xtensor<float, 2> const y = model.predict(xt::view(x, xt::newaxis(), xt::all(), xt::all()));
    for (std::size_t u = 0; u < 17; ++u) {
        CHECK(y(0, u) == t["h"](7, u));
        float c = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            c = t["f"](k, u) * c + t["i"](k, u) * t["g"](k, u);
            CHECK(std::abs(c - t["c"](k, u)) <= 1e-6F);
            CHECK(std::abs(t["o"](k, u) * std::tanh(c) - t["h"](k, u)) <= 1e-6F);
        }
    }
}

TEST_CASE("the other cells: reset before, simple_rnn") {
    sequential model{input<3, double>{}, gru<5, reset_after<false>, return_sequences>{},
                     simple_rnn<4>{}};
    support::randomize(model, 2);
    auto const x = support::tensor<double, 3>({1, 6, 3}, 1);
    auto const t = trace(model, x);
    CHECK(names(t["gru"]) == std::vector<std::string>{"z", "r", "n", "h"});
    CHECK(names(t["simple_rnn"]) == std::vector<std::string>{"h"});
    naive::gru_steps const expected =
        naive::gru(support::naive_parameters(model, "gru"), support::naive_row(x, 0), naive::vec(5),
                   false, naive::sigmoid, naive::tanh);
    CHECK(worst(t["gru"]["z"], expected.z) <= 1e-14);
    CHECK(worst(t["gru"]["r"], expected.r) <= 1e-14);
    CHECK(worst(t["gru"]["n"], expected.n) <= 1e-14);
    CHECK(worst(t["simple_rnn"]["h"],
                naive::simple_rnn(support::naive_parameters(model, "simple_rnn"), expected.h,
                                  naive::vec(4), naive::tanh)) <= 1e-14);
}

TEST_CASE("names that do not exist are answered with those that do") {
    sequential const model{input<3>{}, lstm<2>{}, dense<1>{}};
    auto const t = trace(model, support::tensor<float, 2>({2, 3}, 1));
    CHECK(message_of<value_error>([&] { (void)t["gru"]; }) ==
          "trace: no recurrent layer \"gru\"; there are lstm");
    CHECK(message_of<value_error>([&] { (void)t["lstm"]["z"]; }) ==
          "trace: layer \"lstm\" has no \"z\", but i, f, g, o, h, c");
    sequential const plain{input<3>{}, dense<1>{}};
    auto const none = trace(plain, support::tensor<float, 2>({2, 3}, 1));
    CHECK(none.layers.empty());
    CHECK(message_of<value_error>([&] { (void)none["lstm"]; }) ==
          "trace: no recurrent layer \"lstm\"; there are none");
}

TEST_CASE("trace takes one sequence of the model's width") {
    sequential const model{input<3>{}, lstm<2>{}};
    std::string const expected = "trace: x must have shape (time, 3) or (1, time, 3), but has ";
    auto const of = [&](auto const& x) {
        return message_of<shape_error>([&] { (void)trace(model, x); });
    };
    CHECK(of(support::tensor<float, 3>({2, 4, 3}, 1)) == expected + "(2, 4, 3)");
    CHECK(of(support::tensor<float, 2>({4, 2}, 1)) == expected + "(4, 2)");
    CHECK(of(support::tensor<float, 2>({0, 3}, 1)) == expected + "(0, 3)");
    xt::xarray<float> const vector = xt::xarray<float>::from_shape({3});
    CHECK(of(vector) == expected + "(3,)");
    sequential const unbuilt{input<dynamic>{}, lstm<2>{}};
    CHECK_THROWS_AS((void)trace(unbuilt, support::tensor<float, 2>({4, 2}, 1)), value_error);
}
