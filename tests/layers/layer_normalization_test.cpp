// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/layers/layer_normalization.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>
#include <xrnn/models/summary.hpp>

#include "reference/torch_layer_norm.hpp"
#include "support/allocations.hpp"
#include "support/gradients.hpp"

using namespace xrnn;

namespace {

constexpr std::size_t time_steps = 3, batch = 5, extra = 2;

/// The equation, in doubles.
std::vector<double> plain(std::span<double const> x, std::span<double const> gamma,
                          std::span<double const> beta, double epsilon) {
    double const n = static_cast<double>(x.size());
    double mean = 0, variance = 0;
    for (double const v : x)
        mean += v / n;
    for (double const v : x)
        variance += (v - mean) * (v - mean) / n;
    std::vector<double> y;
    for (std::size_t k = 0; k < x.size(); ++k)
        y.push_back(gamma[k] * (x[k] - mean) / std::sqrt(variance + epsilon) + beta[k]);
    return y;
}

/// A layer with its parameters, on rows of which what lies behind the features is poisoned.
template <class T, std::size_t Features>
struct run {
    using layer = layer_normalization::layer<T, shape{Features, true}>;
    static constexpr std::size_t stride = Features + extra;

    std::vector<T> gamma, beta, x;
    typename layer::workspace workspace;
    sequence_view<T> y;
    std::size_t time, rows;

    run(std::vector<T> gamma_, std::vector<T> beta_, std::vector<T> const& values, double epsilon,
        std::size_t time_)
        : gamma(std::move(gamma_)),
          beta(std::move(beta_)),
          x(values.size() / Features * stride, std::numeric_limits<T>::quiet_NaN()),
          time(time_),
          rows(values.size() / Features) {
        for (std::size_t r = 0; r < rows; ++r)
            std::copy_n(values.data() + r * Features, Features, x.data() + r * stride);
        layer_normalization{.epsilon = epsilon}.configure(workspace);
        layer::load({gamma.data(), beta.data()}, Features, workspace);
        y = layer::template forward<pass::train>({x.data(), stride, time, rows / time, Features},
                                                 workspace, {});
    }
    run(run const&) = delete;
    run& operator=(run const&) = delete;
};

template <class T, std::size_t Features>
void check_plain(double tolerance) {
    CAPTURE(Features);
    support::generator g(Features);
    run<T, Features> const r(support::numbers<T>(Features, g), support::numbers<T>(Features, g),
                             support::numbers<T>(time_steps * batch * Features, g, -3, 5), 1e-3,
                             time_steps);
    CHECK(r.y.time == time_steps);
    CHECK(r.y.batch == batch);
    CHECK(r.y.features == Features);
    for (std::size_t row = 0; row < r.rows; ++row) {
        auto const expected =
            plain(support::doubles(std::span<T const>(r.x.data() + row * r.stride, Features)),
                  support::doubles(std::span<T const>(r.gamma)),
                  support::doubles(std::span<T const>(r.beta)), 1e-3);
        for (std::size_t k = 0; k < Features; ++k)
            CHECK(support::difference(r.y.data[row * r.y.stride + k], expected[k]) <= tolerance);
    }
}

/// Whole numbers / 1024, rows of (batch, time) turned into (time, batch).
template <class T, std::size_t N>
std::vector<T> values_of(int const (&from)[N]) {
    std::vector<T> result;
    for (int const v : from)
        result.push_back(static_cast<T>(v) / 1024);
    return result;
}
template <class V>
V time_major(V const& from, std::size_t features) {
    namespace ref = torch_layer_norm;
    V to(from.size());
    for (std::size_t b = 0; b < ref::batch; ++b)
        for (std::size_t t = 0; t < ref::time; ++t)
            std::copy_n(from.begin() + static_cast<std::ptrdiff_t>((b * ref::time + t) * features),
                        features,
                        to.begin() + static_cast<std::ptrdiff_t>((t * ref::batch + b) * features));
    return to;
}

template <class T>
void check_all(std::span<T const> found, std::vector<double> const& expected, double tolerance) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
        CHECK(support::difference(found[k], expected[k]) <= tolerance);
}
template <std::size_t N>
std::vector<double> list_of(double const (&values)[N]) {
    return {values, values + N};
}

template <class T, std::size_t Features, std::size_t N, std::size_t M>
void check_torch(int const (&x)[N], int const (&gamma)[M], int const (&beta)[M], int const (&dy)[N],
                 double const (&y)[N], double const (&dx)[N], double const (&dgamma)[M],
                 double const (&dbeta)[M], double epsilon, double tolerance) {
    using layer = typename run<T, Features>::layer;
    run<T, Features> r(values_of<T>(gamma), values_of<T>(beta),
                       time_major(values_of<T>(x), Features), epsilon, torch_layer_norm::time);
    check_all<T>({r.y.data, N}, time_major(list_of(y), Features), tolerance);

    auto const gradient = time_major(values_of<T>(dy), Features);
    sequence_view<T> const above{gradient.data(), Features, torch_layer_norm::time,
                                 torch_layer_norm::batch, Features};
    std::vector<T> to_gamma(M, T(1)), to_beta(M, T(2)); // gradients are added
    sequence_view<T> const below =
        layer::backward({r.gamma.data(), r.beta.data()}, above, r.workspace,
                        {to_gamma.data(), to_beta.data()}, true);
    check_all<T>({below.data, N}, time_major(list_of(dx), Features), tolerance);
    for (std::size_t k = 0; k < M; ++k) {
        CHECK(support::difference(to_gamma[k] - 1, dgamma[k]) <= tolerance);
        CHECK(support::difference(to_beta[k] - 2, dbeta[k]) <= tolerance);
    }
    CHECK(layer::backward({r.gamma.data(), r.beta.data()}, above, r.workspace,
                          {to_gamma.data(), to_beta.data()}, false)
              .data == nullptr);
    CHECK(support::difference(to_gamma[0] - 1, 2 * dgamma[0]) <= tolerance);
}

/// A stream's steps have the very bits of predict.
template <class Model>
void check_stream(Model model) {
    using T = typename Model::value_type;
    support::randomize(model, 5);
    constexpr std::size_t steps = 9;
    auto const x = support::tensor<T, 3>({1, steps, model.features()}, 6);
    auto const expected = model.predict(x);
    packed<Model> const weights{model};
    stream<Model> s{weights};
    std::vector<T> y(stream<Model>::units * steps);
    CHECK(support::allocations_of([&] { s.process({x.data(), x.size()}, y); }) == 0);
    auto const last = std::span<T const>(y).last(expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
        CHECK(support::difference(last[k], static_cast<double>(expected.data()[k])) <=
              8 * static_cast<double>(std::numeric_limits<T>::epsilon()));
}

} // namespace

TEST_CASE("layer normalisation is its equation, for each row and step by itself") {
    check_plain<double, 1>(1e-13);
    check_plain<double, 3>(1e-13);
    check_plain<double, 16>(1e-13);
    check_plain<double, 17>(1e-13);
    check_plain<double, 100>(1e-13);
    check_plain<float, 3>(1e-5);
    check_plain<float, 16>(1e-5);
    check_plain<float, 17>(1e-5);
    check_plain<float, 100>(1e-5);
}

TEST_CASE("output and gradients are PyTorch's") {
    namespace a = torch_layer_norm::of_3;
    namespace b = torch_layer_norm::of_17;
    check_torch<double, a::features>(a::x, a::gamma, a::beta, a::dy, a::y, a::dx, a::dgamma,
                                     a::dbeta, a::epsilon, 1e-12);
    check_torch<double, b::features>(b::x, b::gamma, b::beta, b::dy, b::y, b::dx, b::dgamma,
                                     b::dbeta, b::epsilon, 1e-12);
    check_torch<float, a::features>(a::x, a::gamma, a::beta, a::dy, a::y, a::dx, a::dgamma,
                                    a::dbeta, a::epsilon, 1e-4);
    check_torch<float, b::features>(b::x, b::gamma, b::beta, b::dy, b::y, b::dx, b::dgamma,
                                    b::dbeta, b::epsilon, 1e-4);
}

TEST_CASE("a row of equal values becomes beta") {
    run<float, 7> const r({1, 2, 3, 4, 5, 6, 7}, {-1, 0, 1, 2, 3, 4, 5},
                          std::vector<float>(14, 0.375F), 1e-3, 1);
    for (std::size_t k = 0; k < 14; ++k)
        CHECK(r.y.data[k] == r.beta[k % 7]);
    run<double, 1> const one({3}, {0.5}, {-2, 4}, 1e-3, 1);
    CHECK(one.y.data[0] == 0.5);
    CHECK(one.y.data[1] == 0.5);
}

TEST_CASE("gradients of layer_normalization") {
    support::gradient_totals totals;
    auto const check = [&](auto model) {
        for (std::size_t const time : {1u, 5u})
            for (std::size_t const rows : {1u, 3u})
                support::check_gradient(model, mean_squared_error{}, time, rows,
                                        support::random_targets<decltype(model)>(), totals, 1);
    };
    layer_normalization const norm{.epsilon = 0.1}; // smooth enough for differences
    check(sequential{input<1, double>{}, norm, dense<2>{}});
    check(sequential{input<3, double>{}, norm, dense<2>{}});
    check(sequential{input<16, double>{}, norm, dense<2>{}});
    check(sequential{input<17, double>{}, norm});
    check(sequential{input<2, double>{}, lstm<3>{}, norm, dense<2>{}});
    check(sequential{input<2, double>{}, gru<17, return_sequences>{}, norm, lstm<2>{}});
    check(sequential{input<3, double>{}, lstm<16, return_sequences>{}, norm, dropout{0.2}, gru<2>{},
                     norm});
    support::tell(totals);
}

TEST_CASE("a stream's steps are what predict gives, and allocate nothing") {
    check_stream(sequential{input<3>{}, lstm<17, return_sequences>{}, layer_normalization{},
                            gru<5>{}, layer_normalization{.epsilon = 0.01}});
    check_stream(sequential{input<16, double>{}, layer_normalization{}, lstm<4>{}, dense<2>{}});
    check_stream(sequential{input<1>{}, layer_normalization{}});
}

TEST_CASE("epsilon reaches a batch and a stream") {
    sequential const model{input<2>{}, layer_normalization{.epsilon = 3}};
    xt::xtensor<float, 3> const x{{{1.F, 3.F}}};
    CHECK(model.predict(x).data()[1] == 0.5F); // 1 / sqrt(1 + 3)
    packed const weights{model};
    stream s{weights};
    CHECK(s.step(std::array{1.F, 3.F})[0] == -0.5F);
}

TEST_CASE("parameters: gamma, which starts at 1, and beta, at 0; no matrix") {
    sequential model{input<4>{}, lstm<6>{}, layer_normalization{}, dense<1>{}};
    auto const p = model.parameters();
    CHECK(p[3].name == "layer_normalization.gamma");
    CHECK(p[4].name == "layer_normalization.beta");
    CHECK(p[3].shape == std::vector<std::size_t>{6});
    CHECK(p[4].shape == std::vector<std::size_t>{6});
    for (std::size_t k = 0; k < 6; ++k) {
        CHECK(p[3].values[k] == 1);
        CHECK(p[4].values[k] == 0);
    }
    CHECK(model.summary().find("layer_normalization (") != std::string::npos);
    CHECK(model.count_params() == 4 * 6 * (4 + 6 + 1) + 12 + 7);
}

TEST_CASE("an epsilon that is not greater than 0 is refused") {
    CHECK_NOTHROW(layer_normalization{1e-12}.check());
    for (double const epsilon : {0.0, -1e-3, std::nan("")})
        CHECK_THROWS_AS(layer_normalization{epsilon}.check(), value_error);
    try {
        sequential{input<2>{}, layer_normalization{.epsilon = -1}};
        CHECK(false);
    } catch (value_error const& e) {
        CHECK(std::string(e.what()) ==
              "layer_normalization: epsilon must be greater than 0, not -1.000000");
    }
}
