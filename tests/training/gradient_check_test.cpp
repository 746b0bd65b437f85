// SPDX-License-Identifier: BSD-3-Clause
//
// gradient_check itself: that it notices what is wrong, what it reports and throws, and cells,
// activations and losses of a user's own.
#include <doctest/doctest.h>

#include <cstring>

#include "support/gradients.hpp"

using namespace xrnn;
using support::check_gradients;

namespace {

/// A minimal gated unit (Zhou et al. 2016), written as a user would.
struct minimal_cell {
    using forget_gate = gate<"f", sigmoid>;
    using from_x = candidate<"n", xrnn::tanh>;
    using h = state<"h">;
    using f_now = value<"f_t">;
    using gated = value<"f_t∘h">;

    struct opening : lanes<list<forget_gate, prev<h>>, list<f_now, gated>, list<forget_gate>> {
        static auto next(auto f, auto h_prev) {
            auto const f_t = forget_gate{}(f);
            return std::tuple{f_t, f_t * h_prev, f_t};
        }
    };
    struct update : lanes<list<from_x, f_now, prev<h>>, list<h>, list<from_x>> {
        static auto next(auto n, auto f_t, auto h_prev) {
            auto const n_t = from_x{}(n);
            return std::tuple{(1 - f_t) * h_prev + f_t * n_t, n_t};
        }
    };
    static constexpr std::string_view name = "minimal";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<forget_gate>, list<x_t, prev<h>>>, opening,
                      affine<list<from_x>, list<x_t, gated>>, update>;
};

/// A cell without a recurrent product: the state is reached lane by lane only (minGRU).
struct scan_cell {
    using update_gate = gate<"z", sigmoid>;
    using content = candidate<"n", linear>;
    using h = state<"h">;
    struct equations : lanes<list<update_gate, content, prev<h>>, list<h>> {
        static auto next(auto z, auto n, auto h_prev) {
            auto const z_t = update_gate{}(z);
            return std::tuple{(1 - z_t) * h_prev + z_t * n};
        }
    };
    static constexpr std::string_view name = "scan";
    using states = list<h>;
    using output = h;
    using flow = list<affine<list<update_gate, content>, list<x_t>>, equations>;
};

struct swish {
    [[maybe_unused]] static constexpr std::string_view name = "swish";
    auto operator()(auto const& x) const { return x * sigmoid{}(x); }
};

/// -inf where the padding's sum is 0, and its derivative NaN there.
struct log_of_square {
    [[maybe_unused]] static constexpr std::string_view name = "log_of_square";
    auto operator()(auto const& x) const { return 0.1 * simd::log(x * x); }
};

/// Right on numbers, 0.1 % too steep on duals.
struct liar {
    [[maybe_unused]] static constexpr std::string_view name = "liar";
    auto operator()(auto const& x) const {
        using X = std::remove_cvref_t<decltype(x)>;
        if constexpr (simd::Dual<X>) {
            X result = simd::tanh(x);
            for (auto& p : result.partials)
                p = p * simd::constant<std::remove_cvref_t<decltype(p)>>(1.001);
            return result;
        } else
            return simd::tanh(x);
    }
};

/// Wrong in one partial only: the state's part of the gradient is lost.
struct forgetful_cell : simple_rnn_cell<> {
    struct equations : lanes<list<new_state, prev<h>>, list<h>> {
        static auto next(auto a, auto h_prev) {
            if constexpr (simd::Dual<decltype(h_prev)>)
                return std::tuple{simd::tanh(a) + 0.5 * h_prev.value};
            else
                return std::tuple{simd::tanh(a) + 0.5 * h_prev};
        }
    };
    using flow = list<affine<list<new_state>, list<x_t, prev<h>>>, equations>;
};

struct squared_log_error { // a user's own loss
    [[maybe_unused]] static constexpr std::string_view name = "squared_log_error";
    static auto element(auto const& y, auto const& p) {
        auto const difference = simd::log(p + 1) - simd::log(y + 1);
        return difference * difference;
    }
};

template <class Model>
gradient_report report_of(Model model, std::size_t time = 2) {
    support::randomize(model, 3);
    auto const x = support::tensor<double, 3>({2, time, model.features()}, 4);
    return gradient_check(model, mean_squared_error{}, x,
                          support::random_targets<Model>()(time, 2));
}

using in = input<3, double>;

} // namespace

TEST_CASE("cells, activations and losses of a user's own") {
    support::gradient_totals totals;
    check_gradients("minimal", sequential{in{}, recurrent<minimal_cell, 3>{}}, totals);
    check_gradients("scan", sequential{in{}, recurrent<scan_cell, 5, return_sequences>{}}, totals);
    check_gradients("swish", sequential{in{}, lstm<3, activation<swish>>{}, dense<2, swish>{}},
                    totals);
    check_gradients("squared_log_error", sequential{in{}, gru<3>{}, dense<2, sigmoid>{}}, totals, 1,
                    squared_log_error{});
    support::tell(totals);
}

TEST_CASE("what the padding holds, infinity and NaN included, reaches no gradient") {
    support::gradient_totals totals;
    totals.longest = 7; // these activations make long sequences chaotic
    check_gradients("dense", sequential{in{}, gru<3>{}, dense<3, log_of_square>{}}, totals, 12);
    check_gradients("recurrent",
                    sequential{in{}, simple_rnn<3, activation<log_of_square>>{}, dense<1>{}},
                    totals, 12);
    support::tell(totals);
}

TEST_CASE("a wrong derivative is noticed") {
    CHECK(report_of(sequential{in{}, lstm<3>{}, dense<2, liar>{}}).max_error > 1e-6);
    CHECK(report_of(sequential{in{}, lstm<3, activation<liar>>{}}).max_error > 1e-6);
    // only over time: with one step the initial state alone tells
    gradient_report const lost = report_of(sequential{in{}, recurrent<forgetful_cell, 3>{}}, 7);
    CHECK(lost.max_error > 1e-3);
    CHECK(lost.analytic != lost.numeric);
}

TEST_CASE("the report counts every parameter, input and initial state, and names the worst") {
    sequential model{in{}, lstm<2>{}, dense<1>{}};
    std::size_t const batch = 3, time = 7;
    auto const x = support::tensor<double, 3>({batch, time, 3}, 4);
    auto const y = support::tensor<double, 1>({batch}, 5);
    gradient_report const report =
        gradient_check(model, mean_squared_error{}, x,
                       xt::xtensor<double, 2>(xt::xtensor<double, 2>::shape_type{batch, 1}, 0.5));
    CHECK(report.checked == model.count_params() + batch * time * 3 + batch * 2 * 2);
    CHECK_FALSE(report.worst.empty());
    gradient_report const wrong = report_of(sequential{in{}, dense<2, liar>{}});
    CHECK((wrong.worst.rfind("dense.", 0) == 0 || wrong.worst.rfind("x[", 0) == 0));
}

TEST_CASE("the model's parameters are the same bits afterwards") {
    sequential model{in{}, gru<3>{}, dense<1>{}};
    std::vector<double> const before(model.flat().begin(), model.flat().end());
    auto const x = support::tensor<double, 3>({2, 3, 3}, 4);
    auto const y = support::tensor<double, 2>({2, 1}, 5);
    gradient_check(model, mean_squared_error{}, x, y);
    CHECK(std::memcmp(before.data(), model.flat().data(), before.size() * sizeof(double)) == 0);
}

TEST_CASE("gradient_check builds a dynamic model, and refuses wrong shapes") {
    sequential model{input<dynamic, double>{}, gru<3>{}, dense<1>{}};
    auto const x = support::tensor<double, 3>({2, 3, 4}, 4);
    auto const y = support::tensor<double, 2>({2, 1}, 5);
    CHECK(gradient_check(model, mean_squared_error{}, x, y).max_error <= 1e-7);
    CHECK(model.features() == 4);
    auto const narrow = support::tensor<double, 3>({2, 3, 3}, 4);
    CHECK_THROWS_AS(gradient_check(model, mean_squared_error{}, narrow, y), shape_error);
    auto const too_few = support::tensor<double, 2>({1, 1}, 5);
    CHECK_THROWS_AS(gradient_check(model, mean_squared_error{}, x, too_few), shape_error);
}
