// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/initializers.hpp>
#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/dense.hpp>
#include <xrnn/models/sequential.hpp>

namespace {

std::vector<double> drawn(xrnn::initializer const& how, std::size_t rows, std::size_t columns,
                          std::uint64_t seed = 1) {
    xrnn::parameter_info const info{"kernel", {rows, columns}};
    std::vector<double> values(info.size());
    xrnn::detail::initialize(how, info, xrnn::random_stream(seed, 3), values.data());
    return values;
}

/// Largest |M·M^T - I| over rows if they are fewer, else |M^T·M - I|.
double from_orthonormal(std::vector<double> const& m, std::size_t rows, std::size_t columns) {
    bool const by_rows = rows <= columns;
    std::size_t const n = by_rows ? rows : columns, length = by_rows ? columns : rows;
    auto const at = [&](std::size_t i, std::size_t k) {
        return by_rows ? m[i * columns + k] : m[k * columns + i];
    };
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            double dot = i == j ? -1 : 0;
            for (std::size_t k = 0; k < length; ++k)
                dot += at(i, k) * at(j, k);
            worst = std::max(worst, std::abs(dot));
        }
    return worst;
}

double mean(std::vector<double> const& v) {
    double sum = 0;
    for (double const x : v)
        sum += x;
    return sum / static_cast<double>(v.size());
}
double variance(std::vector<double> const& v) {
    double const m = mean(v);
    double sum = 0;
    for (double const x : v)
        sum += (x - m) * (x - m);
    return sum / static_cast<double>(v.size());
}

} // namespace

TEST_CASE("glorot_uniform: within ±sqrt(6 / (rows + columns)), and uniform there") {
    std::vector<double> const w = drawn(xrnn::glorot_uniform{}, 145, 256);
    double const limit = std::sqrt(6.0 / (145 + 256));
    auto const [low, high] = std::minmax_element(w.begin(), w.end());
    CHECK(*low >= -limit);
    CHECK(*high <= limit);
    CHECK(*low < -0.99 * limit);
    CHECK(*high > 0.99 * limit);
    CHECK(std::abs(mean(w)) < limit / 50);
    CHECK(variance(w) == doctest::Approx(limit * limit / 3).epsilon(0.02));
}

TEST_CASE("orthogonal: over the whole matrix, wide or tall, to 1e-12") {
    CHECK(from_orthonormal(drawn(xrnn::orthogonal{}, 64, 256), 64, 256) <= 1e-12);
    CHECK(from_orthonormal(drawn(xrnn::orthogonal{}, 4, 16), 4, 16) <= 1e-12);
    CHECK(from_orthonormal(drawn(xrnn::orthogonal{}, 33, 33), 33, 33) <= 1e-12);
    CHECK(from_orthonormal(drawn(xrnn::orthogonal{}, 40, 7), 40, 7) <= 1e-12);
    CHECK(std::abs(drawn(xrnn::orthogonal{}, 1, 1)[0]) == 1);
    std::vector<double> scaled = drawn(xrnn::orthogonal{.gain = 2}, 4, 16);
    std::vector<double> const plain = drawn(xrnn::orthogonal{}, 4, 16);
    for (std::size_t k = 0; k < plain.size(); ++k)
        CHECK(scaled[k] == 2 * plain[k]);
    CHECK(from_orthonormal(drawn(xrnn::glorot_uniform{}, 4, 16), 4, 16) > 0.01); // it can fail
}

TEST_CASE("orthogonal: no column block and no sign is special") {
    double total = 0, first = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        std::vector<double> const m = drawn(xrnn::orthogonal{}, 3, 12, seed);
        total += m[0];
        first += m[0] * m[0];
    }
    CHECK(std::abs(total / 400) < 0.06);                           // mean 0, deviation 0.29 / 20
    CHECK(first / 400 == doctest::Approx(1.0 / 12).epsilon(0.25)); // E = 1 / columns
}

TEST_CASE("the plain ones") {
    using numbers = std::vector<double>;
    CHECK(drawn(xrnn::zeros{}, 2, 2) == numbers(4, 0));
    CHECK(drawn(xrnn::ones{}, 3, 0) == numbers(3, 1)); // a vector
    CHECK(drawn(xrnn::constant{2.5}, 1, 3) == numbers(3, 2.5));
    std::vector<double> const u = drawn(xrnn::random_uniform{.minval = 1, .maxval = 3}, 100, 100);
    CHECK(*std::min_element(u.begin(), u.end()) >= 1);
    CHECK(*std::max_element(u.begin(), u.end()) < 3);
    CHECK(mean(u) == doctest::Approx(2).epsilon(0.02));
    std::vector<double> const n = drawn(xrnn::random_normal{.mean = 1, .stddev = 2}, 100, 100);
    CHECK(mean(n) == doctest::Approx(1).epsilon(0.1));
    CHECK(variance(n) == doctest::Approx(4).epsilon(0.05));
}

TEST_CASE("the same seed draws the same, another seed and another parameter do not") {
    CHECK(drawn(xrnn::glorot_uniform{}, 5, 7, 4) == drawn(xrnn::glorot_uniform{}, 5, 7, 4));
    CHECK(drawn(xrnn::glorot_uniform{}, 5, 7, 4) != drawn(xrnn::glorot_uniform{}, 5, 7, 5));
    xrnn::sequential model{xrnn::input<4, double>{}, xrnn::dense<4>{}, xrnn::dense<4>{}};
    auto const copy = [&](std::string_view name) {
        std::span<double> const v = model.parameter(name);
        return std::vector<double>(v.begin(), v.end());
    };
    std::vector<double> const first = copy("dense.kernel");
    CHECK(first != copy("dense_1.kernel"));
    model.initialize(1);
    CHECK(first != copy("dense.kernel"));
    model.initialize(0);
    CHECK(first == copy("dense.kernel"));
}

TEST_CASE("Keras's defaults in layers: unit forget bias, orthogonal over the whole matrix") {
    xrnn::sequential model{xrnn::input<5, double>{}, xrnn::lstm<3, xrnn::return_sequences>{},
                           xrnn::gru<3>{}, xrnn::dense<2>{}};
    using numbers = std::vector<double>;
    auto const copy = [&](std::string_view name) {
        std::span<double> const v = model.parameter(name);
        return numbers(v.begin(), v.end());
    };
    CHECK(copy("lstm.bias") == numbers{0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0}); // i|f|g|o
    CHECK(copy("gru.bias") == numbers(18, 0));
    CHECK(copy("dense.bias") == numbers(2, 0));
    CHECK(from_orthonormal(copy("lstm.recurrent_kernel"), 3, 12) <= 1e-12);
    CHECK(from_orthonormal(copy("gru.recurrent_kernel"), 3, 9) <= 1e-12);
    for (double const w : copy("lstm.kernel"))
        CHECK(std::abs(w) <= std::sqrt(6.0 / (5 + 12)));
}

TEST_CASE("a layer's own settings") {
    xrnn::sequential model{
        xrnn::input<5, double>{},
        xrnn::lstm<3>{.kernel_initializer = xrnn::constant{0.25},
                      .recurrent_initializer = xrnn::zeros{},
                      .bias_initializer = xrnn::ones{},
                      .unit_forget_bias = false},
        xrnn::dense<2, xrnn::linear, xrnn::use_bias<false>>{.kernel_initializer = xrnn::ones{}}};
    for (double const w : model.parameter("lstm.kernel"))
        CHECK(w == 0.25);
    for (double const w : model.parameter("lstm.recurrent_kernel"))
        CHECK(w == 0);
    for (double const w : model.parameter("lstm.bias"))
        CHECK(w == 1);
    for (double const w : model.parameter("dense.kernel"))
        CHECK(w == 1);
    CHECK(model.parameters().size() == 4);
}

namespace {

/// What most of the distributions promise, over 100,000 numbers: bounds, mean 0, and the deviation.
void check_distribution(xrnn::initializer const& how, double limit, double deviation) {
    std::vector<double> const w = drawn(how, 250, 400);
    auto const [low, high] = std::minmax_element(w.begin(), w.end());
    CHECK(*low >= -limit);
    CHECK(*high <= limit);
    CHECK(*low < -0.98 * limit);
    CHECK(*high > 0.98 * limit);
    CHECK(std::abs(mean(w)) < deviation / 60); // 5 deviations of the mean of 100,000
    CHECK(std::sqrt(variance(w)) == doctest::Approx(deviation).epsilon(0.015));
}

} // namespace

TEST_CASE("variance scaling: fans, bounds and deviations of Keras's formulas") {
    using xrnn::variance_scaling;
    double const in = 250, out = 400, both = 325;
    double const cut = 2 / 0.87962566103423978; // two deviations of the normal before the cut
    check_distribution(xrnn::glorot_uniform{}, std::sqrt(3 / both), std::sqrt(1 / both));
    check_distribution(xrnn::he_uniform{}, std::sqrt(6 / in), std::sqrt(2 / in));
    check_distribution(xrnn::lecun_uniform{}, std::sqrt(3 / in), std::sqrt(1 / in));
    check_distribution(xrnn::glorot_normal{}, cut * std::sqrt(1 / both), std::sqrt(1 / both));
    check_distribution(xrnn::he_normal{}, cut * std::sqrt(2 / in), std::sqrt(2 / in));
    check_distribution(xrnn::lecun_normal{}, cut * std::sqrt(1 / in), std::sqrt(1 / in));
    check_distribution(variance_scaling{0.5, variance_scaling::fan_out, variance_scaling::uniform},
                       std::sqrt(1.5 / out), std::sqrt(0.5 / out));
    std::vector<double> const whole =
        drawn(variance_scaling{2, variance_scaling::fan_in, variance_scaling::untruncated_normal},
              250, 400);
    CHECK(std::sqrt(variance(whole)) == doctest::Approx(std::sqrt(2 / in)).epsilon(0.015));
    CHECK(*std::max_element(whole.begin(), whole.end()) > 3.5 * std::sqrt(2 / in)); // not cut
    // of a vector both fans are its length
    std::vector<double> const vector = drawn(xrnn::he_uniform{}, 4000, 0);
    CHECK(*std::max_element(vector.begin(), vector.end()) ==
          doctest::Approx(std::sqrt(6.0 / 4000)).epsilon(0.01));
}

TEST_CASE("truncated_normal, identity, torch_bias") {
    check_distribution(xrnn::truncated_normal{0, 0.1}, 0.2, 0.087962566);
    CHECK(drawn(xrnn::identity{2}, 2, 3) == std::vector<double>{2, 0, 0, 0, 2, 0});
    check_distribution(xrnn::torch_bias{0.3}, 0.3, 0.3 / std::sqrt(3.0)); // of two rows
    std::vector<double> const sum = drawn(xrnn::torch_bias{0.3}, 100000, 0);
    CHECK(*std::max_element(sum.begin(), sum.end()) > 0.58);
    CHECK(*std::max_element(sum.begin(), sum.end()) <= 0.6);
    CHECK(std::sqrt(variance(sum)) == doctest::Approx(0.3 * std::sqrt(2.0 / 3)).epsilon(0.015));
    CHECK(drawn(xrnn::truncated_normal{}, 3, 5) == drawn(xrnn::truncated_normal{}, 3, 5));
    CHECK(drawn(xrnn::truncated_normal{}, 3, 5) != drawn(xrnn::truncated_normal{}, 3, 5, 2));
}

TEST_CASE("torch_defaults: what PyTorch's modules begin with") {
    using namespace xrnn;
    auto const largest = [](auto const& values) {
        double most = 0;
        for (auto const v : values)
            most = std::max(most, std::abs(static_cast<double>(v)));
        return most;
    };
    sequential model{input<64>{}, torch_defaults(lstm<100, return_sequences>{}),
                     torch_defaults(gru<49, return_sequences>{}),
                     torch_defaults(bidirectional<gru<25>>{}), torch_defaults(dense<300>{})};
    struct row {
        char const* name;
        double limit;
    };
    for (row const& r :
         {row{"lstm.kernel", 0.1}, row{"lstm.recurrent_kernel", 0.1}, row{"lstm.bias", 0.2},
          row{"gru.kernel", 1 / 7.0}, row{"gru.recurrent_kernel", 1 / 7.0},
          row{"gru.bias", 1 / 7.0}, row{"bidirectional.forward.kernel", 0.2},
          row{"bidirectional.backward.bias", 0.2}, row{"dense.kernel", 1 / std::sqrt(50.0)},
          row{"dense.bias", 1 / std::sqrt(50.0)}}) {
        CAPTURE(r.name);
        double const most = largest(model.parameter(r.name));
        CHECK(most <= r.limit * (1 + 1e-6));
        CHECK(most >= 0.85 * r.limit);
    }
    CHECK(model.parameter("gru.bias").size() == 2 * 3 * 49); // both of PyTorch's
}
