// SPDX-License-Identifier: BSD-3-Clause
//
// The code of docs/getting_started.md: data, a model, training, prediction, files, streams.
// The page shows the parts between the [marks].
#include <xrnn/io/model_file.hpp>
#include <xrnn/xrnn.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <span>
#include <vector>

using namespace xrnn;

namespace {

/// Two columns: a slow and a quick wave. (rows, 2)
xt::xtensor<float, 2> waves(std::size_t rows) {
    xt::xtensor<float, 2> table({rows, 2});
    for (std::size_t t = 0; t < rows; ++t) {
        table(t, 0) = 100 + 20 * std::sin(0.1F * static_cast<float>(t));
        table(t, 1) = std::sin(0.7F * static_cast<float>(t));
    }
    return table;
}

// [make_model]
auto make_model() {
    return sequential{
        input<2>{},
        stacked<lstm<16>, gru<8>>{.dropout = 0.2},
        dense<1, sigmoid>{},
    };
}
// [/make_model]

// [audio]
/// What an audio callback may do: no allocation, no lock, no exception.
template <class Model>
void callback(stream<Model>& now, std::span<float const> in, std::span<float> out) noexcept {
    now.process(in, out);
}
// [/audio]

} // namespace

int main() {
    // [data]
    xt::xtensor<float, 2> const table = waves(300); // (rows, columns)
    std::vector<int> rises;                         // does column 0 rise from this row to the next?
    for (std::size_t t = 0; t < 300; ++t)
        rises.push_back(t < 299 && table(t + 1, 0) > table(t, 0) ? 1 : 0);

    data::standard_scaler scaler;
    scaler.fit(xt::view(table, xt::range(0, 226), xt::all())); // the rows that train
    xt::xtensor<float, 2> const scaled = scaler.transform(table);
    auto const [x, y] = data::windows(scaled, rises, 10); // (290, 10, 2), (290)
    auto const [x_train, x_test, y_train, y_test] =
        data::chronological_split(x, y, {.test_size = 0.25});
    // [/data]

    // [compose]
    auto model = make_model();
    model.initialize(7); // draw the weights by this seed; 0 without the call
    std::cout << model.summary();
    // [/compose]

    // [train]
    auto trainer = compile(model, binary_crossentropy{}, adam{.learning_rate = 0.01}, accuracy{});
    history const h = trainer.fit(x_train, y_train, {.epochs = 10, .verbose = 0, .seed = 7});
    std::printf("epoch 1: loss %.2f, epoch 10: loss %.2f\n", h["loss"].front(), h["loss"].back());
    // [/train]

    // [go_on]
    trainer.optimizer.learning_rate = 0.003;
    trainer.fit(x_train, y_train, {.epochs = 5, .verbose = 0, .seed = 8});
    // [/go_on]

    // [evaluate]
    logs const tested = trainer.evaluate(x_test, y_test); // dropout off
    std::printf("accuracy on the last quarter: %.2f\n", tested["accuracy"]);
    // [/evaluate]

    // [predict]
    xt::xtensor<float, 2> const p = model.predict(x_test); // (73, 1)
    xt::xtensor<std::size_t, 2> const counts = confusion_matrix(y_test, p);
    // [/predict]
    if (counts(0, 0) + counts(0, 1) + counts(1, 0) + counts(1, 1) != 73)
        return 1;

    // [save]
    save(model, "rises.safetensors", scaler);

    auto copy = make_model();
    data::standard_scaler its_scaler;
    load(copy, "rises.safetensors", its_scaler);
    // [/save]
    if (copy.predict(x_test) != p || its_scaler.transform(table) != scaled)
        return 2;

    // [stream]
    auto const weights = packed{model}; // a copy of the weights, laid out for the step
    auto now = stream{weights};         // the states of one sequence
    for (std::size_t t = 0; t < 10; ++t) {
        float const features[2] = {x_test(40, t, 0), x_test(40, t, 1)};
        std::span<float const, 1> const out = now.step(features);
        if (t == 9)
            std::printf("stream: %.2f, predict: %.2f\n", static_cast<double>(out[0]),
                        static_cast<double>(p(40, 0)));
    }
    now.reset(); // back to the beginning: states zero
    // [/stream]

    std::array<float, 20> block{};
    std::array<float, 10> result{};
    callback(now, block, result);

    // [errors]
    try {
        xt::xtensor<float, 3> const wrong({1, 10, 3});
        model.predict(wrong);
    } catch (shape_error const& e) {
        std::cout << e.what() << "\n";
    }
    // [/errors]
    std::filesystem::remove("rises.safetensors");
    return 0;
}
