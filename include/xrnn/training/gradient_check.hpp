// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include <xrnn/errors.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/training/losses.hpp>
#include <xrnn/training/targets.hpp>

namespace xrnn::inline XRNN_ABI {

/// Result of gradient_check.
struct gradient_report {
    double max_error = 0;    // largest |analytic - numeric| / max(1, |numeric|)
    std::string worst;       // where: "lstm.kernel[3]", "x[7]", "lstm initial state[0]"
    double analytic = 0;     // there
    double numeric = 0;      // there
    std::size_t checked = 0; // number of derivatives compared
};

/// Settings of gradient_check.
struct gradient_check_options {
    double step = 1e-3;                        // of the differences, which are of fourth order
    bool training = true;                      // dropout on, its mask fixed by seed
    std::uint64_t seed = 0;                    // of dropout masks and initial states
    std::span<std::size_t const> lengths = {}; // steps of each row that count, or empty
};

namespace detail {

/// A model's loss as a function of parameters, input and initial states.
template <class Model, class Loss>
class loss_function {
  public:
    using T = typename Model::value_type;
    using net = network<Model>;

    loss_function(Model& m, Loss const& formula, dense_values<T> const& x_values,
                  dense_values<T> const& y_values, gradient_check_options const& options)
        : model(m),
          loss(formula),
          rows(x_values.shape(0)),
          time(x_values.shape(1)),
          context{.training = options.training, .seed = options.seed, .step = 1} {
        x = batch.gather(x_values.data(), time, model.features(), {0, rows}, options.lengths, 0,
                         time);
        std::size_t const labels = Model::output_shape.sequence ? time : 1;
        gather_time_major(y_values.data(), labels, targets, {0, rows}, 0, labels, y);
        random_stream const random(options.seed, 77);
        unroll<Model::size>([&](auto i) {
            using layer = typename Model::template layer<i>;
            if constexpr (layer::state_count > 0)
                states[i].resize(rows * layer::state_size);
            for (std::size_t k = 0; k < states[i].size(); ++k)
                states[i][k] = static_cast<T>(random.uniform(1000 * i + k) - 0.5);
        });
    }

    /// The mean loss; its gradient by the output goes to dy.
    double operator()() {
        typename net::initial_states initial{};
        for (std::size_t i = 0; i < Model::size; ++i)
            if (!states[i].empty())
                initial[i] = states[i].data();
        net::load(model, scratch);
        sequence_view<T> const p = net::template forward<pass::train>(x, scratch, context, initial);
        output = p;
        dy.assign(p.rows() * units, T(0));
        double total = 0;
        std::size_t counted = 0;
        for (std::size_t r = 0; r < p.rows(); ++r)
            if (p.counts(r)) {
                total += row_loss(loss, y.data() + r * targets, p.data + r * p.stride, units,
                                  dy.data() + r * units);
                ++counted;
            }
        for (T& d : dy)
            d /= static_cast<T>(counted);
        return total / static_cast<double>(counted);
    }

    static constexpr std::size_t units = Model::output_shape.features;
    static constexpr std::size_t targets = target_units<Loss>(units);
    Model& model;
    Loss loss;
    std::size_t rows, time;
    pass_context context;
    typename net::workspaces scratch;
    gathered_batch<T> batch;
    sequence_view<T> x{}; // in batch
    simd::aligned_vector<T> y, dy;
    std::array<std::vector<T>, Model::size> states;
    sequence_view<T> output{};
};

/// Compares analytic derivatives with differences of f, one value after the other.
template <class F, class T>
void compare(F& f, double step, std::span<T> values, T const* analytic, std::string const& name,
             gradient_report& report) {
    for (std::size_t k = 0; k < values.size(); ++k) {
        T const at = values[k];
        auto const shifted = [&](double by) {
            values[k] = static_cast<T>(static_cast<double>(at) + by);
            return f();
        };
        double const numeric =
            (8 * (shifted(step) - shifted(-step)) - (shifted(2 * step) - shifted(-2 * step))) /
            (12 * step);
        values[k] = at;
        double const found = static_cast<double>(analytic[k]);
        double const error = std::abs(found - numeric) / std::max(1.0, std::abs(numeric));
        ++report.checked;
        if (!(error <= report.max_error)) { // also where it is NaN
            report.max_error = error;
            report.worst = messages::text({name, "[", k, "]"});
            report.analytic = found;
            report.numeric = numeric;
        }
    }
}

} // namespace detail

/// Compares the gradients of backpropagation with differences, for every parameter, every input
/// value and every initial state of a model of doubles. Whoever adds a cell or a layer calls this.
///
///     gradient_report r = gradient_check(model, mean_squared_error{}, x, y);
///     // r.max_error <= 1e-7
///
/// Away from kinks (relu at 0) errors of 1e-10 are usual. The parameters are as before afterwards.
/// Throws shape_error, value_error.
template <class Input, class... Parts, class L, class X, class Y>
gradient_report gradient_check(sequential<Input, Parts...>& model, L loss, X const& x, Y const& y,
                               gradient_check_options const& options = {}) {
    using Model = sequential<Input, Parts...>;
    using T = typename Model::value_type;
    static_assert(std::is_same_v<T, double>,
                  "xrnn: gradient_check needs double: sequential{input<N, double>{}, ...}");
    detail::dense_values<T> const x_values(x);
    detail::dense_values<T> const y_values(y);
    detail::check_sequences(x_values, model.features(), "gradient_check");
    detail::check_settings(loss);
    if (!options.lengths.empty())
        detail::check_lengths(options.lengths, x_values.shape(0), x_values.shape(1),
                              "gradient_check");
    detail::check_targets<Model, L>(y_values, x_values.shape(0), x_values.shape(1),
                                    "gradient_check", options.lengths);
    model.build(x_values.shape(2));
    detail::loss_function<Model, L> f(model, loss, x_values, y_values, options);

    f();
    simd::aligned_vector<T> gradient(model.count_params(), T(0));
    sequence_view<T> const dx = detail::network<Model>::backward(
        model, {f.dy.data(), f.units, f.output.time, f.output.batch, f.units}, f.scratch,
        gradient.data(), true);
    std::vector<T> input_gradient;
    for (std::size_t r = 0; r < dx.rows(); ++r)
        input_gradient.insert(input_gradient.end(), dx.data + r * dx.stride,
                              dx.data + r * dx.stride + dx.features);
    std::array<std::vector<T>, Model::size> state_gradients;
    detail::unroll<Model::size>([&](auto i) {
        state_gradients[i].resize(f.states[i].size());
        Model::template layer<i>::initial_state_gradient(std::get<i>(f.scratch),
                                                         state_gradients[i].data());
    });

    gradient_report report;
    for (auto const& p : model.parameters())
        detail::compare(f, options.step, p.values,
                        gradient.data() + (p.values.data() - model.flat().data()), p.name, report);
    detail::compare(f, options.step, std::span<T>(f.batch.x), input_gradient.data(), "x", report);
    detail::unroll<Model::size>([&](auto i) {
        detail::compare(f, options.step, std::span<T>(f.states[i]), state_gradients[i].data(),
                        Model::template layer_name<i>() + " initial state", report);
    });
    return report;
}

} // namespace xrnn::inline XRNN_ABI
