// SPDX-License-Identifier: BSD-3-Clause
//
// 20 steps of LSTM(2), Dense(3) from fixed weights, with every optimizer, loss, regulariser, constraint,
// way to clip and schedule, against PyTorch's gradients and Keras's formulas
// (tests/reference/make_keras_training.py).
#include <algorithm>

#include <doctest/doctest.h>

#include <xrnn/training/trainer.hpp>

#include "reference/keras_training.hpp"
#include "support/numbers.hpp"

namespace reference = keras_training;
using namespace xrnn;

namespace {

using in = input<reference::features, double>;
using recurrent_layer = lstm<reference::units>;
template <class Activation>
using output_layer = dense<reference::outputs, Activation>;

struct total {
    double worst = 0;
    std::string where;
    std::size_t runs = 0;
};
total& all() {
    static total t;
    return t;
}

/// Row 5·t … 5·t + 4 of a table whose rows are so wide.
xt::xtensor<double, 2> part(double const* table, std::size_t step, std::size_t width) {
    xt::xtensor<double, 2> result(std::array<std::size_t, 2>{reference::rows, width});
    std::copy_n(table + step * result.size(), result.size(), result.data());
    return result;
}
xt::xtensor<double, 3> inputs(std::size_t step) {
    xt::xtensor<double, 3> x(
        std::array<std::size_t, 3>{reference::rows, reference::time, reference::features});
    std::copy_n(reference::x + step * x.size(), x.size(), x.data());
    return x;
}
xt::xtensor<double, 2> one_hot(std::size_t step) {
    xt::xtensor<double, 2> y(std::array<std::size_t, 2>{reference::rows, reference::outputs}, 0.0);
    for (std::size_t k = 0; k < reference::rows; ++k)
        y(k, static_cast<std::size_t>(reference::label[step * reference::rows + k])) = 1;
    return y;
}
xt::xtensor<double, 2> targets(std::size_t step) {
    return part(reference::real, step, reference::outputs);
}
xt::xtensor<double, 2> labels(std::size_t step) {
    return part(reference::label, step, 1);
}

void note(std::string const& what, double worst) {
    INFO(what);
    CHECK(worst <= 1e-10);
    ++all().runs;
    if (worst >= all().worst)
        all() = {worst, what, all().runs};
}

template <class Model>
double difference(Model const& model, reference::run const& expected) {
    double worst = 0;
    REQUIRE(model.flat().size() == reference::weights);
    for (std::size_t k = 0; k < reference::weights; ++k)
        worst = std::max(worst, support::difference(model.flat()[k], expected.end[k]));
    return worst;
}

/// Largest relative difference of a loss or a final weight.
template <class Model, class L, class Optimizer, class Targets>
double worst(Model model, L const& loss, Optimizer const& optimizer, Targets const& y,
             reference::run const& expected) {
    std::copy_n(reference::start, reference::weights, model.flat().begin());
    auto trainer = compile(model, loss, optimizer);
    double result = 0;
    for (std::size_t step = 0; step < reference::steps; ++step) {
        double const before = trainer.evaluate(inputs(step), y(step))["loss"];
        double const found = trainer.train_on_batch(inputs(step), y(step))["loss"];
        result = std::max(result, support::difference(found, expected.losses[step]));
        result = std::max(result, support::difference(before, expected.losses[step]));
    }
    return std::max(result, difference(model, expected));
}

template <class Optimizer>
void check(std::string const& what, Optimizer const& optimizer, reference::run const& expected) {
    note(what, worst(sequential{in{}, recurrent_layer{}, output_layer<linear>{}}, mse{}, optimizer,
                     targets, expected));
}
template <class Activation, class L, class Targets>
void check_loss(std::string const& what, L const& loss, Targets const& y,
                reference::run const& expected) {
    note(what, worst(sequential{in{}, recurrent_layer{}, output_layer<Activation>{}}, loss,
                     sgd{.learning_rate = 0.1}, y, expected));
}
template <class Optimizer = sgd>
void check_layers(std::string const& what, recurrent_layer const& first,
                  output_layer<linear> const& second, reference::run const& expected,
                  Optimizer const& optimizer = {.learning_rate = 0.1}) {
    note(what, worst(sequential{in{}, first, second}, mse{}, optimizer, targets, expected));
}
void check_schedule(std::string const& what, learning_rate_setting const& rate,
                    reference::run const& expected) {
    check(what, sgd{.learning_rate = rate}, expected);
}

} // namespace

TEST_CASE("optimizers") {
    check("sgd", sgd{.learning_rate = 0.1}, reference::sgd);
    check("momentum", sgd{.learning_rate = 0.1, .momentum = 0.9}, reference::sgd_momentum);
    check("nesterov", sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true},
          reference::sgd_nesterov);
    check("sgd, decay", sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.05},
          reference::sgd_decay);
    check("rmsprop", rmsprop{.learning_rate = 0.01}, reference::rmsprop);
    rmsprop settings{.learning_rate = 0.01, .rho = 0.8, .momentum = 0.5, .epsilon = 1e-3};
    check("rmsprop, settings", settings, reference::rmsprop_momentum);
    settings.centered = true;
    check("rmsprop, centered", settings, reference::rmsprop_centered);
    check("rmsprop, no epsilon", rmsprop{.learning_rate = 0.01, .momentum = 0.3, .epsilon = 0},
          reference::rmsprop_torch);
    check("rmsprop, decay", rmsprop{.learning_rate = 0.01, .weight_decay = 0.05},
          reference::rmsprop_decay);
    check("adam", adam{}, reference::adam);
    check("adam, settings",
          adam{.learning_rate = 0.05, .beta_1 = 0.8, .beta_2 = 0.99, .epsilon = 1e-3},
          reference::adam_settings);
    check("adam, no epsilon", adam{.learning_rate = 0.05, .epsilon = 0}, reference::adam_torch);
    adam largest{.learning_rate = 0.05, .beta_1 = 0.8, .beta_2 = 0.9, .epsilon = 1e-3};
    largest.amsgrad = true;
    check("amsgrad", largest, reference::adam_amsgrad);
    largest.epsilon = 0;
    check("amsgrad, no epsilon", largest, reference::adam_amsgrad_torch);
    check("adam, decay", adam{.learning_rate = 0.05, .weight_decay = 0.1}, reference::adam_decay);
    check("adamw", adamw{}, reference::adamw);
    check("adamw, no epsilon", adamw{.learning_rate = 0.05, .weight_decay = 0.1, .epsilon = 0},
          reference::adamw_torch);
    check("nadam", nadam{}, reference::nadam);
    check("nadam, settings",
          nadam{.learning_rate = 0.05, .beta_1 = 0.8, .beta_2 = 0.99, .epsilon = 1e-3},
          reference::nadam_settings);
    check("nadam, decay", nadam{.learning_rate = 0.05, .weight_decay = 0.1},
          reference::nadam_decay);
}

TEST_CASE("losses") {
    check_loss<linear>("mae", mae{}, targets, reference::mae);
    check_loss<linear>("huber", huber{}, targets, reference::huber);
    check_loss<linear>("huber, delta", huber{.delta = 0.3}, targets, reference::huber_delta);
    check_loss<sigmoid>("binary", binary_crossentropy{}, targets, reference::binary);
    check_loss<linear>("binary, logits", binary_crossentropy{.from_logits = true}, targets,
                       reference::binary_logits);
    check_loss<sigmoid>("binary, smoothed", binary_crossentropy{.label_smoothing = 0.2}, targets,
                        reference::binary_smoothed);
    check_loss<linear>("binary, logits, smoothed",
                       binary_crossentropy{.from_logits = true, .label_smoothing = 0.2}, targets,
                       reference::binary_logits_smoothed);
    check_loss<softmax>("categorical", categorical_crossentropy{}, one_hot, reference::categorical);
    check_loss<linear>("categorical, logits", categorical_crossentropy{.from_logits = true},
                       one_hot, reference::categorical_logits);
    check_loss<softmax>("categorical, smoothed", categorical_crossentropy{.label_smoothing = 0.1},
                        one_hot, reference::categorical_smoothed);
    check_loss<linear>("categorical, logits, smoothed",
                       categorical_crossentropy{.from_logits = true, .label_smoothing = 0.1},
                       one_hot, reference::categorical_smoothed);
    check_loss<softmax>("sparse", sparse_categorical_crossentropy{}, labels,
                        reference::categorical);
    check_loss<linear>("sparse, logits", sparse_categorical_crossentropy{.from_logits = true},
                       labels, reference::categorical_logits);
}

TEST_CASE("clipping") {
    check("clipvalue", sgd{.learning_rate = 0.5, .clipvalue = 0.02}, reference::clipvalue);
    check("clipnorm", sgd{.learning_rate = 0.5, .clipnorm = 0.05}, reference::clipnorm);
    check("global_clipnorm", sgd{.learning_rate = 0.5, .global_clipnorm = 0.1},
          reference::global_clipnorm);
    check_layers("clip, penalty, decay and constraint in their order",
                 {.kernel_regularizer = l1_l2{.l1 = 0.01, .l2 = 0.02},
                  .kernel_constraint = max_norm{.max_value = 0.7}},
                 {}, reference::clip_penalty_decay,
                 sgd{.learning_rate = 0.5, .weight_decay = 0.05, .clipnorm = 0.05});
}

TEST_CASE("regularisers and constraints") {
    check_layers("l2",
                 {.kernel_regularizer = l2{},
                  .recurrent_regularizer = l2{0.02},
                  .bias_regularizer = l2{0.03}},
                 {}, reference::l2);
    check_layers("l1", {.kernel_regularizer = l1{}, .recurrent_regularizer = l1{0.02}},
                 {.bias_regularizer = l1{0.03}}, reference::l1);
    check_layers("l1_l2", {.kernel_regularizer = l1_l2{.l1 = 0.03, .l2 = 0.04}},
                 {.kernel_regularizer = l1_l2{.l1 = 0.01, .l2 = 0.02}}, reference::l1_l2,
                 adam{.learning_rate = 0.01});
    check_layers("max_norm",
                 {.kernel_constraint = max_norm{.max_value = 0.7},
                  .recurrent_constraint = max_norm{.max_value = 0.5},
                  .bias_constraint = max_norm{.max_value = 0.9}},
                 {}, reference::max_norm);
    check_layers("max_norm, dense", {},
                 {.kernel_constraint = max_norm{.max_value = 0.4},
                  .bias_constraint = max_norm{.max_value = 0.3}},
                 reference::max_norm_dense);
}

TEST_CASE("schedules") {
    check_schedule(
        "exponential",
        exponential_decay{.initial_learning_rate = 0.3, .decay_steps = 7, .decay_rate = 0.5},
        reference::exponential);
    check("exponential, staircase",
          adam{.learning_rate = exponential_decay{.initial_learning_rate = 0.03,
                                                  .decay_steps = 7,
                                                  .decay_rate = 0.5,
                                                  .staircase = true}},
          reference::exponential_staircase);
    check_schedule("cosine",
                   cosine_decay{.initial_learning_rate = 0.3, .decay_steps = 15, .alpha = 0.1},
                   reference::cosine);
    check_schedule("cosine, warm-up",
                   cosine_decay{.initial_learning_rate = 0.05,
                                .decay_steps = 9,
                                .alpha = 0.1,
                                .warmup_target = 0.3,
                                .warmup_steps = 5},
                   reference::cosine_warm);
    check_schedule(
        "cosine, restarts",
        cosine_decay_restarts{
            .initial_learning_rate = 0.3, .first_decay_steps = 4, .m_mul = 0.7, .alpha = 0.05},
        reference::cosine_restarts);
    check_schedule(
        "cosine, equal restarts",
        cosine_decay_restarts{
            .initial_learning_rate = 0.3, .first_decay_steps = 6, .t_mul = 1, .m_mul = 0.9},
        reference::cosine_restarts_equal);
    check_schedule("piecewise",
                   piecewise_constant_decay{.boundaries = {5, 11}, .values = {0.3, 0.1, 0.02}},
                   reference::piecewise);
    polynomial_decay polynomial{
        .initial_learning_rate = 0.3, .decay_steps = 12, .end_learning_rate = 0.01, .power = 2};
    check_schedule("polynomial", polynomial, reference::polynomial);
    polynomial.decay_steps = 6;
    polynomial.power = 0.5;
    polynomial.cycle = true;
    check_schedule("polynomial, cycle", polynomial, reference::polynomial_cycle);
    inverse_time_decay inverse{.initial_learning_rate = 0.3, .decay_steps = 4, .decay_rate = 0.5};
    check_schedule("inverse time", inverse, reference::inverse_time);
    inverse.staircase = true;
    check_schedule("inverse time, staircase", inverse, reference::inverse_time_staircase);
    check("warm-up", adam{.learning_rate = warm_up{.steps = 5, .then = 0.05}}, reference::warm_up);
    check_schedule(
        "warm-up, cosine",
        warm_up{.steps = 5, .then = cosine_decay{.initial_learning_rate = 0.3, .decay_steps = 12}},
        reference::warm_up_cosine);
    check("decay by the rate of the step",
          adam{.learning_rate =
                   [](std::size_t s) { return 0.05 * std::pow(0.5, static_cast<double>(s) / 7); },
               .weight_decay = 0.1},
          reference::scheduled_decay);
}

TEST_CASE("weights of rows multiply losses and gradients, not the number of rows") {
    sequential model{in{}, recurrent_layer{}, output_layer<linear>{}};
    using model_type = decltype(model);
    using net = detail::network<model_type>;
    std::copy_n(reference::start, reference::weights, model.flat().begin());
    detail::objective<model_type, mse, mae> const objective{};
    detail::updater<model_type, sgd> updater;
    typename net::workspaces scratch;
    detail::gathered_batch<double> gathered;
    double worst = 0;
    for (std::size_t step = 0; step < reference::steps; ++step) {
        xt::xtensor<double, 3> const x = inputs(step);
        xt::xtensor<double, 2> const y = targets(step);
        net::load(model, scratch);
        sequence_view<double> const p = net::forward<pass::train>(
            gathered.gather(x.data(), reference::time, reference::features, {0, reference::rows},
                            {}, 0, reference::time),
            scratch, {});
        std::vector<double> dy(y.size()), gradient(reference::weights);
        detail::running_sums weighted, plain;
        double const* const weights = reference::weight + step * reference::rows;
        objective.add(p, y.data(), nullptr, 1, nullptr, plain);
        objective.add(p, y.data(), weights, 1.0 / reference::rows, dy.data(), weighted);
        logs const found = objective.means(weighted);
        worst =
            std::max(worst, support::difference(found["loss"], reference::weighted.losses[step]));
        CHECK(found["mean_absolute_error"] == objective.means(plain)["mean_absolute_error"]);
        net::backward(model,
                      {dy.data(), reference::outputs, 1, reference::rows, reference::outputs},
                      scratch, gradient.data(), false);
        updater.step(model, sgd{.learning_rate = 0.1}, gradient);
    }
    note("weights", std::max(worst, difference(model, reference::weighted)));
}

TEST_CASE("a setting that is off by little is noticed") {
    auto const off = [](auto const& optimizer, reference::run const& expected) {
        return worst(sequential{in{}, recurrent_layer{}, output_layer<linear>{}}, mse{}, optimizer,
                     targets, expected);
    };
    CHECK(off(adam{.epsilon = 1.1e-7}, reference::adam) > 1e-10);
    CHECK(off(adamw{.weight_decay = 0.00401}, reference::adamw) > 1e-10);
    CHECK(off(sgd{.learning_rate = 0.5, .clipnorm = 0.0501}, reference::clipnorm) > 1e-8);
    CHECK(off(sgd{.learning_rate = 0.5, .global_clipnorm = 0.05}, reference::clipnorm) > 1e-6);
    CHECK(off(sgd{.learning_rate = warm_up{.steps = 6, .then = 0.1}}, reference::sgd) > 1e-6);
}

TEST_CASE("the largest difference of all") {
    MESSAGE(all().runs, " runs of 20 steps, largest difference ", all().worst, " in ", all().where);
    CHECK(all().runs == 57);
}
