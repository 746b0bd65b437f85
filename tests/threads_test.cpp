// SPDX-License-Identifier: BSD-3-Clause
//
// Compiled with OpenMP where there is one; without it, skipped.
#include <mutex>
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include <xrnn/xrnn.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

/// All parameters after three steps.
template <class Model>
std::vector<float> trained(Model model, std::size_t batch, std::size_t threads) {
    support::randomize(model, 3);
    auto const x = support::tensor<float, 3>({3 * batch, 10, model.features()}, 4);
    auto const y = support::tensor<float, 2>({3 * batch, Model::output_shape.features}, 5);
    auto trainer = compile(model, mean_squared_error{}, adam{});
    trainer.fit(x, y, {.batch_size = batch, .verbose = 0, .threads = threads});
    auto const flat = model.flat();
    return {flat.begin(), flat.end()};
}

template <class Model>
void same_bits(Model const& model) {
    for (std::size_t const batch : {33u, 64u}) {
        std::vector<float> const alone = trained(model, batch, 1);
        for (std::size_t const threads : {2u, 3u, 7u})
            CHECK(trained(model, batch, threads) == alone);
    }
}

} // namespace

TEST_CASE("in_parallel: every part once, each in a thread of its own") {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::multiset<std::size_t> parts;
    detail::in_parallel(3, [&](std::size_t part) {
        std::lock_guard const lock(mutex);
        parts.insert(part);
        threads.insert(std::this_thread::get_id());
    });
    CHECK(parts == std::multiset<std::size_t>{0, 1, 2});
    if (!detail::has_threads) {
        MESSAGE("compiled without OpenMP: training with threads was not tested");
        std::exit(77);
    }
    CHECK(threads.size() == 3);
}

TEST_CASE("slices: in order, complete, cut at the grain") {
    for (std::size_t const n : {0u, 1u, 4u, 5u, 33u, 64u})
        for (std::size_t const parts : {1u, 2u, 3u, 7u})
            for (std::size_t const grain : {1u, 4u}) {
                std::size_t at = 0;
                for (std::size_t part = 0; part < parts; ++part) {
                    detail::slice const s(n, part, parts, grain);
                    CHECK(s.first == at);
                    CHECK(s.last >= s.first);
                    CHECK((s.last % grain == 0 || s.last == n));
                    at = s.last;
                }
                CHECK(at == n);
            }
}

TEST_CASE("the bits of a training do not depend on the number of threads") {
    same_bits(sequential{input<20>{}, lstm<40, return_sequences>{}, dropout{0.3}, lstm<33>{},
                         dense<2>{}});
    same_bits(sequential{input<20>{}, gru<41, return_sequences>{}, gru<24, reset_after<false>>{},
                         dense<80, relu>{}, dense<3, softmax>{}});
}

TEST_CASE(
    "the bits of a scan over time, and of a prediction, do not depend on the number of threads") {
    auto const model = [] {
        auto m = sequential{input<7>{}, min_gru<24, return_sequences>{},
                            min_lstm<33, return_sequences>{}, gru<9>{}, dense<2>{}};
        support::randomize(m, 3);
        return m;
    }();
    for (std::size_t const batch : {1u, 3u, 20u}) {
        auto const x = support::tensor<float, 3>({batch, 20000 / batch, 7}, 4);
        auto const y = support::tensor<float, 2>({batch, 2}, 5);
        auto const alone = model.predict(x);
        auto const fitted = [&](std::size_t threads) {
            auto m = model;
            compile(m, mean_squared_error{}, adam{})
                .fit(x, y, {.epochs = 2, .verbose = 0, .threads = threads});
            return std::vector<float>(m.flat().begin(), m.flat().end());
        };
        auto const weights = fitted(1);
        for (std::size_t const threads : {2u, 3u, 7u}) {
            predictor run{model, threads};
            CHECK(run(x) == alone);
            CHECK(fitted(threads) == weights);
        }
    }
}

TEST_CASE("nor with masks of what the recurrent products read") {
    using reset_before = gru<24, reset_after<false>>;
    same_bits(sequential{input<20>{}, lstm<41, return_sequences>{.recurrent_dropout = 0.3},
                         reset_before{.recurrent_dropout = 0.2}, dense<2>{}});
}
