// SPDX-License-Identifier: BSD-3-Clause
//
// Sequences of different length in one batch, and sequences too long for one.
#include <xrnn/xrnn.hpp>

#include <cstdio>
#include <vector>

using namespace xrnn;

namespace {

/// Sequences (rows, time, 2) of numbers in -0.5 ... 0.5, and the mean of feature 0 up to each step.
struct some_data {
    xt::xtensor<float, 3> x, y;
    some_data(std::size_t rows, std::size_t time)
        : x(std::array<std::size_t, 3>{rows, time, 2}),
          y(std::array<std::size_t, 3>{rows, time, 1}) {
        random_stream const random(1, 0);
        for (std::size_t k = 0; k < x.size(); ++k)
            x.data()[k] = static_cast<float>(random.uniform(k) - 0.5);
        for (std::size_t r = 0; r < rows; ++r) {
            float sum = 0;
            for (std::size_t t = 0; t < time; ++t) {
                sum += x(r, t, 0);
                y(r, t, 0) = sum / static_cast<float>(t + 1);
            }
        }
    }
};

void different_lengths() {
    auto const [x, y] = some_data(4, 20);
    auto model = sequential{input<2>{}, lstm<8, return_sequences>{}, dense<1>{}};
    auto trainer = compile(model, mean_squared_error{}, adam{});
    // [lengths]
    std::vector<std::size_t> const lengths{20, 7, 12, 1}; // of x, (4, 20, 2)
    trainer.fit(x, y, {.epochs = 2, .verbose = 0, .lengths = lengths});
    auto const p = model.predict(x, lengths);
    // [/lengths]
    std::printf("row 1 ends at %.4f and stays at %.4f\n", static_cast<double>(p(1, 6, 0)),
                static_cast<double>(p(1, 19, 0)));

    // [masking]
    auto const masked =
        sequential{input<2>{}, masking{-1}, lstm<8, return_sequences>{}, dense<1>{}};
    // [/masking]
    std::printf("masked: %zu parameters\n", masked.count_params());
}

void carried_states() {
    auto const [x, y] = some_data(1, 1000);
    auto model = sequential{input<2>{}, lstm<8, return_sequences>{}, dense<1>{}};
    // [states]
    model_states states{model, 1}; // for one row; they begin at zero
    auto const first = model.predict(xt::view(x, xt::all(), xt::range(0, 600), xt::all()), states);
    auto const rest =
        model.predict(xt::view(x, xt::all(), xt::range(600, 1000), xt::all()), states);
    xt::xtensor<float, 2> const h = states.get("lstm", "h"); // after step 1000, (1, 8)
    // [/states]
    auto const whole = model.predict(x);
    bool const same = rest(0, 399, 0) == whole(0, 999, 0) && first(0, 0, 0) == whole(0, 0, 0);
    std::printf("in two parts as in one: %s; h has %zu values\n", same ? "yes" : "no", h.size());

    // [stateful]
    // 1000 steps as 20 batches of 50: each goes on where the one before has ended
    xt::xtensor<float, 3> const parts = xt::reshape_view(x, {20, 50, 2});
    xt::xtensor<float, 3> const targets = xt::reshape_view(y, {20, 50, 1});
    auto trainer = compile(model, mean_squared_error{}, adam{});
    trainer.fit(parts, targets,
                {.epochs = 2, .batch_size = 1, .verbose = 0, .shuffle = false, .stateful = true});
    // [/stateful]
}

} // namespace

int main() {
    different_lengths();
    carried_states();
    return 0;
}
