// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/training/metrics.hpp>

using namespace xrnn;

namespace {

template <class Metric>
double value(std::vector<float> const& y, std::vector<float> const& p) {
    return detail::row_metric<Metric, float>(y.data(), p.data(), y.size());
}

using vector = xt::xtensor<double, 1>;
using table = xt::xtensor<double, 2>;
using counts = xt::xtensor<std::size_t, 2>;

template <class Error>
std::string message_of(auto const& f) {
    try {
        f();
    } catch (Error const& e) {
        return e.what();
    }
    return "(nothing thrown)";
}

} // namespace

TEST_CASE("accuracy of one output: (p > 0.5) == y, as Keras's binary accuracy") {
    CHECK(value<accuracy>({1}, {0.51F}) == 1);
    CHECK(value<accuracy>({1}, {0.5F}) == 0); // not above
    CHECK(value<accuracy>({0}, {0.5F}) == 1);
    CHECK(value<accuracy>({1}, {7}) == 1); // a relu's output
    CHECK(value<accuracy>({0}, {-1}) == 1);
    CHECK(value<accuracy>({0.5F}, {0.6F}) == 0); // a label that is neither
    CHECK(value<accuracy>({1}, {std::numeric_limits<float>::quiet_NaN()}) == 0);
}

TEST_CASE("accuracy of several outputs: the place of the largest, the first of equals") {
    CHECK(value<accuracy>({0, 1, 0}, {0.2F, 0.5F, 0.3F}) == 1);
    CHECK(value<accuracy>({0, 1, 0}, {0.6F, 0.5F, 0.3F}) == 0);
    CHECK(value<accuracy>({1, 0}, {0.5F, 0.5F}) == 1);
    CHECK(value<accuracy>({0, 1}, {0.5F, 0.5F}) == 0);
}

TEST_CASE("every loss is a metric") {
    CHECK(value<mae>({1, 2}, {2, 4}) == 1.5);
    CHECK(value<mse>({1, 2}, {2, 4}) == 2.5);
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
