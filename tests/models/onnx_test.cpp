// SPDX-License-Identifier: BSD-3-Clause
//
// LSTM, with peepholes, with coupled gates, and both GRUs against ONNX's operators, forwards, in
// reverse and in both directions. The values and the script that made them: tests/reference.
#include <doctest/doctest.h>

#include <map>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>

#include "reference/onnx.hpp"
#include "support/models.hpp"

using namespace xrnn;
namespace reference = onnx_reference;

namespace {

constexpr std::size_t features = reference::features, units = reference::units,
                      time = reference::time, batch = reference::batch;

using weights = std::map<std::string, std::span<int const>>;

weights three(std::span<int const> kernel, std::span<int const> recurrent_kernel,
              std::span<int const> bias) {
    return {{"kernel", kernel}, {"recurrent_kernel", recurrent_kernel}, {"bias", bias}};
}

struct operator_values {
    weights forward, backward;
    std::span<double const> y, h, short_y, short_h; // the forward direction's half first
};

template <class T>
void set(std::span<T> to, std::span<int const> whole) {
    REQUIRE(to.size() == whole.size());
    for (std::size_t k = 0; k < to.size(); ++k)
        to[k] = static_cast<T>(whole[k]) / 1024;
}

template <class Model>
void set(Model& model, std::string const& prefix, weights const& values) {
    for (auto const& [name, whole] : values)
        set(model.parameter(prefix + name), whole);
}

/// The first steps of `rows` rows of x, from one on.
template <class T>
xt::xtensor<T, 3> input_rows(std::size_t first = 0, std::size_t rows = batch,
                             std::size_t steps = time) {
    xt::xtensor<T, 3> x(std::array<std::size_t, 3>{rows, steps, features});
    for (std::size_t b = 0; b < rows; ++b)
        set(std::span<T>(x.data() + b * steps * features, steps * features),
            std::span(reference::x).subspan((first + b) * time * features, steps * features));
    return x;
}

/// Largest difference of two ranges of the same size.
template <class T>
double difference(std::span<T const> found, std::span<double const> expected) {
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t k = 0; k < found.size(); ++k)
        worst = std::max(worst, support::difference(found[k], expected[k]));
    return worst;
}

/// n values of a result from one on.
template <class Result>
auto part(Result const& y, std::size_t first, std::size_t n) {
    REQUIRE(first + n <= y.size());
    return std::span<typename Result::value_type const>(y.data() + first, n);
}

/// A layer in one direction, and in both.
template <class T, class Layer>
struct models {
    using sequences = typename Layer::returning_sequences;
    sequential<input<features, T>, sequences> one{input<features, T>{}, sequences{}};
    sequential<input<features, T>, Layer> one_last{input<features, T>{}, Layer{}};
    sequential<input<features, T>, bidirectional<sequences>> both{input<features, T>{},
                                                                  bidirectional<sequences>{}};
    sequential<input<features, T>, bidirectional<Layer>> both_last{input<features, T>{},
                                                                   bidirectional<Layer>{}};

    explicit models(operator_values const& values) {
        std::string const name(Layer::name);
        set(one, name + ".", values.forward);
        set(one_last, name + ".", values.forward);
        set(both, "bidirectional.forward.", values.forward);
        set(both_last, "bidirectional.forward.", values.forward);
        set(both, "bidirectional.backward.", values.backward);
        set(both_last, "bidirectional.backward.", values.backward);
    }
};

/// Largest difference of whole sequences: both directions, the forward one alone, and as a stream.
template <class T, class Layer>
double whole_difference(operator_values const& values) {
    models<T, Layer> const m(values);
    auto const x = input_rows<T>();
    auto const both = m.both.predict(x), one = m.one.predict(x);
    auto const both_last = m.both_last.predict(x), one_last = m.one_last.predict(x);
    double worst = std::max(difference(part(both, 0, both.size()), values.y),
                            difference(part(both_last, 0, both_last.size()), values.h));
    packed const packed_weights{m.one};
    for (std::size_t b = 0; b < batch; ++b) {
        stream s{packed_weights};
        std::vector<T> streamed(time * units);
        s.process(part(x, b * time * features, time * features), streamed);
        for (std::size_t t = 0; t < time; ++t) {
            auto const expected = values.y.subspan((b * time + t) * 2 * units, units);
            worst = std::max({worst, difference(part(one, (b * time + t) * units, units), expected),
                              difference(part(streamed, t * units, units), expected)});
        }
        worst = std::max(worst, difference(part(one_last, b * units, units),
                                           values.h.subspan(b * 2 * units, units)));
    }
    return worst;
}

/// Largest difference at the steps within the lengths, and at the end, of rows b of y and last from
/// row `expected_row`.
template <class Result, class Last>
double short_row_difference(operator_values const& values, Result const& y, Last const& last,
                            std::size_t b, std::size_t expected_row) {
    std::size_t const steps = y.shape()[1], width = y.shape()[2];
    double worst = difference(part(last, b * width, width),
                              values.short_h.subspan(expected_row * 2 * units, width));
    for (std::size_t t = 0; t < reference::lengths[expected_row]; ++t)
        worst = std::max(worst, difference(part(y, (b * steps + t) * width, width),
                                           values.short_y.subspan(
                                               (expected_row * time + t) * 2 * units, width)));
    return worst;
}

/// Largest difference where each row, cut to its length, is predicted alone.
template <class T, class Layer>
double cut_difference(operator_values const& values) {
    models<T, Layer> const m(values);
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        if (reference::lengths[b] == 0)
            continue;
        auto const x = input_rows<T>(b, 1, reference::lengths[b]);
        worst = std::max(
            {worst, short_row_difference(values, m.both.predict(x), m.both_last.predict(x), 0, b),
             short_row_difference(values, m.one.predict(x), m.one_last.predict(x), 0, b)});
    }
    return worst;
}

/// Largest difference of a batch of rows of unequal lengths.
template <class T, class Layer>
double lengths_difference(operator_values const& values) {
    models<T, Layer> const m(values);
    auto const x = input_rows<T>();
    std::vector<std::size_t> const lengths(std::begin(reference::lengths),
                                           std::end(reference::lengths));
    auto const both = m.both.predict(x, lengths), one = m.one.predict(x, lengths);
    auto const both_last = m.both_last.predict(x, lengths);
    auto const one_last = m.one_last.predict(x, lengths);
    double worst = 0;
    for (std::size_t b = 0; b < batch; ++b)
        worst = std::max({worst, short_row_difference(values, both, both_last, b, b),
                          short_row_difference(values, one, one_last, b, b)});
    return worst;
}

void check(std::string const& what, double in_double, double in_float) {
    CAPTURE(what);
    CHECK(in_double <= 1e-12);
    CHECK(in_float <= 1e-6);
    MESSAGE(what, ": largest difference in double ", in_double, ", in float ", in_float);
}

template <class Layer>
void check_operator(std::string const& name, operator_values const& values) {
    check(name, whole_difference<double, Layer>(values), whole_difference<float, Layer>(values));
    check(name + ", cut rows", cut_difference<double, Layer>(values),
          cut_difference<float, Layer>(values));
    check(name + ", lengths", lengths_difference<double, Layer>(values),
          lengths_difference<float, Layer>(values));
}

} // namespace

TEST_CASE("LSTM") {
    namespace r = reference::lstm;
    check_operator<lstm<units>>(
        "LSTM", {three(r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias),
                 three(r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias), r::y,
                 r::h, r::short_y, r::short_h});
}

TEST_CASE("LSTM with peepholes") {
    namespace r = reference::peephole_lstm;
    operator_values values{
        three(r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias),
        three(r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias),
        r::y,
        r::h,
        r::short_y,
        r::short_h};
    values.forward.insert(
        {{"p_i", r::forward_p_i}, {"p_f", r::forward_p_f}, {"p_o", r::forward_p_o}});
    values.backward.insert(
        {{"p_i", r::backward_p_i}, {"p_f", r::backward_p_f}, {"p_o", r::backward_p_o}});
    check_operator<peephole_lstm<units>>("LSTM with P", values);
}

TEST_CASE("LSTM with input_forget = 1") {
    namespace r = reference::coupled_lstm;
    check_operator<coupled_lstm<units>>(
        "LSTM with input_forget",
        {three(r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias),
         three(r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias), r::y, r::h,
         r::short_y, r::short_h});
}

TEST_CASE("GRU with linear_before_reset = 0") {
    namespace r = reference::gru_reset_before;
    check_operator<gru<units, reset_after<false>>>(
        "GRU, reset before",
        {three(r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias),
         three(r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias), r::y, r::h,
         r::short_y, r::short_h});
}

TEST_CASE("GRU with linear_before_reset = 1") {
    namespace r = reference::gru_reset_after;
    check_operator<gru<units>>(
        "GRU, reset after",
        {three(r::forward_kernel, r::forward_recurrent_kernel, r::forward_bias),
         three(r::backward_kernel, r::backward_recurrent_kernel, r::backward_bias), r::y, r::h,
         r::short_y, r::short_h});
}
