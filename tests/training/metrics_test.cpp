// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/training/metrics.hpp>
#include <xrnn/training/trainer.hpp>

#include "reference/keras_training.hpp"
#include "support/errors.hpp"

using namespace xrnn;
using support::message_of;

namespace {

template <class Metric>
double value_of(std::vector<float> const& y, std::vector<float> const& p) {
    return detail::row_metric(Metric{}, y.data(), p.data(), y.size());
}

using vector = xt::xtensor<double, 1>;
using table = xt::xtensor<double, 2>;
using counts = xt::xtensor<std::size_t, 2>;

} // namespace

TEST_CASE("accuracy of one output: (p > 0.5) == y, as Keras's binary accuracy") {
    CHECK(value_of<accuracy>({1}, {0.51F}) == 1);
    CHECK(value_of<accuracy>({1}, {0.5F}) == 0); // not above
    CHECK(value_of<accuracy>({0}, {0.5F}) == 1);
    CHECK(value_of<accuracy>({1}, {7}) == 1); // a relu's output
    CHECK(value_of<accuracy>({0}, {-1}) == 1);
    CHECK(value_of<accuracy>({0.5F}, {0.6F}) == 0); // a label that is neither
    CHECK(value_of<accuracy>({1}, {std::numeric_limits<float>::quiet_NaN()}) == 0);
}

TEST_CASE("accuracy of several outputs: the place of the largest, the first of equals") {
    CHECK(value_of<accuracy>({0, 1, 0}, {0.2F, 0.5F, 0.3F}) == 1);
    CHECK(value_of<accuracy>({0, 1, 0}, {0.6F, 0.5F, 0.3F}) == 0);
    CHECK(value_of<accuracy>({1, 0}, {0.5F, 0.5F}) == 1);
    CHECK(value_of<accuracy>({0, 1}, {0.5F, 0.5F}) == 0);
}

TEST_CASE("every loss is a metric") {
    CHECK(value_of<mae>({1, 2}, {2, 4}) == 1.5);
    CHECK(value_of<mse>({1, 2}, {2, 4}) == 2.5);
}

TEST_CASE("confusion matrix: rows are the truth, columns the prediction") {
    CHECK(confusion_matrix(vector{0, 0, 1, 1, 1}, vector{0.2, 0.7, 0.9, 0.6, 0.1}) ==
          counts{{1, 1}, {1, 2}});
    CHECK(confusion_matrix(vector{1, 1}, table{{0.9}, {0.8}}) == counts{{0, 0}, {0, 2}});
    // several outputs: the largest counts
    CHECK(confusion_matrix(table{{1, 0, 0}, {0, 0, 1}}, table{{0.5, 0.4, 0.1}, {0.1, 0.5, 0.4}}) ==
          counts{{1, 0, 0}, {0, 0, 0}, {0, 1, 0}});
    CHECK(confusion_matrix(vector{0, 2}, table{{0.5, 0.4, 0.1}, {0.1, 0.5, 0.4}}) ==
          counts{{1, 0, 0}, {0, 0, 0}, {0, 1, 0}});
}

TEST_CASE("one output is rounded half to even, and above 1.5 opens a third class") {
    CHECK(confusion_matrix(vector{1, 1, 1, 1}, vector{0.5, 0.5000001, 1.4999999, 1.5}) ==
          counts{{0, 0, 0}, {1, 2, 1}, {0, 0, 0}});
    CHECK(confusion_matrix(vector{0}, vector{2.5}) == counts{{0, 0, 1}, {0, 0, 0}, {0, 0, 0}});
    CHECK(confusion_matrix(vector{0}, vector{3.5}).shape()[0] == 5);
    CHECK(confusion_matrix(vector{0}, vector{-0.5}) == counts{{1, 0}, {0, 0}});
}

TEST_CASE("confusion matrix: what does not fit is named") {
    CHECK(message_of<shape_error>([] {
              confusion_matrix(vector{0, 1}, vector{0});
          }) ==
          "confusion_matrix: needs labels and predictions of shape (n), (n, 1) or (n, classes) "
          "with the same n, but has (2,) and (1,)");
    CHECK(message_of<value_error>([] { confusion_matrix(vector{0}, vector{-0.6}); }) ==
          "confusion_matrix: a prediction must round to a class 0, 1, 2, ..., but holds -0.600000");
    double const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(confusion_matrix(vector{nan}, vector{0}), value_error);
    CHECK_THROWS_AS(confusion_matrix(vector{0}, vector{1e300}), value_error);
    CHECK(confusion_matrix(vector(std::array<std::size_t, 1>{0}),
                           vector(std::array<std::size_t, 1>{0})) == counts{{0, 0}, {0, 0}});
}

namespace {

namespace expected = keras_training::metrics;

xt::xtensor<double, 3> array(double const* from, std::size_t width) {
    xt::xtensor<double, 3> result(std::array<std::size_t, 3>{expected::n, 1, width});
    std::copy_n(from, result.size(), result.data());
    return result;
}

/// Metrics of given outputs: a model that hands its input through. Over batches of many sizes, of which
/// all must give the same.
template <std::size_t N, class L, class... Metrics>
logs metrics_of(double const* p, double const* y, std::size_t width, L loss, Metrics... metrics) {
    sequential model{input<N, double>{}, dense<N>{}};
    auto const kernel = model.parameter("dense.kernel");
    for (std::size_t k = 0; k < N; ++k)
        for (std::size_t j = 0; j < N; ++j)
            kernel[k * N + j] = k == j ? 1 : 0;
    auto trainer = compile(model, loss, sgd{}, metrics...);
    logs const whole = trainer.evaluate(array(p, N), array(y, width), {.batch_size = 100});
    for (std::size_t const size : {1u, 5u, 16u, 36u}) {
        logs const parts = trainer.evaluate(array(p, N), array(y, width), {.batch_size = size});
        for (auto const& [name, value] : whole)
            CHECK(parts[name] == doctest::Approx(value).epsilon(1e-13));
    }
    return whole;
}

bool close(double a, double b, double tolerance = 1e-12) {
    return std::abs(a - b) <= tolerance;
}

} // namespace

TEST_CASE("metrics of one output against scikit-learn and Keras's formulas, whole and in batches") {
    logs const m =
        metrics_of<1>(expected::one_p, expected::one_y, 1, mse{}, accuracy{}, binary_accuracy{},
                      precision{}, precision{.threshold = 0.7}, recall{}, recall{.threshold = 0.3},
                      f1_score{}, auc{}, auc{.num_thresholds = 7});
    CHECK(close(m["accuracy"], expected::accuracy_one));
    CHECK(close(m["binary_accuracy"], expected::accuracy_one));
    CHECK(close(m["precision"], expected::precision_one));
    CHECK(close(m["precision_1"], expected::precision_high)); // numbered, as in Keras
    CHECK(close(m["recall"], expected::recall_one));
    CHECK(close(m["recall_1"], expected::recall_low));
    CHECK(close(m["f1_score"], expected::f1_one));
    CHECK(close(m["f1_score"], expected::f1_one_plain, 1e-6)); // but for Keras's 1e-7
    CHECK(close(m["auc"], expected::auc_one));
    CHECK(close(m["auc"], expected::auc_plain, 0.01)); // 200 thresholds
    CHECK(close(m["auc_1"], expected::auc_few));
    CHECK(expected::precision_one != expected::precision_high); // they can differ
}

TEST_CASE("metrics of several outputs") {
    logs const m =
        metrics_of<3>(expected::p, expected::hot, 3, mse{}, accuracy{}, categorical_accuracy{},
                      binary_accuracy{.threshold = 0.4}, precision{}, recall{}, f1_score{}, auc{});
    CHECK(close(m["accuracy"], expected::accuracy_several));
    CHECK(close(m["categorical_accuracy"], expected::accuracy_several));
    CHECK(close(m["binary_accuracy"], expected::binary_accuracy_several));
    CHECK(close(m["precision"], expected::precision_several));
    CHECK(close(m["recall"], expected::recall_several));
    CHECK(close(m["f1_score"], expected::f1_several));
    CHECK(close(m["f1_score"], expected::f1_several_plain, 1e-6));
    CHECK(close(m["auc"], expected::auc_several));
    logs const r = metrics_of<3>(expected::p, expected::real, 3, mae{}, r2_score{},
                                 root_mean_squared_error{}, mse{}, mae{});
    CHECK(close(r["r2_score"], expected::r2));
    CHECK(close(r["root_mean_squared_error"], expected::rmse));
    CHECK(close(r["mean_squared_error"], expected::mse));
    CHECK(close(r["mean_absolute_error"], expected::mae));
    CHECK(close(r["loss"], expected::mae));
}

TEST_CASE("metrics of class numbers") {
    logs const m = metrics_of<3>(expected::p, expected::label, 1, sparse_categorical_crossentropy{},
                                 accuracy{}, sparse_categorical_accuracy{}, f1_score{});
    CHECK(close(m["accuracy"], expected::accuracy_several));
    CHECK(close(m["sparse_categorical_accuracy"], expected::accuracy_several));
    CHECK(close(m["f1_score"], expected::f1_several));
}
