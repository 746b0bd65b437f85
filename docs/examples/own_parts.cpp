// SPDX-License-Identifier: BSD-3-Clause
//
// The code of docs/getting_started.md about looking inside, and about parts of one's own.
#include <xrnn/xrnn.hpp>

#include <cstdio>
#include <iostream>

using namespace xrnn;

namespace {

// [activation]
/// a(x) = x·σ(x)
struct swish {
    static constexpr std::string_view name = "swish";
    auto operator()(auto const& x) const { return x * sigmoid{}(x); }
};
// [/activation]

// [cell]
/// An LSTM whose input gate is 1 - f: what is forgotten makes room for what is new.
struct coupled_cell {
    using forget_gate = gate<"f", sigmoid>;
    using new_content = candidate<"g", xrnn::tanh>;
    using output_gate = gate<"o", sigmoid>;
    using h = state<"h">;
    using c = state<"c">;
    using sums = list<forget_gate, new_content, output_gate>;

    struct equations
        : lanes<list<forget_gate, new_content, output_gate, prev<c>>, list<h, c>, sums> {
        static auto next(auto f, auto g, auto o, auto c_prev) {
            auto const f_t = forget_gate{}(f);
            auto const g_t = new_content{}(g);
            auto const o_t = output_gate{}(o);
            auto const c_t = f_t * c_prev + (1 - f_t) * g_t;
            return std::tuple{o_t * xrnn::tanh{}(c_t), c_t, f_t, g_t, o_t};
        }
    };

    static constexpr std::string_view name = "coupled";
    using states = list<h, c>;
    using output = h;
    using flow = list<affine<sums, list<x_t, prev<h>>>, equations>;
    using bias_starts_at_one = list<forget_gate>;
};

template <std::size_t Units, class... Options>
using coupled = recurrent<coupled_cell, Units, Options...>;
// [/cell]

// [loss]
/// (p - y)^4
struct fourth_power {
    static constexpr std::string_view name = "fourth_power";
    static auto element(auto const& y, auto const& p) {
        auto const square = (p - y) * (p - y);
        return square * square;
    }
};
// [/loss]

} // namespace

int main() {
    // [check]
    auto model = sequential{input<3, double>{}, coupled<5>{}, dense<2, swish>{}};
    xt::xtensor<double, 3> x({2, 4, 3}); // two sequences of four steps
    xt::xtensor<double, 2> y({2, 2});
    random_stream const random(1, 0);
    for (std::size_t k = 0; k < x.size(); ++k)
        x.data()[k] = random.normal(k);
    for (std::size_t k = 0; k < y.size(); ++k)
        y.data()[k] = random.normal(x.size() + k);

    gradient_report const r = gradient_check(model, mean_squared_error{}, x, y);
    std::cout << r.checked << " derivatives, "
              << (r.max_error < 1e-9 ? "all below 1e-9" : "wrong at " + r.worst) << "\n";
    // [/check]
    gradient_report const r4 = gradient_check(model, fourth_power{}, x, y);
    if (!(r.max_error < 1e-9 && r4.max_error < 1e-7))
        return 1;

    // [trace]
    auto const seen = trace(model, xt::view(x, 0, xt::all(), xt::all()));
    xt::xtensor<double, 2> const& f = seen["coupled"]["f"]; // the forget gate, (time, units)
    for (std::size_t t = 0; t < 4; ++t)
        std::printf("step %zu: f of unit 0 = %.3f\n", t + 1, f(t, 0));
    // [/trace]

    // [parameters]
    for (auto const& p : model.parameters()) {
        std::cout << p.name << " (";
        for (std::size_t k = 0; k < p.shape.size(); ++k)
            std::cout << (k == 0 ? "" : ", ") << p.shape[k];
        std::cout << ")\n";
    }
    // [/parameters]
    return 0;
}
