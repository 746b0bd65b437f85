// SPDX-License-Identifier: BSD-3-Clause
//
// Rows of different length, states as an argument, and steps that a masking layer passes over.
#include <doctest/doctest.h>

#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/stream.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

using lengths = std::vector<std::size_t>;

/// Row r of x, cut to its length, alone.
template <class X>
auto cut(X const& x, std::size_t r, std::size_t length) {
    using T = typename X::value_type;
    return xt::xtensor<T, 3>(
        xt::view(x, xt::range(r, r + 1), xt::range(std::size_t{0}, length), xt::all()));
}

/// A prediction with lengths gives each row what it gets alone and cut, to the last bit, whatever lies
/// behind its end; the outputs there repeat the last one.
template <class Model>
void check_lengths(Model model, std::size_t batch) {
    using T = typename Model::value_type;
    support::randomize(model, 3);
    std::size_t const time = 9;
    auto x = support::tensor<T, 3>({batch, time, model.features()}, 4);
    lengths n(batch);
    for (std::size_t r = 0; r < batch; ++r) {
        n[r] = 1 + (5 * r + 3) % time;
        xt::view(x, r, xt::range(n[r], time), xt::all()) = std::numeric_limits<T>::quiet_NaN();
    }
    auto const y = model.predict(x, n);
    CAPTURE(batch);
    for (std::size_t r = 0; r < batch; ++r) {
        CAPTURE(r);
        auto const alone = model.predict(cut(x, r, n[r]));
        if constexpr (Model::output_shape.sequence) {
            CHECK(xt::view(y, r, xt::range(std::size_t{0}, n[r]), xt::all()) ==
                  xt::view(alone, 0, xt::all(), xt::all()));
            if (!detail::NeedsWholeSequence<typename Model::template layer<0>>)
                for (std::size_t t = n[r]; t < time; ++t)
                    CHECK(xt::view(y, r, t, xt::all()) == xt::view(alone, 0, n[r] - 1, xt::all()));
        } else
            CHECK(xt::view(y, r, xt::all()) == xt::view(alone, 0, xt::all()));
    }
}

template <class T>
void check_lengths_of_models() {
    using in = input<3, T>;
    using seq = return_sequences;
    for (std::size_t const batch : {1u, 3u, 5u, 70u}) {
        check_lengths(sequential{in{}, lstm<5>{}, dense<2>{}}, batch);
        check_lengths(sequential{in{}, gru<17, seq>{}, dense<2>{}}, batch);
        check_lengths(sequential{in{}, gru<3, seq, reset_after<false>>{}, lstm<4>{}}, batch);
        check_lengths(sequential{in{}, layer_norm_lstm<5, seq>{}}, batch);
        check_lengths(sequential{in{}, bidirectional<lstm<4, seq>>{}, bidirectional<gru<3>>{}},
                      batch);
        check_lengths(sequential{in{}, bidirectional<gru<4, seq>, merge::sum>{}}, batch);
    }
}

/// Two halves one after the other give what the whole does, to the last bit.
template <class Model>
void check_states(Model model, std::size_t batch) {
    using T = typename Model::value_type;
    support::randomize(model, 3);
    auto const x = support::tensor<T, 3>({batch, 9, model.features()}, 4);
    auto const part = [&](std::size_t from, std::size_t to) {
        return xt::xtensor<T, 3>(xt::view(x, xt::all(), xt::range(from, to), xt::all()));
    };
    auto const whole = model.predict(x);
    model_states s{model, batch};
    auto const first = model.predict(part(0, 4), s);
    auto const second = model.predict(part(4, 9), s);
    CAPTURE(batch);
    if constexpr (Model::output_shape.sequence) {
        CHECK(first == xt::view(whole, xt::all(), xt::range(0, 4), xt::all()));
        CHECK(second == xt::view(whole, xt::all(), xt::range(4, 9), xt::all()));
    } else
        CHECK(second == whole);
    s.reset();
    CHECK(model.predict(part(0, 4), s) == first);
}

} // namespace

TEST_CASE("lengths: each row as if it were alone and cut") {
    check_lengths_of_models<float>();
    check_lengths_of_models<double>();
}

TEST_CASE("a row of length 0 keeps the states that it began with") {
    auto model = sequential{input<2>{}, lstm<3, return_sequences>{}};
    support::randomize(model, 3);
    auto const x = support::tensor<float, 3>({2, 4, 2}, 4);
    auto const y = model.predict(x, lengths{0, 4});
    CHECK(xt::all(xt::equal(xt::view(y, 0, xt::all(), xt::all()), 0.F)));
    CHECK(xt::any(xt::not_equal(xt::view(y, 1, xt::all(), xt::all()), 0.F)));
    model_states s{model, 2};
    xt::xtensor<float, 2> const h{{1, 2, 3}, {4, 5, 6}};
    s.set("lstm", "h", h);
    auto const z = model.predict(x, lengths{0, 4}, s);
    CHECK(z(0, 3, 1) == 2.F);
    CHECK(s.get("lstm", "h")(0, 2) == 3.F);
    CHECK(s.get("lstm", "h")(1, 2) == z(1, 3, 2));
}

TEST_CASE("states: parts of a sequence one after the other are the whole") {
    for (std::size_t const batch : {1u, 3u, 5u, 70u}) {
        check_states(sequential{input<3>{}, lstm<5>{}, dense<2>{}}, batch);
        check_states(sequential{input<3>{}, gru<17, return_sequences>{}, dense<2>{}}, batch);
        check_states(sequential{input<3, double>{}, peephole_lstm<9, return_sequences>{}, gru<4>{}},
                     batch);
    }
}

TEST_CASE("states by name") {
    auto const model =
        sequential{input<3>{}, bidirectional<lstm<5, return_sequences>>{}, gru<4>{}, dense<1>{}};
    model_states s{model, 2};
    CHECK(s.get("bidirectional.backward", "c").shape(1) == 5);
    xt::xtensor<float, 2> const c{{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}};
    s.set("bidirectional.backward", "c", c);
    CHECK(s.get("bidirectional.backward", "c") == c);
    CHECK(xt::all(xt::equal(s.get("bidirectional.backward", "h"), 0.F)));
    CHECK(xt::all(xt::equal(s.get("bidirectional.forward", "c"), 0.F)));
    CHECK_THROWS_WITH_AS(s.get("gru", "c"),
                         "model_states: no \"c\" of a layer \"gru\"; there are "
                         "bidirectional.forward h, bidirectional.forward c, "
                         "bidirectional.backward h, bidirectional.backward c, gru h",
                         value_error);
    CHECK_THROWS_WITH_AS(s.set("gru", "h", c), "model_states: gru's h has shape (2, 4), not (2, 5)",
                         shape_error);
}

TEST_CASE("lengths and states that do not fit") {
    auto const model = sequential{input<3>{}, gru<4>{}};
    auto const x = support::tensor<float, 3>({2, 5, 3}, 4);
    CHECK_THROWS_WITH_AS(model.predict(x, lengths{5}),
                         "predict: lengths must have one value for each of the 2 rows, not 1",
                         shape_error);
    CHECK_THROWS_WITH_AS(model.predict(x, lengths{5, 6}),
                         "predict: row 1 has 5 steps, so its length cannot be 6", value_error);
    model_states s{model, 3};
    CHECK_THROWS_WITH_AS(model.predict(x, s), "predict: x has 2 rows, but the states 3",
                         shape_error);
}

TEST_CASE("a predictor keeps the weights it was made with until the next load") {
    auto model = sequential{input<3>{}, gru<4>{}};
    auto const x = support::tensor<float, 3>({2, 5, 3}, 4);
    predictor run{model};
    auto const before = model.predict(x);
    support::randomize(model, 8);
    CHECK(run(x) == before);
    run.load(model);
    CHECK(run(x) == model.predict(x));
    CHECK(run(x) != before);
}

TEST_CASE("masking: a step of nothing but the mask value does not happen") {
    auto masked = sequential{input<3>{}, masking{-1}, lstm<5, return_sequences>{}, gru<4>{}};
    auto plain = sequential{input<3>{}, lstm<5, return_sequences>{}, gru<4>{}};
    support::randomize(masked, 3);
    std::copy(masked.flat().begin(), masked.flat().end(), plain.flat().begin());
    auto x = support::tensor<float, 3>({3, 7, 3}, 4);
    xt::view(x, 0, xt::range(5, 7), xt::all()) = -1.F; // at the end
    xt::view(x, 1, 2, xt::all()) = -1.F;               // within
    xt::view(x, 1, 0, xt::all()) = -1.F;               // and at the beginning
    x(2, 3, 0) = -1.F;                                 // not all of them: it counts
    auto const y = masked.predict(x);
    auto const row = [&](std::size_t r, auto steps) {
        return plain.predict(xt::view(x, xt::range(r, r + 1), std::move(steps), xt::all()));
    };
    CHECK(xt::view(y, 0, xt::all()) == xt::view(row(0, xt::range(0, 5)), 0, xt::all()));
    CHECK(xt::view(y, 1, xt::all()) == xt::view(row(1, xt::keep(1, 3, 4, 5, 6)), 0, xt::all()));
    CHECK(xt::view(y, 2, xt::all()) == xt::view(row(2, xt::all()), 0, xt::all()));
}

TEST_CASE("masking and lengths: what either passes over does not happen") {
    auto model = sequential{input<3>{}, masking{}, gru<4>{}};
    support::randomize(model, 3);
    auto x = support::tensor<float, 3>({2, 7, 3}, 4);
    xt::view(x, 0, 1, xt::all()) = 0.F;
    auto const y = model.predict(x, lengths{4, 7});
    CHECK(xt::view(y, 0, xt::all()) == xt::view(model.predict(cut(x, 0, 4)), 0, xt::all()));
}

TEST_CASE("masking in a stream: such a step returns what the step before did") {
    auto model = sequential{input<3>{}, masking{2}, lstm<5>{}, dense<2>{}};
    support::randomize(model, 3);
    auto x = support::tensor<float, 3>({1, 6, 3}, 4);
    for (std::size_t const t : {0u, 2u, 3u})
        xt::view(x, 0, t, xt::all()) = 2.F;
    auto const weights = packed{model};
    auto s = stream{weights};
    for (int repeat = 0; repeat < 2; ++repeat) {
        std::array<float, 2> before{};
        for (std::size_t t = 0; t < 6; ++t) {
            auto const y = s.step(std::span<float const, 3>(&x(0, t, 0), 3));
            if (t == 0 || t == 2 || t == 3) {
                CHECK(y[0] == before[0]);
                CHECK(y[1] == before[1]);
            }
            before = {y[0], y[1]};
        }
        auto const expected = model.predict(x);
        for (std::size_t k = 0; k < 2; ++k)
            CHECK(before[k] == doctest::Approx(static_cast<double>(expected(0, k))).epsilon(1e-6));
        s.reset();
    }
}
