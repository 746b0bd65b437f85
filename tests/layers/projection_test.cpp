// SPDX-License-Identifier: BSD-3-Clause
//
// The LSTM with projection, whose hidden state is narrower than the layer: against PyTorch's LSTM with
// proj_size, and in every place that must know how wide a vector is. The reference values and the
// script that made them: tests/reference.
#include <doctest/doctest.h>

#include <map>

#include <xrnn/io/model_file.hpp>
#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/packing_error.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/states.hpp>
#include <xrnn/models/stream.hpp>
#include <xrnn/models/trace.hpp>

#include "io/temporary_folder.hpp"
#include "reference/torch_projection.hpp"
#include "support/models.hpp"
#include "support/narrow_cell.hpp"

using namespace xrnn;
namespace reference = torch_projection_reference;

namespace {

template <class T>
void set(std::span<T> to, std::span<int const> whole) {
    REQUIRE(to.size() == whole.size());
    for (std::size_t k = 0; k < to.size(); ++k)
        to[k] = static_cast<T>(whole[k]) / 1024;
}

template <class Found>
double difference(Found const& found, std::span<double const> expected) {
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t k = 0; k < expected.size(); ++k)
        worst = std::max(worst, support::difference(found.data()[k], expected[k]));
    return worst;
}

/// Largest difference of the output at all steps and at the last, of both states after it, and of the
/// output of single rows.
template <class T, class Case>
double worst_of(Case) {
    constexpr std::size_t P = Case::projection, batch = reference::batch, time = Case::time;
    using all_steps = projected_lstm<Case::units, P, return_sequences>;
    sequential model{input<reference::features, T>{}, all_steps{}};
    sequential last{input<reference::features, T>{}, projected_lstm<Case::units, P>{}};
    auto const set_all = [](auto& m) {
        set(m.parameter("projected_lstm.kernel"), Case::kernel);
        set(m.parameter("projected_lstm.recurrent_kernel"), Case::recurrent_kernel);
        set(m.parameter("projected_lstm.bias"), Case::bias);
        set(m.parameter("projected_lstm.projection_kernel"), Case::projection_kernel);
    };
    set_all(model);
    set_all(last);
    xt::xtensor<T, 3> x(std::array<std::size_t, 3>{batch, time, reference::features});
    xt::xtensor<T, 2> h(std::array<std::size_t, 2>{batch, P});
    xt::xtensor<T, 2> c(std::array<std::size_t, 2>{batch, Case::units});
    set(std::span<T>(x.data(), x.size()), Case::x);
    set(std::span<T>(h.data(), h.size()), Case::h_0);
    set(std::span<T>(c.data(), c.size()), Case::c_0);
    model_states states{model, batch};
    states.set("projected_lstm", "h", h);
    states.set("projected_lstm", "c", c);
    double worst = difference(model.predict(x, states), Case::y);
    worst = std::max(worst, difference(states.get("projected_lstm", "h"), Case::h_n));
    worst = std::max(worst, difference(states.get("projected_lstm", "c"), Case::c_n));
    model_states states_of_last{last, batch};
    states_of_last.set("projected_lstm", "h", h);
    states_of_last.set("projected_lstm", "c", c);
    worst = std::max(worst, difference(last.predict(x, states_of_last), Case::h_n));
    for (std::size_t b = 0; b < batch; ++b) {
        model_states alone{model, 1};
        alone.set("projected_lstm", "h", xt::view(h, xt::range(b, b + 1), xt::all()));
        alone.set("projected_lstm", "c", xt::view(c, xt::range(b, b + 1), xt::all()));
        auto const y = model.predict(xt::view(x, xt::range(b, b + 1), xt::all(), xt::all()), alone);
        worst = std::max(worst, difference(y, std::span(Case::y).subspan(b * time * P, time * P)));
    }
    return worst;
}

template <class Case>
void check_case(Case which) {
    double const in_double = worst_of<double>(which);
    double const in_float = worst_of<float>(which);
    CHECK(in_double <= 1e-12);
    CHECK(in_float <= 1e-6);
    MESSAGE("units ", Case::units, ", projection ", Case::projection, ", time ", Case::time,
            ": largest difference in double ", in_double, ", in float ", in_float);
}

/// Largest difference between a stream's steps and predict, over a model that returns sequences.
template <class Model>
double worst_of_stream(Model model, std::size_t time) {
    using T = typename Model::value_type;
    support::randomize(model, 3);
    auto const x = support::tensor<T, 3>({1, time, model.features()}, 4);
    packed<Model> const weights{model};
    stream<Model> s{weights};
    std::vector<T> block(time * stream<Model>::units);
    s.process({x.data(), x.size()}, block);
    auto const y = model.predict(x);
    return difference(y, support::doubles(std::span<T const>(block)));
}

template <class T>
double worst_of_streams() {
    using in = input<3, T>;
    using seq = return_sequences;
    double worst = 0;
    auto const add = [&](auto model) {
        worst = std::max(worst, worst_of_stream(std::move(model), 20));
    };
    add(sequential{in{}, projected_lstm<3, 1, seq>{}});
    add(sequential{in{}, projected_lstm<17, 5, seq>{}, projected_lstm<9, 9, seq>{}});
    add(sequential{in{}, projected_lstm<40, 33, seq, use_bias<false>>{}, dense<2>{}});
    add(sequential{in{}, projected_lstm<96, 50, seq>{}}); // beyond the first cache
    add(sequential{in{}, recurrent<support::narrow_cell<3>, 4, seq>{}});
    add(sequential{in{}, recurrent<support::narrow_cell<5>, 18, seq>{}});
    add(sequential{in{}, recurrent<support::narrow_cell<2>, 120, seq>{}});
    return worst;
}

/// The narrow cell's equations as loops over doubles.
template <std::size_t U, std::size_t R>
naive::steps narrow_steps(auto const& model, naive::steps const& x) {
    std::map<std::string, std::vector<double>> values;
    for (auto const& p : model.parameters())
        values[p.name.substr(p.name.find('.') + 1)] = support::doubles(p.values);
    naive::vec c(U), h(R);
    naive::steps all;
    for (naive::vec const& x_t : x) {
        naive::vec sums(U + R), q(R), m(U);
        for (std::size_t k = 0; k < U + R; ++k)
            sums[k] = naive::product(x_t, {U + R, values["kernel"]}, k) +
                      naive::product(h, {U + R, values["recurrent_kernel"]}, k) + values["bias"][k];
        double total = 0;
        for (std::size_t k = 0; k < R; ++k)
            total += q[k] = std::exp(std::tanh(sums[U + k]));
        for (double& part : q)
            part /= total;
        for (std::size_t k = 0; k < U; ++k) {
            c[k] = values["p"][k] * std::tanh(sums[k]) + c[k] / 2;
            m[k] = c[k] + naive::product(q, {U, values["widening_kernel"]}, k);
        }
        for (std::size_t k = 0; k < R; ++k)
            h[k] = std::tanh(naive::product(m, {R, values["projection_kernel"]}, k));
        all.push_back(m);
    }
    return all;
}

template <std::size_t U, std::size_t R>
double worst_of_narrow() {
    sequential model{input<3, double>{}, recurrent<support::narrow_cell<R>, U, return_sequences>{}};
    support::randomize(model, 5);
    auto const x = support::tensor<double, 3>({5, 7, 3}, 6); // four rows side by side, and one
    xt::xtensor<double, 3> const y = model.predict(x);
    double worst = 0;
    for (std::size_t b = 0; b < 5; ++b) {
        auto const expected = narrow_steps<U, R>(model, support::naive_row(x, b));
        for (std::size_t t = 0; t < 7; ++t)
            for (std::size_t u = 0; u < U; ++u)
                worst = std::max(worst, support::difference(y(b, t, u), expected[t][u]));
    }
    return worst;
}

/// A training step of two rows and its way back, from memory that is full of `padding`: the records
/// after the step and the gradients of those before, as far as the vectors go.
std::vector<double> there_and_back(double padding) {
    constexpr std::size_t units = 18, narrow = 5, features = 3, batch = 2;
    using cell = support::narrow_cell<narrow>;
    constexpr std::size_t lanes = simd::max_lanes<double>;
    using kernel = detail::cell_kernel<cell, double, lanes>;
    using adjoint = detail::cell_adjoint<cell, double, lanes>;
    using plan = kernel::plan;
    constexpr std::size_t record = kernel::record_size(units), padded = kernel::padded(units);
    support::generator g(7);
    auto const values = [&](parameter_info const& info) {
        return support::numbers<double>(info.size(), g, -1, 1);
    };
    auto const w = values(plan::kernel(features, units)), u = values(plan::recurrent_kernel(units)),
               b = values(plan::bias(units)), p = support::numbers<double>(units, g),
               v = support::numbers<double>(narrow * units, g),
               y = support::numbers<double>(units * narrow, g),
               x = support::numbers<double>(batch * features, g);
    std::array<double const*, 1> const unit_weights{p.data()};
    std::array<double const*, 2> const projections{v.data(), y.data()};
    detail::cell_parameters<double const> const all{w.data(), u.data(), b.data(),
                                                    unit_weights.data(), projections.data()};
    std::vector<double> weights(kernel::packed_size(units, features)),
        back(adjoint::packed_size(units, features));
    kernel::pack(all, units, features, weights.data());
    adjoint::pack(all, units, features, back.data());
    auto const each_entry = [&](std::vector<double>& blocks, auto const& f) {
        for (std::size_t row = 0; row < batch; ++row)
            detail::for_each<plan::stored>([&]<class Vector>(std::type_identity<Vector>) {
                double* const from =
                    blocks.data() + row * record + detail::index_of<plan::stored, Vector> * padded;
                std::for_each(from, from + detail::width_of<Vector>(units), f);
            });
    };
    std::vector<double> prev(batch * record, padding),
        cur = prev, gradient = prev, before = prev,
        jacobian(batch * kernel::tiles(units) * kernel::partials::total * lanes, padding),
        dz(batch * adjoint::dz_size(units), padding);
    each_entry(prev, [&](double& value) { value = support::numbers<double>(1, g)[0]; });
    each_entry(gradient, [&](double& value) { value = support::numbers<double>(1, g)[0]; });
    each_entry(before, [](double& value) { value = 0; });
    kernel::step<pass::train>(weights.data(), units, features, x.data(), features, prev.data(),
                              cur.data(), batch, jacobian.data());
    adjoint::step(back.data(), units, features, jacobian.data(), cur.data(), gradient.data(),
                  before.data(), dz.data(), batch, nullptr);
    std::vector<double> result;
    each_entry(cur, [&](double value) { result.push_back(value); });
    each_entry(before, [&](double value) { result.push_back(value); });
    return result;
}

std::vector<std::pair<std::string, std::vector<std::size_t>>> parameters_of(auto const& model) {
    std::vector<std::pair<std::string, std::vector<std::size_t>>> result;
    for (auto const& p : model.parameters())
        result.emplace_back(p.name, p.shape);
    return result;
}

} // namespace

TEST_CASE("outputs and states are PyTorch's") {
    check_case(reference::units_10_projection_4_time_8{});
    check_case(reference::units_17_projection_16_time_8{});
    check_case(reference::units_17_projection_1_time_8{});
    check_case(reference::units_10_projection_4_time_1{});
}

TEST_CASE("sums of two widths in one product, equations on both, a softmax over the narrow one") {
    CHECK(worst_of_narrow<4, 3>() <= 1e-14);
    CHECK(worst_of_narrow<18, 5>() <= 1e-14);
    CHECK(worst_of_narrow<40, 1>() <= 1e-14);
}

TEST_CASE("nothing depends on what lies beyond a vector's width, forwards or backwards") {
    std::vector<double> const clean = there_and_back(0);
    CHECK(std::none_of(clean.begin(), clean.end(), [](double v) { return std::isnan(v); }));
    CHECK(std::count(clean.begin(), clean.end(), 0.0) == 2 * (5 + 5 + 18)); // of s, q and m before
    CHECK(there_and_back(std::nan("")) == clean);
}

TEST_CASE("parameters: shapes, and where they start") {
    using shapes = std::vector<std::pair<std::string, std::vector<std::size_t>>>;
    sequential const model{input<3>{}, bidirectional<projected_lstm<10, 4, return_sequences>>{},
                           projected_lstm<5, 2, use_bias<false>>{}};
    CHECK(parameters_of(model) == shapes{{"bidirectional.forward.kernel", {3, 40}},
                                         {"bidirectional.forward.recurrent_kernel", {4, 40}},
                                         {"bidirectional.forward.bias", {40}},
                                         {"bidirectional.forward.projection_kernel", {10, 4}},
                                         {"bidirectional.backward.kernel", {3, 40}},
                                         {"bidirectional.backward.recurrent_kernel", {4, 40}},
                                         {"bidirectional.backward.bias", {40}},
                                         {"bidirectional.backward.projection_kernel", {10, 4}},
                                         {"projected_lstm.kernel", {8, 20}},
                                         {"projected_lstm.recurrent_kernel", {2, 20}},
                                         {"projected_lstm.projection_kernel", {5, 2}}});
    for (auto const& p : model.parameters()) {
        CAPTURE(p.name);
        if (p.name.ends_with("bias")) { // 1 for the forget gate
            CHECK(std::count(p.values.begin() + 10, p.values.begin() + 20, 1.0f) == 10);
            CHECK(std::count(p.values.begin(), p.values.end(), 0.0f) == 30);
        } else
            CHECK(std::count(p.values.begin(), p.values.end(), 0.0f) == 0);
    }
}

TEST_CASE("a stream's steps are predict's") {
    double const in_double = worst_of_streams<double>(), in_float = worst_of_streams<float>();
    CHECK(in_double <= 1e-14);
    CHECK(in_float <= 4e-6);
    MESSAGE("largest difference in double ", in_double, ", in float ", in_float);
}

TEST_CASE("rounded weights and fast activations: near, and not the same") {
    sequential model{input<3>{}, projected_lstm<17, 5, return_sequences>{}, projected_lstm<40, 9>{},
                     dense<2>{}};
    support::randomize(model, 3);
    auto const x = support::tensor<float, 3>({1, 500, 3}, 5);
    auto const difference_with = [&](auto how) {
        return packing_error(model, how, std::span<float const>(x.data(), x.size())).largest;
    };
    for (double const d : {difference_with(bfloat16{}), difference_with(bfloat16_dot{})}) {
        CHECK(d < 0.05);
        CHECK(d > 0);
    }
    CHECK(difference_with(fast<>{}) < 2e-4);
    CHECK(difference_with(fast<>{}) > 0);
    CHECK(difference_with(full_precision{}) == 0);
}

TEST_CASE("rows of different length are each as if alone") {
    sequential model{input<3>{}, bidirectional<projected_lstm<17, 5, return_sequences>>{},
                     projected_lstm<9, 4>{}};
    support::randomize(model, 3);
    std::vector<std::size_t> const lengths{9, 1, 4, 6, 2};
    auto x = support::tensor<float, 3>({5, 9, 3}, 4);
    for (std::size_t b = 0; b < 5; ++b)
        xt::view(x, b, xt::range(lengths[b], 9), xt::all()) = std::nanf("");
    auto const y = model.predict(x, lengths);
    CHECK(y.shape(1) == 4);
    for (std::size_t b = 0; b < 5; ++b) {
        auto const alone = model.predict(xt::xtensor<float, 3>(
            xt::view(x, xt::range(b, b + 1), xt::range(std::size_t{0}, lengths[b]), xt::all())));
        CHECK(xt::view(y, b, xt::all()) == xt::view(alone, 0, xt::all()));
    }
}

TEST_CASE(
    "states: parts of a sequence one after the other are the whole, each state in its width") {
    sequential model{input<3>{}, projected_lstm<17, 5, return_sequences>{}, projected_lstm<9, 4>{}};
    support::randomize(model, 3);
    for (std::size_t const batch : {1u, 5u}) {
        auto const x = support::tensor<float, 3>({batch, 9, 3}, 4);
        auto const part = [&](std::size_t from, std::size_t to) {
            return xt::xtensor<float, 3>(xt::view(x, xt::all(), xt::range(from, to), xt::all()));
        };
        model_states s{model, batch};
        (void)model.predict(part(0, 4), s);
        auto const second = model.predict(part(4, 9), s);
        CHECK(second == model.predict(x));
        CHECK(s.get("projected_lstm_1", "h") == second);
        CHECK(s.get("projected_lstm", "h").shape(1) == 5);
        CHECK(s.get("projected_lstm", "c").shape(1) == 17);
    }
    model_states s{model, 2};
    CHECK_THROWS_WITH_AS(s.set("projected_lstm", "h", xt::xtensor<float, 2>({2, 17}, 0)),
                         "model_states: projected_lstm's h has shape (2, 5), not (2, 17)",
                         shape_error);
    xt::xtensor<float, 2> const h = support::tensor<float, 2>({2, 4}, 1);
    xt::xtensor<float, 2> const c = support::tensor<float, 2>({2, 9}, 2);
    s.set("projected_lstm_1", "h", h);
    s.set("projected_lstm_1", "c", c);
    CHECK(s.get("projected_lstm_1", "h") == h);
    CHECK(s.get("projected_lstm_1", "c") == c);
}

TEST_CASE("bidirectional: the states of both directions, each in its width") {
    sequential model{input<3>{}, bidirectional<projected_lstm<17, 5, return_sequences>>{}};
    support::randomize(model, 3);
    auto const x = support::tensor<float, 3>({2, 6, 3}, 4);
    model_states s{model, 2};
    auto const y = model.predict(x, s);
    CHECK(y.shape(2) == 10);
    auto const ahead = s.get("bidirectional.forward", "h");
    auto const back = s.get("bidirectional.backward", "h");
    CHECK(ahead == xt::view(y, xt::all(), 5, xt::range(0, 5)));
    CHECK(back == xt::view(y, xt::all(), 0, xt::range(5, 10)));
    CHECK(s.get("bidirectional.backward", "c").shape(1) == 17);
}

TEST_CASE("trace shows the gates with as many entries as units, h with its own") {
    sequential model{input<3>{}, projected_lstm<17, 5, return_sequences>{}};
    support::randomize(model, 3);
    auto const x = support::tensor<float, 3>({1, 6, 3}, 4);
    auto const t = trace(model, x);
    auto const y = model.predict(x);
    std::vector<std::string> names;
    for (auto const& [name, values] : t["projected_lstm"].vectors) {
        names.push_back(name);
        CHECK(values.shape(0) == 6);
        CHECK(values.shape(1) == (name == "h" ? 5 : 17));
    }
    CHECK(names == std::vector<std::string>{"i", "f", "g", "o", "h", "c"});
    CHECK(t["projected_lstm"]["h"] == xt::view(y, 0, xt::all(), xt::all()));
}

TEST_CASE("saved and loaded: the same predictions") {
    temporary_folder const folder;
    sequential model{input<3>{}, projected_lstm<17, 5>{}, dense<1>{}};
    support::randomize(model, 3);
    save(model, folder.path / "projected.safetensors");
    sequential again{input<3>{}, projected_lstm<17, 5>{}, dense<1>{}};
    load(again, folder.path / "projected.safetensors");
    auto const x = support::tensor<float, 3>({2, 6, 3}, 4);
    CHECK(again.predict(x) == model.predict(x));
    sequential other{input<3>{}, projected_lstm<17, 6>{}, dense<1>{}};
    CHECK_THROWS(load(other, folder.path / "projected.safetensors"));
}
