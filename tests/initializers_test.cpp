// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/initializers.hpp>
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
