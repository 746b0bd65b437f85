// SPDX-License-Identifier: BSD-3-Clause
//
// LSTM and GRU in both directions and in one against PyTorch's, over whole sequences and packed
// ones of unequal lengths. The values and the script that made them: tests/reference.
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/states.hpp>

#include "reference/torch_bidirectional.hpp"
#include "support/models.hpp"

using namespace xrnn;
namespace reference = torch_bidirectional_reference;

namespace {

constexpr std::size_t features = reference::features, units = reference::units,
                      time = reference::time, batch = reference::batch;

/// kernel, recurrent_kernel and bias of one direction.
using weights = std::array<std::span<int const>, 3>;

struct outputs {
    std::span<double const> y, h, c; // a GRU has no c
};

struct module_values {
    std::span<int const> x;
    std::vector<std::pair<std::string, weights>> directions; // by the layers' names
    outputs whole, packed;
};

template <class T>
void set(std::span<T> to, std::span<int const> whole) {
    REQUIRE(to.size() == whole.size());
    for (std::size_t k = 0; k < to.size(); ++k)
        to[k] = static_cast<T>(whole[k]) / 1024;
}

/// Largest difference of `size` values of a result from `at` on from those expected from `from` on.
template <class Result>
double difference(Result const& found, std::size_t at, std::span<double const> expected,
                  std::size_t from, std::size_t size) {
    REQUIRE(at + size <= found.size());
    REQUIRE(from + size <= expected.size());
    double worst = 0;
    for (std::size_t k = 0; k < size; ++k)
        worst = std::max(worst, support::difference(found.data()[at + k], expected[from + k]));
    return worst;
}

/// A layer that returns sequences, and the same that returns the last output.
template <class T, class Layer>
struct models {
    using sequences = typename Layer::returning_sequences;
    sequential<input<features, T>, sequences> all{input<features, T>{}, sequences{}};
    sequential<input<features, T>, Layer> last{input<features, T>{}, Layer{}};

    explicit models(module_values const& values) {
        char const* const names[] = {".kernel", ".recurrent_kernel", ".bias"};
        for (auto const& [layer, whole] : values.directions)
            for (std::size_t n = 0; n < 3; ++n) {
                set(all.parameter(layer + names[n]), whole[n]);
                set(last.parameter(layer + names[n]), whole[n]);
            }
    }
};

/// The first steps of `rows` rows of x, from one on.
template <class T>
xt::xtensor<T, 3> input_rows(module_values const& values, std::size_t first = 0,
                             std::size_t rows = batch, std::size_t steps = time) {
    xt::xtensor<T, 3> x(std::array<std::size_t, 3>{rows, steps, features});
    for (std::size_t b = 0; b < rows; ++b)
        set(std::span<T>(x.data() + b * steps * features, steps * features),
            values.x.subspan((first + b) * time * features, steps * features));
    return x;
}

/// Largest difference of row b of y, at its first `steps` steps, and of last from a row expected.
template <class All, class Last>
double row_difference(outputs const& expected, All const& y, Last const& last, std::size_t b,
                      std::size_t expected_row, std::size_t steps) {
    std::size_t const width = y.shape()[2];
    return std::max(difference(last, b * width, expected.h, expected_row * width, width),
                    difference(y, b * y.shape()[1] * width, expected.y, expected_row * time * width,
                               steps * width));
}

template <class T, class Layer>
double whole_difference(module_values const& values) {
    models<T, Layer> const m(values);
    auto const x = input_rows<T>(values);
    auto const y = m.all.predict(x);
    auto const last = m.last.predict(x);
    REQUIRE(y.size() == values.whole.y.size());
    REQUIRE(last.size() == values.whole.h.size());
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b)
        worst = std::max(worst, row_difference(values.whole, y, last, b, b, time));
    return worst;
}

/// Each row of the packed sequences predicted alone, cut to its length.
template <class T, class Layer>
double cut_difference(module_values const& values) {
    models<T, Layer> const m(values);
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        std::size_t const length = reference::lengths[b];
        auto const x = input_rows<T>(values, b, 1, length);
        worst = std::max(worst, row_difference(values.packed, m.all.predict(x), m.last.predict(x),
                                               0, b, length));
    }
    return worst;
}

/// Largest difference of the states that a prediction leaves.
template <class States>
double states_difference(module_values const& values, outputs const& expected,
                         States const& states) {
    std::size_t const width = values.directions.size() * units;
    double worst = 0;
    for (std::size_t d = 0; d < values.directions.size(); ++d)
        for (auto const& [name, final] : {std::pair{"h", expected.h}, {"c", expected.c}})
            if (!final.empty()) {
                auto const found = states.get(values.directions[d].first, name);
                for (std::size_t b = 0; b < batch; ++b)
                    worst = std::max(
                        worst, difference(found, b * units, final, b * width + d * units, units));
            }
    return worst;
}

/// The batch with lengths, and the states with and without.
template <class T, class Layer>
double lengths_difference(module_values const& values) {
    models<T, Layer> const m(values);
    auto const x = input_rows<T>(values);
    std::vector<std::size_t> const lengths(std::begin(reference::lengths),
                                           std::end(reference::lengths));
    auto const y = m.all.predict(x, lengths);
    auto const last = m.last.predict(x, lengths);
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b)
        worst = std::max(worst, row_difference(values.packed, y, last, b, b, lengths[b]));
    model_states after_whole{m.all, batch}, after_packed{m.all, batch};
    m.all.predict(x, after_whole);
    m.all.predict(x, lengths, after_packed);
    return std::max({worst, states_difference(values, values.whole, after_whole),
                     states_difference(values, values.packed, after_packed)});
}

void check(std::string const& what, double in_double, double in_float) {
    CAPTURE(what);
    CHECK(in_double <= 1e-12);
    CHECK(in_float <= 1e-6);
    MESSAGE(what, ": largest difference in double ", in_double, ", in float ", in_float);
}

template <class Layer>
void check_module(std::string const& name, module_values const& values) {
    check(name, whole_difference<double, Layer>(values), whole_difference<float, Layer>(values));
    check(name + ", cut rows", cut_difference<double, Layer>(values),
          cut_difference<float, Layer>(values));
    check(name + ", lengths", lengths_difference<double, Layer>(values),
          lengths_difference<float, Layer>(values));
}

} // namespace

TEST_CASE("LSTM in both directions") {
    namespace r = reference::lstm_both;
    check_module<bidirectional<lstm<units>>>(
        "LSTM in both directions",
        {r::x,
         {{"bidirectional.forward",
           {r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias}},
          {"bidirectional.backward",
           {r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias}}},
         {r::y, r::h, r::c},
         {r::packed_y, r::packed_h, r::packed_c}});
}

TEST_CASE("GRU in both directions") {
    namespace r = reference::gru_both;
    check_module<bidirectional<gru<units>>>(
        "GRU in both directions",
        {r::x,
         {{"bidirectional.forward",
           {r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias}},
          {"bidirectional.backward",
           {r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias}}},
         {r::y, r::h, {}},
         {r::packed_y, r::packed_h, {}}});
}

TEST_CASE("LSTM in one direction") {
    namespace r = reference::lstm_one;
    check_module<lstm<units>>(
        "LSTM", {r::x,
                 {{"lstm", {r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias}}},
                 {r::y, r::h, r::c},
                 {r::packed_y, r::packed_h, r::packed_c}});
}

TEST_CASE("GRU in one direction") {
    namespace r = reference::gru_one;
    check_module<gru<units>>(
        "GRU", {r::x,
                {{"gru", {r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias}}},
                {r::y, r::h, {}},
                {r::packed_y, r::packed_h, {}}});
}
