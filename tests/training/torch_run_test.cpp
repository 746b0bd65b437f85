// SPDX-License-Identifier: BSD-3-Clause
//
// Three epochs of training against PyTorch's autograd with Keras's Adam: the loss of each batch and
// the predictions afterwards. The values and the script that made them: tests/reference.
#include <doctest/doctest.h>

#include <xrnn/training/trainer.hpp>

#include "reference/run.hpp"

using namespace xrnn;
namespace reference = run_reference;

namespace {

/// Whole numbers / 1024.
template <std::size_t N>
void set(std::span<double> to, int const (&whole)[N]) {
    REQUIRE(to.size() == N);
    for (std::size_t k = 0; k < N; ++k)
        to[k] = whole[k] / 1024.0;
}

template <class Trainer, class Model, std::size_t NX, std::size_t NY, std::size_t NL>
void check(Trainer trainer, Model& model, int const (&x_values)[NX], int const (&y_values)[NY],
           double const (&losses)[NL], double const (&predictions)[NY]) {
    std::size_t const rows = reference::rows, size = reference::time * reference::features;
    xt::xtensor<double, 3> x(
        std::array<std::size_t, 3>{rows, reference::time, reference::features});
    xt::xtensor<double, 1> y(std::array<std::size_t, 1>{rows});
    set(std::span<double>(x.data(), x.size()), x_values);
    set(std::span<double>(y.data(), y.size()), y_values);
    double worst = 0;
    std::size_t batch = 0;
    for (std::size_t epoch = 0; epoch < reference::epochs; ++epoch)
        for (std::size_t first = 0; first < rows; first += reference::batch) {
            std::size_t const n = std::min(reference::batch, rows - first);
            logs const l = trainer.train_on_batch(
                xt::adapt(x.data() + first * size, n * size, xt::no_ownership(),
                          std::array<std::size_t, 3>{n, reference::time, reference::features}),
                xt::adapt(y.data() + first, n, xt::no_ownership(), std::array<std::size_t, 1>{n}));
            worst = std::max(worst, std::abs(l["loss"] - losses[batch++]));
        }
    CHECK(batch == NL);
    CHECK(worst <= 1e-12);
    xt::xtensor<double, 2> const p = model.predict(x);
    double after = 0;
    for (std::size_t k = 0; k < rows; ++k)
        after = std::max(after, std::abs(p(k, 0) - predictions[k]));
    CHECK(after <= 1e-11);
    MESSAGE("largest difference of a loss ", worst, ", of a prediction ", after);
}

constexpr adam optimizer{.learning_rate = 0.01};

} // namespace

TEST_CASE("LSTM(10), Dense(1, relu), squared error") {
    sequential model{input<reference::features, double>{}, lstm<reference::units>{},
                     dense<1, relu>{}};
    set(model.parameter("lstm.kernel"), reference::lstm::kernel);
    set(model.parameter("lstm.recurrent_kernel"), reference::lstm::recurrent_kernel);
    set(model.parameter("lstm.bias"), reference::lstm::bias);
    set(model.parameter("dense.kernel"), reference::lstm::dense_kernel);
    set(model.parameter("dense.bias"), reference::lstm::dense_bias);
    check(compile(model, mean_squared_error{}, optimizer), model, reference::lstm::x,
          reference::lstm::y, reference::lstm::losses, reference::lstm::predictions);
}

TEST_CASE("GRU(10), Dense(1, sigmoid), binary crossentropy") {
    sequential model{input<reference::features, double>{}, gru<reference::units>{},
                     dense<1, sigmoid>{}};
    set(model.parameter("gru.kernel"), reference::gru::kernel);
    set(model.parameter("gru.recurrent_kernel"), reference::gru::recurrent_kernel);
    set(model.parameter("gru.bias"), reference::gru::bias);
    set(model.parameter("dense.kernel"), reference::gru::dense_kernel);
    set(model.parameter("dense.bias"), reference::gru::dense_bias);
    check(compile(model, binary_crossentropy{}, optimizer), model, reference::gru::x,
          reference::gru::y, reference::gru::losses, reference::gru::predictions);
}
