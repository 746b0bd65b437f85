// SPDX-License-Identifier: BSD-3-Clause
//
// The backward half below the models: nothing of it may look at padding. That its derivatives are
// right is shown by tests/training/gradient_check_*.
#include <doctest/doctest.h>

#include <cstring>

#include <xrnn/cells/dense.hpp>
#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>
#include <xrnn/layers/parameter_gradients.hpp>

#include "support/cell.hpp"

namespace {

template <class T>
struct gradients {
    std::vector<T> kernel, recurrent, bias, x, initial;
    friend bool operator==(gradients const&, gradients const&) = default;
};

/// Backpropagation of `run` from dy (time, batch, units); all padding holds `padding`.
template <class Cell, class T, std::size_t W>
gradients<T> backward(support::cell_run<Cell, T, W> const& run, std::vector<T> const& dy,
                      T padding) {
    using adjoint = xrnn::detail::cell_adjoint<Cell, T, W>;
    using kernel = xrnn::detail::cell_kernel<Cell, T, W>;
    std::size_t const units = run.units, features = run.features, batch = run.batch;
    std::size_t const record = kernel::record_size(units), padded = kernel::padded(units);
    std::vector<T> jacobian;
    std::vector<T> records = run.template run<xrnn::pass::train>(&jacobian);
    auto const spoil = [&](std::vector<T>& values) { // behind the units of each stored vector
        for (std::size_t k = 0; k < values.size(); ++k)
            if (k % padded >= units)
                values[k] = padding;
    };
    spoil(records);
    std::vector<T> weights(adjoint::packed_size(units, features));
    adjoint::pack(run.parameters(), units, features, weights.data());
    std::vector<T> dz(run.time * batch * adjoint::dz_size(units), padding);
    std::vector<T> gradient(batch * record, T(0)), before(batch * record, T(0));
    spoil(gradient);
    for (std::size_t t = run.time; t-- > 0;) {
        for (std::size_t b = 0; b < batch; ++b)
            for (std::size_t u = 0; u < units; ++u)
                gradient[b * record + kernel::plan::output * padded + u] +=
                    dy[(t * batch + b) * units + u];
        spoil(before);
        std::size_t const partials = batch * kernel::tiles(units) * kernel::partials::total * W;
        adjoint::step(weights.data(), units, features, jacobian.data() + t * partials,
                      records.data() + (t + 1) * batch * record, gradient.data(), before.data(),
                      dz.data() + t * batch * adjoint::dz_size(units), batch, nullptr);
        std::swap(gradient, before);
        std::fill(before.begin(), before.end(), T(0));
    }
    gradients<T> g;
    g.kernel.resize(run.kernel_values.size());
    g.recurrent.resize(run.recurrent_values.size());
    g.bias.resize(run.bias_values.size());
    using sums = xrnn::detail::parameter_gradients<Cell, T, W>;
    std::vector<T> total(sums::sums_size(units, features), T(0));
    std::vector<T> scratch(sums::scratch_size(units), padding);
    sums const all{units,
                   features,
                   total.data(),
                   {g.kernel.data(), g.recurrent.data(), g.bias.empty() ? nullptr : g.bias.data()}};
    all.add(run.x.data(), features + 3, records.data(), dz.data(), run.time * batch, batch,
            scratch.data());
    all.finish();
    std::size_t const stride = xrnn::detail::round_up(features, adjoint::x_lanes);
    std::vector<T> dx(run.time * batch * stride, T(0));
    adjoint::input_gradient(weights.data(), units, features, dz.data(), run.time * batch, dx.data(),
                            stride);
    for (std::size_t r = 0; r < run.time * batch; ++r)
        g.x.insert(g.x.end(), dx.data() + r * stride, dx.data() + r * stride + features);
    for (std::size_t b = 0; b < batch; ++b)
        for (std::size_t s = 0; s < Cell::states::size; ++s) {
            T const* const from = gradient.data() + b * record + s * padded;
            g.initial.insert(g.initial.end(), from, from + units);
        }
    return g;
}

template <class Cell>
struct check_poison {
    std::size_t runs = 0;

    template <class T, std::size_t W>
    void operator()(std::size_t units, std::size_t features, std::size_t time, std::size_t batch,
                    bool with_bias, std::uint64_t seed) {
        support::cell_run<Cell, T, W> const run(units, features, time, batch, with_bias, seed);
        support::generator g(seed + 1000);
        std::vector<T> const dy = support::numbers<T>(time * batch * units, g);
        gradients<T> const clean = backward(run, dy, T(0));
        gradients<T> const poisoned = backward(run, dy, std::numeric_limits<T>::quiet_NaN());
        CHECK(clean == poisoned); // NaN differs from everything, itself included
        ++runs;
    }
};

} // namespace

TEST_CASE("gradients do not see padding: NaN there changes no bit") {
    check_poison<xrnn::lstm_cell<>> lstm;
    support::over_sizes<double, xrnn::simd::max_lanes<double>>(lstm);
    check_poison<xrnn::gru_cell<>> after;
    support::over_sizes<float, xrnn::simd::max_lanes<float>>(after);
    check_poison<xrnn::gru_cell_reset_before<>> before;
    support::over_sizes<double, xrnn::simd::lanes_for<double>(1)>(before);
    check_poison<xrnn::dense_cell<xrnn::softmax>> softmax;
    support::over_sizes<float, xrnn::simd::max_lanes<float>>(softmax);
    std::size_t const runs = lstm.runs + after.runs + before.runs + softmax.runs;
    MESSAGE(runs, " runs");
}
