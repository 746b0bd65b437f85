// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/model_file.hpp>
#include <xrnn/xrnn.hpp>

#include <cmath>
#include <iostream>

using namespace xrnn;

int main() {
    // A wave of 400 values, cut into windows: x (380, 20, 1), and y (380), the value that follows.
    xt::xtensor<float, 2> wave({400, 1});
    for (std::size_t t = 0; t < 400; ++t)
        wave(t, 0) = std::sin(0.2F * static_cast<float>(t));
    auto const [x, y] = data::windows(wave, xt::view(wave, xt::all(), 0), 20, {.horizon = 1});

    auto model = sequential{input<1>{}, lstm<8>{}, dense<1>{}};
    std::cout << model.summary();

    auto trainer = compile(model, mean_squared_error{}, adam{.learning_rate = 0.01});
    trainer.fit(x, y, {.epochs = 5, .validation_split = 0.25});
    std::cout << "loss over all windows: " << trainer.evaluate(x, y)["loss"] << "\n";

    xt::xtensor<float, 2> const p = model.predict(x); // (380, 1)
    std::cout << "first window: predicted " << p(0, 0) << ", true " << y(0) << "\n";

    save(model, "wave.safetensors"); // load(model, "wave.safetensors") reads it back

    auto const weights = packed{model}; // the same model in real time, one value at a time
    auto now = stream{weights};
    for (std::size_t t = 0; t < 19; ++t)
        now.step(wave(t, 0));
    std::cout << "the same, step by step: " << now.step(wave(19, 0)) << "\n";
    return 0;
}
