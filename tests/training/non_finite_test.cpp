// SPDX-License-Identifier: BSD-3-Clause
//
// What is not finite, wherever it comes from, never reaches the weights, and the history says so.
#include <doctest/doctest.h>

#include <xrnn/training/trainer.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

/// A loss whose value or gradient is not finite for targets of 7.
struct faulty_loss {
    static inline bool in_gradient = false;
    template <class T>
    static double row(T const* y, T const* p, std::size_t n, T* dp) {
        bool const now = y[0] == T(7);
        for (std::size_t k = 0; k < n && dp != nullptr; ++k)
            dp[k] = now && in_gradient ? T(infinite) : 2 * (p[k] - y[k]);
        return now && !in_gradient ? not_a_number : 1;
    }
};

auto make_model() {
    return sequential{input<2, double>{}, gru<3>{}, dense<1>{}};
}
using model_type = decltype(make_model());

std::vector<double> weights(model_type const& model) {
    return {model.flat().begin(), model.flat().end()};
}

/// The weights after each batch.
struct recorder {
    std::vector<std::vector<double>> seen;
    void on_train_batch_end(auto& run, std::size_t) { seen.push_back(weights(run.model())); }
};

enum class place { input, infinite_input, target, loss, gradient };

struct problem {
    xt::xtensor<double, 3> x = support::tensor<double, 3>({12, 4, 2}, 1);
    xt::xtensor<double, 1> y = support::tensor<double, 1>({12}, 2);

    /// Spoils row 5, which lies in the second batch of 4.
    explicit problem(place where) {
        faulty_loss::in_gradient = where == place::gradient;
        if (where == place::input || where == place::infinite_input)
            x(5, 1, 0) = where == place::input ? not_a_number : infinite;
        else if (where == place::target)
            y(5) = not_a_number;
        else
            y(5) = 7;
    }
};

constexpr place places[] = {place::input, place::infinite_input, place::target, place::loss,
                            place::gradient};

fit_options options(non_finite_policy policy) {
    return {.epochs = 2, .batch_size = 4, .verbose = 0, .shuffle = false, .non_finite = policy};
}

} // namespace

TEST_CASE("stop, by default: an error with the history so far, the weights of the batch before") {
    for (place const where : places) {
        CAPTURE(static_cast<int>(where));
        problem const p(where);
        model_type model = make_model();
        auto t = compile(model, faulty_loss{}, adam{});
        recorder seen;
        history logged;
        try {
            t.fit(p.x, p.y, options(fit_options{}.non_finite), seen);
        } catch (non_finite_error const& e) {
            logged = e.logged;
        }
        bool const loss = where == place::loss; // the loss of the others is 1 whatever they are
        REQUIRE(logged.events.size() == 1);
        CHECK(logged.events[0] == training_event{0, 1, loss, non_finite_policy::stop, 0.001});
        CHECK(logged.events[0].text() == std::string("epoch 1, batch 2: the ") +
                                             (loss ? "loss" : "gradient") +
                                             " was not finite; stopped");
        REQUIRE(seen.seen.size() == 1);
        CHECK(weights(model) == seen.seen[0]);
        CHECK(t.steps() == 1);
    }
}

TEST_CASE("skip_batch: all others are trained as if it were not there") {
    for (place const where : places) {
        CAPTURE(static_cast<int>(where));
        problem const p(where);
        model_type model = make_model(), without = make_model();
        auto t = compile(model, faulty_loss{}, sgd{}, mae{});
        recorder seen;
        history const h = t.fit(p.x, p.y, options(non_finite_policy::skip_batch), seen);
        REQUIRE(h.events.size() == 2);
        for (std::size_t epoch = 0; epoch < 2; ++epoch) {
            CHECK(h.events[epoch].epoch == epoch);
            CHECK(h.events[epoch].batch == 1);
            CHECK(h.events[epoch].action == non_finite_policy::skip_batch);
            CHECK(seen.seen[3 * epoch] == seen.seen[3 * epoch + 1]);
            CHECK(seen.seen[3 * epoch + 1] != seen.seen[3 * epoch + 2]);
        }
        auto u = compile(without, faulty_loss{}, sgd{}, mae{});
        for (int epoch = 0; epoch < 2; ++epoch)
            for (int const first : {0, 8})
                u.train_on_batch(xt::view(p.x, xt::range(first, first + 4)),
                                 xt::view(p.y, xt::range(first, first + 4)));
        CHECK(weights(model) == weights(without));
        CHECK(h["loss"][0] == 1);
        CHECK(std::isfinite(h["mean_absolute_error"][1]));
        CHECK(t.steps() == 4);
    }
}

TEST_CASE("halve_learning_rate: skipped, and half the rate from then on") {
    problem const p(place::input);
    model_type model = make_model();
    auto t = compile(model, mse{}, sgd{.learning_rate = 0.08});
    history const h = t.fit(p.x, p.y, options(non_finite_policy::halve_learning_rate));
    REQUIRE(h.events.size() == 2);
    CHECK(h.events[0].learning_rate == 0.04);
    CHECK(h.events[1].learning_rate == 0.02);
    CHECK(h.events[1].text() ==
          "epoch 2, batch 2: the loss was not finite; halved the learning rate");
    CHECK(t.learning_rate() == 0.02);
}

TEST_CASE("terminate_on_nan: an end without an error") {
    problem const p(place::target);
    model_type model = make_model();
    auto t = compile(model, mse{}, adam{});
    recorder seen;
    history const h = t.fit(p.x, p.y, options(non_finite_policy::stop), terminate_on_nan{}, seen);
    REQUIRE(h.events.size() == 1);
    CHECK(h.events[0].action == non_finite_policy::stop);
    CHECK(h["loss"].size() == 1); // of the first batch
    CHECK(weights(model) == seen.seen[0]);
}

TEST_CASE("an epoch without one finite batch is an error under every policy") {
    problem p(place::input);
    p.x.fill(not_a_number);
    for (auto const policy :
         {non_finite_policy::skip_batch, non_finite_policy::halve_learning_rate}) {
        model_type model = make_model();
        std::vector<double> const before = weights(model);
        auto t = compile(model, mse{}, adam{});
        CHECK_THROWS_WITH_AS(t.fit(p.x, p.y, options(policy)),
                             "fit: epoch 1: not one batch had a finite loss and gradient; the "
                             "weights are as before it",
                             non_finite_error);
        CHECK(weights(model) == before);
    }
}

TEST_CASE("states that a batch has spoiled are not carried on") {
    auto x = support::tensor<double, 3>({8, 4, 2}, 1);
    auto const y = support::tensor<double, 1>({8}, 2);
    x(3, 3, 0) = not_a_number; // at the end of the second batch: its states are NaN
    model_type model = make_model();
    auto t = compile(model, mse{}, adam{});
    history const h = t.fit(x, y,
                            {.batch_size = 2,
                             .verbose = 0,
                             .shuffle = false,
                             .stateful = true,
                             .non_finite = non_finite_policy::skip_batch});
    CHECK(h.events.size() == 1);
    CHECK(t.steps() == 3);
}
