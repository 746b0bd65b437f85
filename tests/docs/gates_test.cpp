// SPDX-License-Identifier: BSD-3-Clause
//
// The figures of docs/gates.md: two steps by hand, and the counts of parameters.
#define main two_units_main
#include "../../docs/examples/two_units.cpp"
#undef main
#define main gates_over_time_main
#include "../../docs/examples/gates_over_time.cpp"
#undef main

#include "docs/documents.hpp"

#include <doctest/doctest.h>

namespace {

std::string const gates = documents::read(documents::root / "docs/gates.md");

/// Whether the page's table has the row | `layer` | features | … | parameters | state |.
bool has_row(std::string const& layer, std::size_t features, std::string const& parameters,
             std::size_t state) {
    std::string const begin = "| `" + layer + "` | " + std::to_string(features) + " | $";
    std::string const end = "$ | " + parameters + " | " + std::to_string(state) + " |";
    for (std::string const& line : documents::lines_of(gates))
        if (line.starts_with(begin) && line.ends_with(end))
            return true;
    return false;
}

template <std::size_t Features, class Layer>
bool row_is_right(std::string const& layer, Layer) {
    using model = decltype(sequential{input<Features>{}, Layer{}});
    using bound = typename model::template layer<0>;
    std::string const count = detail::grouped(model::parameter_count(Features));
    return has_row(layer, Features, count, bound::state_count * bound::units);
}

double s(double a) {
    return 1 / (1 + std::exp(-a));
}

} // namespace

TEST_CASE("the two steps by hand are what the program prints") {
    std::string const output = documents::output_of(two_units_main);
    auto const shown = documents::compare_output(gates, "docs/examples/two_units.cpp", output, 0.0);
    CHECK(shown.fault == "");
    CHECK(shown.blocks == 1);
}

TEST_CASE("the two steps by hand are right") {
    // kernel and recurrent kernel by [block i, f, g, o][unit], written anew from the page
    double const w[4][2] = {{1, 0.5}, {0, 1}, {2, -1}, {0.5, 0}};
    double const from_1[4][2] = {{0.5, 0}, {1, 0}, {0.5, 1}, {0, 1}};
    double const from_2[4][2] = {{0, 0.5}, {0, 1}, {1, 0.5}, {1, 0}};
    double const b[4][2] = {{0, 0}, {1, 1}, {0, 0}, {0, 0}};
    double h[2] = {0, 0}, c[2] = {0, 0};
    std::string text;
    char line[2][6][32];
    for (int step = 0; step < 2; ++step) {
        double const x = step == 0 ? 1.0 : -0.5;
        double next[2];
        double v[6][2];
        for (int u = 0; u < 2; ++u) {
            double sum[4];
            for (int k = 0; k < 4; ++k)
                sum[k] = w[k][u] * x + from_1[k][u] * h[0] + from_2[k][u] * h[1] + b[k][u];
            v[0][u] = s(sum[0]);
            v[1][u] = s(sum[1]);
            v[2][u] = std::tanh(sum[2]);
            v[3][u] = s(sum[3]);
            v[4][u] = c[u] = v[1][u] * c[u] + v[0][u] * v[2][u];
            v[5][u] = next[u] = v[3][u] * std::tanh(c[u]);
        }
        std::copy(next, next + 2, h);
        for (int k = 0; k < 6; ++k)
            std::snprintf(line[step][k], sizeof line[step][k], "%8.5f %8.5f", v[k][0], v[k][1]);
    }
    for (int k = 0; k < 6; ++k) {
        std::string const expected = std::string(1, "ifgoch"[k]) + "   step 1: " + line[0][k] +
                                     "   step 2: " + line[1][k] + "\n";
        CAPTURE(expected);
        CHECK(gates.find(expected) != std::string::npos);
    }
}

TEST_CASE("the gates do over time what the page says") {
    documents::lines const table = documents::lines_of(documents::output_of(gates_over_time_main));
    REQUIRE(table.size() == 41);
    REQUIRE(table[0] == "t number mark wanted said i f g o c");
    double worst = 0;
    for (std::size_t t = 1; t < table.size(); ++t) {
        std::istringstream row(table[t]);
        std::vector<double> v;
        for (std::string field; row >> field;)
            v.push_back(documents::number_of(field));
        REQUIRE(v.size() == 10);
        bool const marked = v[2] > 0.5;
        CAPTURE(table[t]);
        CHECK((marked ? v[5] > 0.5 : v[5] < 0.2)); // input gate
        CHECK((marked ? v[6] < 0.5 : v[6] > 0.9)); // forget gate
        CHECK(v[8] > 0.6);                         // output gate
        worst = std::max(worst, std::abs(v[3] - v[4]));
    }
    CHECK(worst < 0.25); // the network says what is wanted
}

TEST_CASE("the counts of parameters are right") {
    CHECK(row_is_right<145>("simple_rnn<4>", simple_rnn<4>{}));
    CHECK(row_is_right<145>("lstm<4>", lstm<4>{}));
    CHECK(row_is_right<145>("lstm<10>", lstm<10>{}));
    CHECK(row_is_right<145>("lstm<15>", lstm<15>{}));
    CHECK(row_is_right<145>("gru<5>", gru<5>{}));
    CHECK(row_is_right<145>("gru<5, reset_after<false>>", gru<5, reset_after<false>>{}));
    CHECK(row_is_right<145>("gru<10>", gru<10>{}));
    CHECK(row_is_right<145>("gru<25>", gru<25>{}));
    CHECK(row_is_right<4>("dense<1>", dense<1>{}));
    CHECK(sequential{input<145>{}, lstm<4>{}, dense<1>{}}.count_params() == 2405);
    CHECK(gates.find("2,405 parameters") != std::string::npos);
    CHECK_FALSE(row_is_right<145>("lstm<4>", lstm<5>{}));
}

TEST_CASE("the order of a cell's vectors is the one on the page") {
    auto model = sequential{input<2>{}, lstm<1, return_sequences>{}, gru<1>{}};
    xt::xtensor<float, 2> const x({3, 2}, 0.5F);
    auto const seen = trace(model, x);
    std::string names;
    for (auto const& layer : seen.layers)
        for (auto const& [name, values] : layer.vectors)
            names += name + " ";
    CHECK(names == "i f g o h c z r n h ");
    CHECK(model.parameters()[0].shape == std::vector<std::size_t>{2, 4});
    CHECK(model.parameters()[5].shape == std::vector<std::size_t>{2, 3});
}
