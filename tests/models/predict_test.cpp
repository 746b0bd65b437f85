// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#if __has_include(<xtensor/containers/xfixed.hpp>)
#include <xtensor/containers/xfixed.hpp>
#else
#include <xtensor/xfixed.hpp>
#endif

#include <xrnn/models/predict.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

auto make_model() {
    sequential model{input<3>{}, lstm<5>{}, dense<2>{}};
    support::randomize(model, 1);
    return model;
}

std::string shape_error_of(auto const& f) {
    try {
        f();
    } catch (shape_error const& e) {
        return e.what();
    }
    return "(nothing thrown)";
}

} // namespace

TEST_CASE("any xtensor expression of the right shape gives the same bits") {
    auto const model = make_model(); // predict is const
    auto const x = support::tensor<float, 3>({4, 6, 3}, 2);
    xt::xtensor<float, 2> const expected = model.predict(x);
    CHECK(expected.shape() == std::array<std::size_t, 2>{4, 2});

    xt::xarray<float> const array = x;
    CHECK(model.predict(array) == expected);
    xt::xtensor<float, 3, xt::layout_type::column_major> const columns = x;
    CHECK(model.predict(columns) == expected);
    xt::xtensor_fixed<float, xt::xshape<4, 6, 3>> const fixed = x;
    CHECK(model.predict(fixed) == expected);
    std::vector<float> const memory(x.begin(), x.end());
    std::array<std::size_t, 3> const shape{4, 6, 3};
    CHECK(model.predict(xt::adapt(memory, shape)) == expected);
    CHECK(model.predict(xt::adapt(memory.data(), memory.size(), xt::no_ownership(), shape)) ==
          expected);
    CHECK(model.predict(xt::view(x, xt::all(), xt::all(), xt::all())) == expected);
    CHECK(model.predict(2.0F * (0.5F * x)) == expected); // evaluated on the way
    xt::xtensor<double, 3> const wider = x;
    CHECK(model.predict(wider) == expected);
}

TEST_CASE("views of a part: rows, steps, features, and one sequence with a new axis") {
    auto const model = make_model();
    auto const wide = support::tensor<float, 3>({5, 8, 4}, 2);
    xt::xtensor<float, 3> const part =
        xt::view(wide, xt::range(1, 5), xt::range(2, 8), xt::range(1, 4));
    xt::xtensor<float, 2> const expected = model.predict(part);
    CHECK(model.predict(xt::view(wide, xt::range(1, 5), xt::range(2, 8), xt::range(1, 4))) ==
          expected);
    xt::xtensor<float, 2> const sequence = xt::view(part, 2, xt::all(), xt::all());
    xt::xtensor<float, 2> const one =
        model.predict(xt::view(sequence, xt::newaxis(), xt::all(), xt::all()));
    CHECK(one(0, 0) == expected(2, 0));
    CHECK(one(0, 1) == expected(2, 1));
    // memory that is not the view's own order
    xt::xtensor<float, 3> const swapped = xt::transpose(part, {1, 0, 2});
    CHECK(model.predict(xt::transpose(swapped, {1, 0, 2})) == expected);
}

TEST_CASE("a row's bits do not depend on the batch that it is in") {
    auto const model = make_model();
    auto const x = support::tensor<float, 3>({131, 35, 3}, 2); // steps: three blocks for one row
    xt::xtensor<float, 2> const all = model.predict(x);
    for (std::size_t const rows : {1u, 3u, 4u, 5u, 64u, 65u, 128u, 129u}) {
        xt::xtensor<float, 2> const y =
            model.predict(xt::view(x, xt::range(1, rows + 1), xt::all(), xt::all()));
        REQUIRE(y.shape()[0] == rows);
        for (std::size_t b = 0; b < rows; ++b)
            for (std::size_t u = 0; u < 2; ++u)
                REQUIRE(y(b, u) == all(b + 1, u));
    }
}

TEST_CASE("a predictor gives what predict gives, for sizes in any order") {
    auto const model = make_model();
    auto const x = support::tensor<float, 3>({131, 4, 3}, 2);
    predictor run{model};
    for (std::size_t const rows : {131u, 1u, 65u, 2u, 131u}) {
        xt::xtensor<float, 3> const some = xt::view(x, xt::range(0, rows), xt::all(), xt::all());
        CHECK(run(some) == model.predict(some));
    }
}

TEST_CASE("predict does not change the model and does not remember") {
    auto const model = make_model();
    std::vector<float> const before(model.flat().begin(), model.flat().end());
    auto const x = support::tensor<float, 3>({3, 4, 3}, 2);
    xt::xtensor<float, 2> const first = model.predict(x);
    model.predict(support::tensor<float, 3>({70, 9, 3}, 5));
    CHECK(model.predict(x) == first);
    CHECK(std::equal(before.begin(), before.end(), model.flat().begin()));
}

TEST_CASE("NaN in one row stays in that row") {
    auto const model = make_model();
    auto x = support::tensor<float, 3>({6, 4, 3}, 2);
    xt::xtensor<float, 2> const clean = model.predict(x);
    x(2, 1, 0) = std::numeric_limits<float>::quiet_NaN();
    xt::xtensor<float, 2> const y = model.predict(x);
    for (std::size_t b = 0; b < 6; ++b)
        for (std::size_t u = 0; u < 2; ++u) {
            if (b == 2)
                CHECK(std::isnan(y(b, u)));
            else
                CHECK(y(b, u) == clean(b, u));
        }
}

TEST_CASE("wrong shapes are named") {
    auto const model = make_model();
    CHECK(shape_error_of([&] {
              model.predict(support::tensor<float, 3>({4, 6, 2}, 2));
          }) == "predict: x must have shape (batch, time, 3), none of them 0, but has (4, 6, 2)");
    CHECK(shape_error_of([&] {
              model.predict(support::tensor<float, 3>({0, 6, 3}, 2));
          }) == "predict: x must have shape (batch, time, 3), none of them 0, but has (0, 6, 3)");
    CHECK(shape_error_of([&] {
              model.predict(support::tensor<float, 3>({4, 0, 3}, 2));
          }) == "predict: x must have shape (batch, time, 3), none of them 0, but has (4, 0, 3)");
    xt::xarray<float> const flat = xt::xarray<float>::from_shape({6, 3});
    CHECK(shape_error_of([&] { model.predict(flat); }) ==
          "predict: x must have shape (batch, time, 3), none of them 0, but has (6, 3)");
    xt::xarray<float> const deep = xt::xarray<float>::from_shape({1, 1, 6, 3});
    CHECK(shape_error_of([&] { model.predict(deep); }) ==
          "predict: x must have shape (batch, time, 3), none of them 0, but has (1, 1, 6, 3)");
}

TEST_CASE("a model with a dynamic input: not built, then of that width only") {
    sequential model{input<dynamic>{}, gru<4>{}};
    auto const x = support::tensor<float, 3>({4, 6, 2}, 2);
    CHECK_THROWS_AS(model.predict(x), value_error);
    model.build(2);
    CHECK(model.predict(x).shape() == std::array<std::size_t, 2>{4, 4});
    CHECK_THROWS_AS(model.predict(support::tensor<float, 3>({4, 6, 3}, 2)), shape_error);
}
