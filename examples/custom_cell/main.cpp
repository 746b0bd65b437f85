// SPDX-License-Identifier: BSD-3-Clause
//
// What a cell of one's own gets for its equations: it trains, its gradient is right, it runs one step
// at a time, shows its gates, and is saved and loaded. The task: recall the sign of the first value
// of a sequence, after noise.
#include "fast_grnn.hpp"

#include <xrnn/io/model_file.hpp>

#include <cmath>
#include <filesystem>
#include <iostream>

using namespace example;

int main() {
    // Sequences of 20 steps; the label is 1 where the first value, +1 or -1, is positive.
    std::size_t const rows = 512, steps = 20;
    xt::xtensor<float, 3> x = xt::empty<float>({rows, steps, std::size_t{1}});
    xt::xtensor<float, 2> y = xt::empty<float>({rows, std::size_t{1}});
    random_stream const random(7, 0);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t t = 0; t < steps; ++t)
            x(row, t, 0) = static_cast<float>(random.uniform(row * steps + t)) - 0.5f;
        y(row, 0) = x(row, 0, 0) > 0 ? 1.0f : 0.0f;
        x(row, 0, 0) = y(row, 0) > 0 ? 1.0f : -1.0f;
    }

    sequential model{input<1>{}, fast_grnn<8>{}, dense<1, sigmoid>{}};
    std::cout << model.summary();
    auto trainer = compile(model, binary_crossentropy{}, adam{.learning_rate = 0.01}, accuracy{});
    history const logged = trainer.fit(x, y, {.epochs = 30, .verbose = 0});
    std::cout << "trained: accuracy " << logged["accuracy"].front() << " after one epoch, "
              << logged["accuracy"].back() << " after " << logged["accuracy"].size() << "\n";

    // The derivatives that follow from the equations, against differences, in double.
    sequential exact{input<1, double>{}, fast_grnn<8>{}, dense<1, sigmoid>{}};
    xt::xtensor<double, 3> const some = xt::view(x, xt::range(0, 3), xt::all(), xt::all());
    xt::xtensor<double, 2> const labels = xt::view(y, xt::range(0, 3), xt::all());
    gradient_report const checked = gradient_check(exact, binary_crossentropy{}, some, labels);
    std::cout << "gradient: " << checked.checked << " derivatives, largest error "
              << checked.max_error << "\n";

    // One step at a time.
    auto const predicted = model.predict(x);
    packed const weights{model};
    stream s{weights};
    float last = 0;
    for (std::size_t t = 0; t < steps; ++t)
        last = s.step(x(0, t, 0));
    std::cout << "streamed: " << last << ", predicted: " << predicted(0, 0) << "\n";

    // Its gate over time.
    auto const shown = trace(model, xt::eval(xt::view(x, xt::range(0, 1), xt::all(), xt::all())));
    std::cout << "gate z of unit 0, steps 0 and 1: " << shown["fast_grnn"]["z"](0, 0) << ", "
              << shown["fast_grnn"]["z"](1, 0) << "\n";

    // Saved and loaded.
    auto const file = std::filesystem::temp_directory_path() / "xrnn_fast_grnn.safetensors";
    save(model, file);
    sequential again{input<1>{}, fast_grnn<8>{}, dense<1, sigmoid>{}};
    load(again, file);
    std::filesystem::remove(file);
    bool const same = again.predict(x) == predicted;
    std::cout << "saved and loaded: " << (same ? "the same" : "other") << " predictions\n";

    bool const good = checked.max_error < 1e-7 && same && std::abs(last - predicted(0, 0)) < 1e-5f;
    return good ? 0 : 1;
}
