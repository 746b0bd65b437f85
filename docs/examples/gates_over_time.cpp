// SPDX-License-Identifier: BSD-3-Clause
//
// What gates do while a network remembers. An LSTM of one unit sees a number and a mark at every step
// and is to say the last marked number. Prints its gates over one sequence, a column for each vector;
// docs/pictures/gates_over_time.gp draws them:
//
//     ./gates_over_time > gates.txt && gnuplot docs/pictures/gates_over_time.gp
#include <xrnn/xrnn.hpp>

#include <cstdio>

using namespace xrnn;

namespace {

struct sequences {
    xt::xtensor<float, 3> x; // (rows, time, number and mark)
    xt::xtensor<float, 3> y; // (rows, time, 1)
};

sequences remember(std::size_t rows, std::size_t time, std::uint64_t seed) {
    sequences s{xt::xtensor<float, 3>({rows, time, 2}), xt::xtensor<float, 3>({rows, time, 1})};
    random_stream const random(seed, 0);
    for (std::size_t r = 0; r < rows; ++r) {
        float last = 0;
        for (std::size_t t = 0; t < time; ++t) {
            std::size_t const n = 2 * (r * time + t);
            s.x(r, t, 0) = static_cast<float>(2 * random.uniform(n) - 1);
            s.x(r, t, 1) = random.uniform(n + 1) < 0.15 ? 1.0F : 0.0F;
            last = s.x(r, t, 1) > 0 ? s.x(r, t, 0) : last;
            s.y(r, t, 0) = last;
        }
    }
    return s;
}

} // namespace

int main() {
    std::size_t const time = 40;
    sequences const training = remember(256, time, 1);
    auto model = sequential{input<2>{}, lstm<1, return_sequences>{}, dense<1>{}};
    model.initialize(3);
    auto trainer = compile(model, mean_squared_error{}, adam{.learning_rate = 0.02});
    trainer.fit(training.x, training.y, {.epochs = 150, .verbose = 0});

    sequences const shown = remember(1, time, 5);
    auto const seen = trace(model, xt::view(shown.x, 0, xt::all(), xt::all()));
    xt::xtensor<float, 3> const said = model.predict(shown.x);
    std::printf("t number mark wanted said i f g o c\n");
    for (std::size_t t = 0; t < time; ++t) {
        std::printf("%zu", t + 1);
        for (float const value :
             {shown.x(0, t, 0), shown.x(0, t, 1), shown.y(0, t, 0), said(0, t, 0)})
            std::printf(" %.3f", static_cast<double>(value));
        for (auto const* name : {"i", "f", "g", "o", "c"})
            std::printf(" %.3f", static_cast<double>(seen["lstm"][name](t, 0)));
        std::printf("\n");
    }
    return 0;
}
