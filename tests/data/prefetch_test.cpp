// SPDX-License-Identifier: BSD-3-Clause
//
// Order, ends, errors, abandoned passes and memory of prefetched batches. Under the thread sanitizer it
// shows that nothing is shared without a lock.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <list>
#include <vector>

#include <xrnn/data/prefetch.hpp>
#include <xrnn/data/timeseries_dataset.hpp>
#include <xrnn/training/trainer.hpp>

#include "support/models.hpp"

using namespace xrnn;

namespace {

struct batch {
    int number = 0;
    std::vector<double> values = {};
};

/// Numbers 0, 1, …, made as they are asked for; throws at one of them.
struct numbers {
    int count;
    int bad = -1;
    std::atomic<int>* made;

    struct iterator {
        numbers const* of;
        int k = 0;
        batch operator*() const {
            if (k == of->bad)
                throw value_error("number " + std::to_string(k));
            ++*of->made;
            return {k, std::vector<double>(100, k)};
        }
        iterator& operator++() {
            ++k;
            return *this;
        }
        bool operator==(std::default_sentinel_t) const { return k == of->count; }
    };
    iterator begin() const { return {this}; }
    std::default_sentinel_t end() const { return {}; }
    std::size_t size() const { return static_cast<std::size_t>(count); }
};

} // namespace

TEST_CASE("all batches, in order, in every pass, whatever lies ready") {
    std::atomic<int> made = 0;
    for (int const count : {0, 1, 2, 3, 50})
        for (std::size_t const depth : {1u, 2u, 7u, 100u}) {
            auto batches = data::prefetch(numbers{count, -1, &made}, depth);
            CHECK(batches.size() == static_cast<std::size_t>(count));
            for (int pass = 0; pass < 2; ++pass) {
                int next = 0;
                for (batch const& b : batches) {
                    CHECK(b.number == next);
                    CHECK(b.values == std::vector<double>(100, next));
                    ++next;
                }
                CHECK(next == count);
            }
        }
    CHECK_THROWS_WITH_AS(data::prefetch(numbers{1, -1, &made}, 0),
                         "prefetch: at least 1 batch must lie ready, got 0", value_error);
}

TEST_CASE("an error comes out where its batch would have come") {
    std::atomic<int> made = 0;
    auto batches = data::prefetch(numbers{10, 4, &made}, 3);
    std::vector<int> seen;
    CHECK_THROWS_WITH_AS(
        [&] {
            for (batch const& b : batches)
                seen.push_back(b.number);
        }(),
        "number 4", value_error);
    CHECK(seen == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("no more is made than lies ready; a pass that is left ends") {
    std::atomic<int> made = 0;
    numbers const range{1000000, -1, &made};
    auto batches = data::prefetch(range, 3);
    {
        auto it = batches.begin();
        ++it;
        CHECK((*it).number == 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    CHECK(made >= 2);
    CHECK(made <= 2 + 3 + 1);
}

TEST_CASE("windows of a series: the same bits as without, and a fit of them too") {
    auto const series = support::tensor<float, 2>({200, 3}, 1);
    auto const windows = data::timeseries_dataset_from_array(
        series, data::column_ahead{.column = 1},
        {.sequence_length = 5, .batch_size = 16, .shuffle = true, .seed = 3});
    auto ready = data::prefetch(windows);
    windows.set_epoch(4);
    std::vector<xt::xtensor<float, 3>> plain;
    for (auto const& b : windows)
        plain.push_back(b.x);
    ready.set_epoch(4);
    std::size_t k = 0;
    for (auto const& b : ready)
        CHECK(b.x == plain[k++]);
    CHECK(k == plain.size());

    sequential one{input<3>{}, gru<4>{}, dense<1>{}};
    sequential two = one;
    history const h = compile(one, mse{}, adam{}).fit(windows, {.epochs = 3, .verbose = 0});
    history const g = compile(two, mse{}, adam{}).fit(ready, {.epochs = 3, .verbose = 0});
    CHECK(std::equal(one.flat().begin(), one.flat().end(), two.flat().begin()));
    CHECK(h["loss"] == g["loss"]);
}
