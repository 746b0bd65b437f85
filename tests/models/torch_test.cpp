// SPDX-License-Identifier: BSD-3-Clause
//
// Forward passes against PyTorch: LSTM, GRU and a stack of two, from random weights without symmetry.
// The values and the script that made them: tests/reference.
#include <doctest/doctest.h>

#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>

#include "reference/torch.hpp"
#include "support/models.hpp"

using namespace xrnn;
namespace reference = torch_reference;

namespace {

template <class T, std::size_t N>
void set(std::span<T> to, int const (&whole)[N]) {
    REQUIRE(to.size() == N);
    for (std::size_t k = 0; k < N; ++k)
        to[k] = static_cast<T>(whole[k]) / 1024;
}

/// Largest difference of predict, all steps, and of a stream over the first row.
template <class Model, std::size_t N, std::size_t M>
double worst(Model const& model, int const (&x_values)[N], double const (&expected)[M]) {
    using T = typename Model::value_type;
    xt::xtensor<T, 3> x(
        std::array<std::size_t, 3>{reference::batch, reference::time, reference::features});
    set(std::span<T>(x.data(), x.size()), x_values);
    xt::xtensor<T, 3> const y = model.predict(x);
    REQUIRE(y.size() == M);
    double result = 0;
    for (std::size_t k = 0; k < M; ++k)
        result = std::max(result, std::abs(static_cast<double>(y.data()[k]) - expected[k]));
    packed<Model> const weights{model};
    stream<Model> s{weights};
    std::vector<T> block(reference::time * reference::units);
    s.process({x.data(), reference::time * reference::features}, block);
    for (std::size_t k = 0; k < block.size(); ++k)
        result = std::max(result, std::abs(static_cast<double>(block[k]) - expected[k]));
    return result;
}

template <class T>
double lstm_difference() {
    sequential model{input<reference::features, T>{}, lstm<reference::units, return_sequences>{}};
    set(model.parameter("lstm.kernel"), reference::lstm::kernel_0);
    set(model.parameter("lstm.recurrent_kernel"), reference::lstm::recurrent_kernel_0);
    set(model.parameter("lstm.bias"), reference::lstm::bias_0);
    return worst(model, reference::lstm::x, reference::lstm::y);
}

template <class T>
double gru_difference() {
    sequential model{input<reference::features, T>{}, gru<reference::units, return_sequences>{}};
    set(model.parameter("gru.kernel"), reference::gru::kernel_0);
    set(model.parameter("gru.recurrent_kernel"), reference::gru::recurrent_kernel_0);
    set(model.parameter("gru.bias"), reference::gru::bias_0);
    return worst(model, reference::gru::x, reference::gru::y);
}

template <class T>
double stacked_difference() {
    constexpr std::size_t units = reference::units;
    sequential model{input<reference::features, T>{},
                     stacked<lstm<units>, lstm<units, return_sequences>>{}};
    set(model.parameter("lstm.kernel"), reference::stacked::kernel_0);
    set(model.parameter("lstm.recurrent_kernel"), reference::stacked::recurrent_kernel_0);
    set(model.parameter("lstm.bias"), reference::stacked::bias_0);
    set(model.parameter("lstm_1.kernel"), reference::stacked::kernel_1);
    set(model.parameter("lstm_1.recurrent_kernel"), reference::stacked::recurrent_kernel_1);
    set(model.parameter("lstm_1.bias"), reference::stacked::bias_1);
    return worst(model, reference::stacked::x, reference::stacked::y);
}

void check(std::string const& what, double in_double, double in_float) {
    CAPTURE(what);
    CHECK(in_double <= 1e-12);
    CHECK(in_float <= 1e-6);
    MESSAGE(what, ": largest difference in double ", in_double, ", in float ", in_float);
}

} // namespace

TEST_CASE("LSTM, GRU and two stacked LSTMs give what PyTorch gives") {
    check("LSTM", lstm_difference<double>(), lstm_difference<float>());
    check("GRU", gru_difference<double>(), gru_difference<float>());
    check("two LSTMs", stacked_difference<double>(), stacked_difference<float>());
}
