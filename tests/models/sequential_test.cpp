// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <set>

#include <xrnn/models/predict.hpp>

#include "support/errors.hpp"
#include "support/models.hpp"

using namespace xrnn;
using support::message_of;

namespace {

std::vector<std::string> names(auto const& model) {
    std::vector<std::string> result;
    for (auto const& p : model.parameters())
        result.push_back(p.name);
    return result;
}

} // namespace

TEST_CASE("layers are bound at compile time: value type, shapes") {
    sequential const model{input<7, double>{}, lstm<4, return_sequences>{}, dropout{0.1}, gru<3>{},
                           dense<2>{}};
    using M = std::remove_const_t<decltype(model)>;
    static_assert(std::is_same_v<M::value_type, double> && M::size == 4);
    static_assert(M::input_shape == shape{7, true} && M::output_shape == shape{2, false});
    static_assert(M::layer<0>::output == shape{4, true});
    static_assert(M::layer<1>::output == shape{4, true});
    static_assert(M::layer<2>::input == shape{4, true} && M::layer<2>::output == shape{3, false});
    static_assert(std::is_same_v<decltype(sequential{input<1>{}, dense<1>{}})::value_type, float>);
    CHECK(model.built());
    CHECK(model.features() == 7);
}

TEST_CASE("parameters by name, in Keras's shapes, numbered as Keras numbers layers") {
    sequential model{
        input<7>{}, lstm<4, return_sequences>{},        lstm<3, return_sequences>{}, gru<2>{},
        dense<5>{}, dense<1, linear, use_bias<false>>{}};
    CHECK(names(model) == std::vector<std::string>{"lstm.kernel", "lstm.recurrent_kernel",
                                                   "lstm.bias", "lstm_1.kernel",
                                                   "lstm_1.recurrent_kernel", "lstm_1.bias",
                                                   "gru.kernel", "gru.recurrent_kernel", "gru.bias",
                                                   "dense.kernel", "dense.bias", "dense_1.kernel"});
    using shape = std::vector<std::size_t>;
    auto const all = model.parameters();
    CHECK(all[0].shape == shape{7, 16});
    CHECK(all[1].shape == shape{4, 16});
    CHECK(all[2].shape == shape{16});
    CHECK(all[3].shape == shape{4, 12});
    CHECK(all[8].shape == shape{2, 6});
    CHECK(all[9].shape == shape{2, 5});
    CHECK(all[11].shape == shape{5, 1});
    // they cover the flat buffer once, in order, without gaps
    float const* next = model.flat().data();
    for (auto const& p : all) {
        CHECK(p.values.data() == next);
        next += p.values.size();
    }
    CHECK(next == model.flat().data() + model.flat().size());
    CHECK(model.count_params() ==
          4 * 4 * (7 + 4 + 1) + 4 * 3 * (4 + 3 + 1) + 3 * 2 * (3 + 2 + 2) + 5 * 3 + 5);
    CHECK(reinterpret_cast<std::uintptr_t>(model.flat().data()) % 64 == 0);
}

TEST_CASE("one parameter by name is the model's own memory; an unknown name is answered") {
    sequential model{input<2>{}, gru<2>{}, dense<1>{}};
    model.parameter("dense.kernel")[1] = 42;
    CHECK(model.parameters()[3].values[1] == 42);
    CHECK(message_of<value_error>([&] { (void)model.parameter("dense.weight"); }) ==
          "parameter: no \"dense.weight\"; there are gru.kernel, gru.recurrent_kernel, gru.bias, "
          "dense.kernel, dense.bias");
    sequential unbuilt{input<dynamic>{}, gru<2>{}};
    CHECK(message_of<value_error>([&] { (void)unbuilt.parameter("gru.bias"); }) ==
          "parameter: no \"gru.bias\"; there are none before the model is built");
}

TEST_CASE("a dynamic input: built once, its kernel last in the buffer") {
    sequential model{input<dynamic, double>{}, lstm<4>{}, dense<1>{}};
    CHECK_FALSE(model.built());
    CHECK(model.count_params() == 0);
    CHECK(model.parameters().empty());
    CHECK(message_of<shape_error>([&] { model.build(0); }) ==
          "build: a model needs at least one feature");
    model.build(7);
    model.build(7); // again for the same width: nothing happens
    CHECK(message_of<shape_error>([&] { model.build(8); }) ==
          "build: the model has 7 input features and cannot be built for 8");
    CHECK(model.count_params() == 4 * 4 * (7 + 4 + 1) + 5);
    CHECK(names(model).front() == "lstm.kernel");
    CHECK(model.parameters().front().values.data() ==
          model.flat().data() + model.count_params() - 7 * 16);
    CHECK(model.parameter("lstm.recurrent_kernel").data() == model.flat().data());

    sequential const given{input<dynamic, double>{7}, lstm<4>{}, dense<1>{}};
    CHECK(given.built());
    sequential fixed{input<7, double>{}, lstm<4>{}, dense<1>{}};
    for (auto const& p : given.parameters()) // the same weights wherever they lie
        CHECK(std::equal(p.values.begin(), p.values.end(), fixed.parameter(p.name).begin()));
    auto const x = support::tensor<double, 3>({3, 4, 7}, 1);
    CHECK(given.predict(x) == fixed.predict(x));
}

TEST_CASE("a dynamic input behind dropout: the first layer with parameters is the wide one") {
    sequential model{input<dynamic>{5}, dropout{0.1}, dense<3>{}, gru<2>{}};
    CHECK(model.parameters().front().name == "dense.kernel");
    CHECK(model.parameters().front().shape == std::vector<std::size_t>{5, 3});
    CHECK(model.predict(support::tensor<float, 3>({2, 3, 5}, 1)).shape()[1] == 2);
}

TEST_CASE("parameters_for: names and shapes without a model that is built") {
    using M = decltype(sequential{input<dynamic>{}, lstm<4>{}, dense<1>{}});
    auto const infos = M::parameters_for(9);
    REQUIRE(infos.size() == 5);
    CHECK(infos[0].name == "lstm.kernel");
    CHECK(infos[0].shape == std::vector<std::size_t>{9, 16});
    CHECK(infos[0].values.empty());
    CHECK(M::parameter_count(9) == 4 * 4 * (9 + 4 + 1) + 5);
}

TEST_CASE("copies are models of their own") {
    sequential model{input<2>{}, gru<2>{}};
    sequential copy = model;
    copy.flat()[0] += 1;
    CHECK(model.flat()[0] != copy.flat()[0]);
    auto const x = support::tensor<float, 3>({2, 3, 2}, 1);
    CHECK_FALSE(model.predict(x) == copy.predict(x));
    model = copy;
    CHECK(model.predict(x) == copy.predict(x));
}

TEST_CASE("initialize: another seed, other weights; the same seed, the same; also before build") {
    sequential model{input<2>{}, gru<2>{}};
    std::vector<float> const first(model.flat().begin(), model.flat().end());
    model.initialize(7);
    std::vector<float> const seventh(model.flat().begin(), model.flat().end());
    CHECK(first != seventh);
    model.initialize(0);
    CHECK(std::equal(first.begin(), first.end(), model.flat().begin()));
    sequential later{input<dynamic>{}, gru<2>{}};
    later.initialize(7);
    later.build(2);
    sequential now{input<dynamic>{2}, gru<2>{}};
    now.initialize(7);
    CHECK(std::equal(later.flat().begin(), later.flat().end(), now.flat().begin()));
    CHECK(std::set<float>(seventh.begin(), seventh.end()).size() > 20); // zeros in the bias alone
}

TEST_CASE("settings out of range are refused when the model is composed") {
    CHECK_THROWS_AS((sequential{input<2>{}, dropout{1.0}, gru<2>{}}), value_error);
    CHECK_THROWS_AS((sequential{input<2>{}, gru<2>{}, dropout{-0.5}}), value_error);
}
