// SPDX-License-Identifier: BSD-3-Clause
//
// The LSTM with projection, whose hidden state is narrower than the layer: against PyTorch's LSTM with
// proj_size, and in every place that must know how wide a vector is. The reference values and the
// script that made them: tests/reference.
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/states.hpp>
#include <xrnn/models/stream.hpp>
#include <xrnn/models/trace.hpp>

#include "reference/torch_projection.hpp"
#include "support/models.hpp"

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

} // namespace

TEST_CASE("outputs and states are PyTorch's") {
    check_case(reference::units_10_projection_4_time_8{});
    check_case(reference::units_17_projection_16_time_8{});
    check_case(reference::units_17_projection_1_time_8{});
    check_case(reference::units_10_projection_4_time_1{});
}
