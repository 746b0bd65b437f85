// SPDX-License-Identifier: BSD-3-Clause
//
// Splits against scikit-learn's (tests/reference/make_folds.py), and what is made of the folds.
#include <doctest/doctest.h>

#include <cmath>

#include <xrnn/data/cross_validation.hpp>
#include <xrnn/training/trainer.hpp>

#include "reference/folds.hpp"
#include "support/models.hpp"

using namespace xrnn;

namespace {

void compare(std::vector<data::split_indices> const& found,
             std::vector<folds_reference::fold> const& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
        CHECK(found[k].train == expected[k].train);
        CHECK(found[k].test == expected[k].test);
    }
}

} // namespace

TEST_CASE("k_fold, index for index") {
    for (auto const& c : folds_reference::k_fold) {
        CAPTURE(c.n);
        compare(data::k_fold{c.n_splits, c.shuffle, c.random_state}.split(c.n), c.folds);
    }
}

TEST_CASE("time_series_split, index for index") {
    for (auto const& c : folds_reference::time_series) {
        CAPTURE(c.n);
        compare(
            data::time_series_split{c.n_splits, c.max_train_size, c.test_size, c.gap}.split(c.n),
            c.folds);
    }
}

TEST_CASE("too few rows, too few splits") {
    CHECK_THROWS_WITH_AS(data::k_fold{.n_splits = 1}.split(5),
                         "k_fold: n_splits must lie between 2 and the number of rows, 5, but is 1",
                         value_error);
    CHECK_THROWS_AS(data::k_fold{.n_splits = 6}.split(5), value_error);
    CHECK_THROWS_WITH_AS(data::time_series_split{.n_splits = 1}.split(9),
                         "time_series_split: n_splits must be at least 2, but is 1", value_error);
    CHECK_THROWS_WITH_AS(
        (data::time_series_split{.n_splits = 3, .test_size = 3, .gap = 1}.split(10)),
        "time_series_split: 10 rows are too few for 3 splits with test_size 3 and gap 1",
        value_error);
    CHECK_NOTHROW((data::time_series_split{.n_splits = 3, .test_size = 3, .gap = 1}.split(11)));
    CHECK_THROWS_AS(data::time_series_split{}.split(5), value_error);
}

TEST_CASE("cross_validate: each fold's rows, and the figures over the folds") {
    xt::xtensor<double, 3> x(std::array<std::size_t, 3>{7, 2, 1});
    xt::xtensor<double, 1> y(std::array<std::size_t, 1>{7});
    for (std::size_t k = 0; k < 7; ++k) {
        x(k, 0, 0) = x(k, 1, 0) = static_cast<double>(k);
        y(k) = 10 * static_cast<double>(k);
    }
    std::size_t fold = 0;
    auto const cv = data::cross_validate(
        x, y, data::k_fold{.n_splits = 3},
        [&](auto const& x_train, auto const& y_train, auto const& x_test, auto const& y_test) {
            auto const& expected = folds_reference::k_fold[1].folds[fold++];
            REQUIRE(x_train.shape()[0] == expected.train.size());
            REQUIRE(x_test.shape()[0] == expected.test.size());
            for (std::size_t k = 0; k < expected.test.size(); ++k) {
                CHECK(x_test(k, 1, 0) == static_cast<double>(expected.test[k]));
                CHECK(y_test(k) == 10 * x_test(k, 1, 0));
            }
            CHECK(y_train(1) == 10 * x_train(1, 0, 0));
            logs result;
            result.at_or_add("score") = std::pow(2.0, static_cast<double>(fold));
            return result;
        });
    CHECK(cv.values("score") == std::vector<double>{2, 4, 8});
    CHECK(cv.mean("score") == doctest::Approx(14.0 / 3));
    CHECK(cv.standard_deviation("score") == doctest::Approx(2.494438257849294)); // numpy.std
    CHECK(cv.min("score") == 2);
    CHECK(cv.max("score") == 8);
    CHECK(
        cv.table().find("score                        4.6667      2.4944    2.0000    8.0000\n") !=
        std::string::npos);
    CHECK_THROWS_AS(cv.mean("loss"), value_error);
    xt::xtensor<double, 1> const fewer = xt::view(y, xt::range(0, 6));
    CHECK_THROWS_WITH_AS(
        data::cross_validate(x, fewer, data::k_fold{}, [](auto&&...) { return logs{}; }),
        "cross_validate: x and y must have the same number of rows, got x (7, 2, 1) "
        "and y (6)",
        shape_error);
}

TEST_CASE("of a training") {
    auto const x = support::tensor<float, 3>({40, 5, 2}, 1);
    xt::xtensor<float, 1> y(std::array<std::size_t, 1>{40});
    for (std::size_t k = 0; k < 40; ++k)
        y(k) = x(k, 4, 0) > 0 ? 1.0F : 0.0F;
    auto const cv = data::cross_validate(
        x, y, data::time_series_split{.n_splits = 3},
        [](auto const& x_train, auto const& y_train, auto const& x_test, auto const& y_test) {
            sequential model{input<2>{}, gru<4>{}, dense<1, sigmoid>{}};
            auto trainer = compile(model, mse{}, adam{.learning_rate = 0.05}, accuracy{});
            trainer.fit(x_train, y_train, {.epochs = 60, .verbose = 0});
            return trainer.evaluate(x_test, y_test);
        });
    CHECK(cv.folds.size() == 3);
    CHECK(cv.mean("accuracy") > 0.7);
}
