// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/dropout.hpp>

#include "support/numbers.hpp"

using namespace xrnn;

namespace {

constexpr std::size_t features = 7, time_steps = 30, batch = 50, stride = 8;

using layer = dropout::layer<float, shape{features, true}>;

/// A layer in training on x, all ones; what lies behind the features is poisoned.
struct run {
    layer::workspace workspace;
    std::vector<float> x;
    sequence_view<float> y;

    run(double rate, pass_context const& context)
        : x(time_steps * batch * stride, std::numeric_limits<float>::quiet_NaN()) {
        for (std::size_t r = 0; r < time_steps * batch; ++r)
            std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(r * stride), features, 1.F);
        dropout{rate}.configure(workspace);
        y = layer::forward<pass::train>({x.data(), stride, time_steps, batch, features}, workspace,
                                        context);
    }
    run(run const&) = delete;
    run& operator=(run const&) = delete;

    std::vector<float> values() const {
        std::vector<float> result;
        for (std::size_t t = 0; t < y.time; ++t)
            for (std::size_t b = 0; b < y.batch; ++b)
                result.insert(result.end(), y.row(t, b), y.row(t, b) + y.features);
        return result;
    }
};

} // namespace

TEST_CASE("dropout is inverted, and drops as often as its rate says") {
    for (double const rate : {0.1, 0.2, 0.5, 0.9}) {
        run const r(rate, {.training = true, .seed = 3, .step = 4});
        std::size_t dropped = 0;
        double sum = 0;
        for (float const v : r.values()) {
            CHECK((v == 0 || v == static_cast<float>(1 / (1 - rate))));
            dropped += v == 0 ? 1 : 0;
            sum += static_cast<double>(v);
        }
        double const n = time_steps * batch * features; // 10,500
        double const deviation = std::sqrt(n * rate * (1 - rate));
        CHECK(std::abs(static_cast<double>(dropped) - n * rate) < 4 * deviation);
        CHECK(sum / n == doctest::Approx(1).epsilon(0.1));
    }
}

TEST_CASE("no dropout outside training, and none at rate 0: the very same view") {
    run const inference(0.5, {});
    CHECK(inference.y.data == inference.x.data());
    run const zero(0.0, {.training = true});
    CHECK(zero.y.data == zero.x.data());
}

TEST_CASE("a mask is a function of seed, batch and layer; each step of a sequence has its own") {
    pass_context const context{.training = true, .seed = 3, .step = 4, .layer = 1};
    std::vector<float> const values = run(0.5, context).values();
    CHECK(values == run(0.5, context).values());
    pass_context other = context;
    other.seed = 4;
    CHECK(values != run(0.5, other).values());
    other = context;
    other.step = 5;
    CHECK(values != run(0.5, other).values());
    other = context;
    other.layer = 2;
    CHECK(values != run(0.5, other).values());
    std::size_t const step = batch * features;
    CHECK_FALSE(std::equal(values.begin(), values.begin() + step, values.begin() + step));
}

TEST_CASE("the gradient goes where the value went") {
    run r(0.5, {.training = true, .seed = 3});
    std::vector<float> const values = r.values();
    std::vector<float> const dy(values.size(), 3.F);
    sequence_view<float> const dx = layer::backward(
        {}, {dy.data(), features, time_steps, batch, features}, r.workspace, {}, true);
    for (std::size_t k = 0; k < values.size(); ++k)
        REQUIRE(dx.data[k] == 3 * values[k]);
}

TEST_CASE("a rate outside [0, 1) is refused") {
    CHECK_NOTHROW(dropout{0}.check());
    CHECK_NOTHROW(dropout{0.999}.check());
    for (double const rate : {-0.1, 1.0, 1.5, std::nan("")})
        CHECK_THROWS_AS(dropout{rate}.check(), value_error);
    try {
        dropout{1.5}.check();
    } catch (value_error const& e) {
        CHECK(std::string(e.what()) ==
              "dropout: rate must be at least 0 and less than 1, not 1.500000");
    }
}
