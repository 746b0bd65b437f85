// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/timeseries_dataset.hpp>

#include "support/allocations.hpp"
#include "support/errors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace data = xrnn::data;
using data::column_ahead;
using data::timeseries_dataset_from_array;
using data::timeseries_options;

namespace {

/// values(row, feature) = 10 * row + feature
xt::xtensor<double, 2> series(std::size_t rows, std::size_t features = 2) {
    xt::xtensor<double, 2> values(std::array<std::size_t, 2>{rows, features});
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t feature = 0; feature < features; ++feature)
            values(row, feature) = static_cast<double>(10 * row + feature);
    return values;
}

xt::xtensor<double, 1> counting(std::size_t n, double first = 0) {
    xt::xtensor<double, 1> values(std::array<std::size_t, 1>{n});
    for (std::size_t i = 0; i < n; ++i)
        values(i) = first + static_cast<double>(i);
    return values;
}

/// A window and its target, as plain numbers.
struct sample {
    std::vector<double> x;
    std::vector<double> y;
    bool operator==(sample const&) const = default;
    auto operator<=>(sample const&) const = default;
};

/// All samples of one epoch; the sizes of its batches.
template <class Dataset>
std::vector<sample> samples(Dataset const& dataset, std::vector<std::size_t>& sizes) {
    std::vector<sample> result;
    sizes.clear();
    for (auto const& batch : dataset) {
        std::size_t const rows = batch.x.shape()[0];
        sizes.push_back(rows);
        std::size_t const x_width = batch.x.size() / rows;
        for (std::size_t k = 0; k < rows; ++k) {
            sample s;
            s.x.assign(batch.x.data() + k * x_width, batch.x.data() + (k + 1) * x_width);
            if constexpr (Dataset::has_targets) {
                REQUIRE(batch.y.shape()[0] == rows);
                std::size_t const y_width = batch.y.size() / rows;
                s.y.assign(batch.y.data() + k * y_width, batch.y.data() + (k + 1) * y_width);
            }
            result.push_back(s);
        }
    }
    CHECK(sizes.size() == dataset.size());
    CHECK(result.size() == dataset.windows());
    return result;
}
template <class Dataset>
std::vector<sample> samples(Dataset const& dataset) {
    std::vector<std::size_t> sizes;
    return samples(dataset, sizes);
}

/// Keras's rule, written as a loop over Python slices: data = data[start:end], targets =
/// targets[start:end]; windows begin at range(0, count, stride).
std::vector<sample> loop(xt::xtensor<double, 2> const& values,
                         xt::xtensor<double, 1> const& targets, timeseries_options const& o) {
    std::size_t const end = o.end_index == 0 ? values.shape()[0] : o.end_index;
    auto const rows = static_cast<long>(end - o.start_index);
    auto const span = static_cast<long>((o.sequence_length - 1) * o.sampling_rate);
    long const count = std::min(rows - span, static_cast<long>(targets.size()));
    std::vector<sample> result;
    for (long begin = 0; begin < count; begin += static_cast<long>(o.sequence_stride)) {
        sample s;
        for (std::size_t t = 0; t < o.sequence_length; ++t)
            for (std::size_t f = 0; f < values.shape()[1]; ++f)
                s.x.push_back(values(
                    o.start_index + static_cast<std::size_t>(begin) + t * o.sampling_rate, f));
        s.y.push_back(targets(o.start_index + static_cast<std::size_t>(begin)));
        result.push_back(s);
    }
    return result;
}

} // namespace

TEST_CASE("timeseries_dataset: the examples of Keras's documentation") {
    // 99 indices, sequence_length=10, sampling_rate=2, sequence_stride=3
    auto const first = timeseries_dataset_from_array(
        counting(99), std::nullopt,
        {.sequence_length = 10, .sequence_stride = 3, .sampling_rate = 2});
    static_assert(!decltype(first)::has_targets);
    std::vector<sample> const all = samples(first);
    REQUIRE(all.size() == 27); // from 0, 3, …, 78
    CHECK(all[0].x == std::vector<double>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18});
    CHECK(all[1].x == std::vector<double>{3, 5, 7, 9, 11, 13, 15, 17, 19, 21});
    CHECK(all[2].x == std::vector<double>{6, 8, 10, 12, 14, 16, 18, 20, 22, 24});
    CHECK(all[26].x == std::vector<double>{78, 80, 82, 84, 86, 88, 90, 92, 94, 96});

    // input_data = data[:-10], targets = data[10:]: the next of ten steps
    auto const second =
        timeseries_dataset_from_array(counting(90), counting(90, 10), {.sequence_length = 10});
    std::vector<sample> const next = samples(second);
    REQUIRE(next.size() == 81);
    CHECK(next[0].x == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(next[0].y == std::vector<double>{10});
    CHECK(next[80].y == std::vector<double>{90});

    // samples that do not overlap: sequence_stride = sequence_length
    auto const third = timeseries_dataset_from_array(
        counting(100), std::nullopt, {.sequence_length = 20, .sequence_stride = 20});
    CHECK(third.windows() == 5);
    CHECK(samples(third)[1].x.front() == 20);
    CHECK(samples(third)[4].x.back() == 99);
}

TEST_CASE("timeseries_dataset: against a loop, for many settings") {
    xt::xtensor<double, 2> const values = series(23);
    std::size_t compared = 0;
    for (std::size_t const length : {1U, 2U, 5U})
        for (std::size_t const stride : {1U, 2U, 7U})
            for (std::size_t const rate : {1U, 3U})
                for (std::size_t const start : {0U, 4U})
                    for (std::size_t const end : {0U, 17U, 22U})
                        for (std::size_t const targets : {23U, 40U})
                            for (std::size_t const batch : {1U, 4U, 128U}) {
                                timeseries_options const options{.sequence_length = length,
                                                                 .sequence_stride = stride,
                                                                 .sampling_rate = rate,
                                                                 .batch_size = batch,
                                                                 .start_index = start,
                                                                 .end_index = end};
                                xt::xtensor<double, 1> const labels = counting(targets, 1000);
                                std::vector<std::size_t> sizes;
                                std::vector<sample> const found = samples(
                                    timeseries_dataset_from_array(values, labels, options), sizes);
                                CHECK(found == loop(values, labels, options));
                                for (std::size_t k = 0; k + 1 < sizes.size(); ++k)
                                    CHECK(sizes[k] == batch);
                                CHECK(sizes.back() == (found.size() - 1) % batch + 1);
                                compared += found.size();
                            }
    CHECK(compared > 1000);
    // few targets: the windows that have one
    timeseries_options const options{.sequence_length = 3};
    CHECK(samples(timeseries_dataset_from_array(values, counting(6), options)) ==
          loop(values, counting(6), options));
}

TEST_CASE("timeseries_dataset: shuffled, each epoch another order of the same samples") {
    xt::xtensor<double, 2> const values = series(200);
    xt::xtensor<double, 1> const labels = counting(200);
    timeseries_options options{.sequence_length = 4, .batch_size = 16, .shuffle = true, .seed = 3};
    auto dataset = timeseries_dataset_from_array(values, labels, options);
    std::vector<sample> const ordered = loop(values, labels, options);
    std::vector<std::vector<sample>> epochs;
    for (int epoch = 0; epoch < 3; ++epoch) {
        epochs.push_back(samples(dataset));
        CHECK(epochs.back() != ordered);
        std::vector<sample> sorted = epochs.back();
        std::sort(sorted.begin(), sorted.end());
        CHECK(sorted == ordered);
    }
    CHECK(epochs[0] != epochs[1]);
    CHECK(epochs[1] != epochs[2]);
    CHECK(dataset.epoch() == 3);
    dataset.set_epoch(1);
    CHECK(samples(dataset) == epochs[1]);
    auto const again = timeseries_dataset_from_array(values, labels, options);
    CHECK(samples(again) == epochs[0]);
    options.seed = 4;
    CHECK(samples(timeseries_dataset_from_array(values, labels, options)) != epochs[0]);
}

TEST_CASE("timeseries_dataset: types, shapes and layouts of series and targets") {
    timeseries_options const options{.sequence_length = 3, .batch_size = 5};
    xt::xtensor<double, 2> const values = series(12);
    xt::xtensor<double, 1> const labels = counting(12);
    std::vector<sample> const expected = loop(values, labels, options);
    auto const check = [&](auto const& dataset) { CHECK(samples(dataset) == expected); };

    check(timeseries_dataset_from_array<float>(values, labels, options));
    auto const narrow = timeseries_dataset_from_array<float>(values, labels, options);
    static_assert(std::is_same_v<decltype((*narrow.begin()).x), xt::xtensor<float, 3>>);
    static_assert(std::is_same_v<decltype((*narrow.begin()).y), xt::xtensor<float, 1>>);
    xt::xtensor<float, 2> const single = xt::cast<float>(values);
    auto const of_floats = timeseries_dataset_from_array(single, labels, options);
    static_assert(std::is_same_v<decltype((*of_floats.begin()).x), xt::xtensor<float, 3>>);
    check(of_floats);
    xt::xarray<double> const dynamic = values;
    check(timeseries_dataset_from_array(dynamic, labels, options));
    xt::xtensor<double, 2, xt::layout_type::column_major> const columns = values;
    check(timeseries_dataset_from_array(columns, labels, options));
    std::vector<double> memory(values.begin(), values.end());
    check(timeseries_dataset_from_array(xt::adapt(memory, std::array<std::size_t, 2>{12, 2}),
                                        labels, options));
    check(timeseries_dataset_from_array(2.0 * values / 2.0, labels + 0.0, options));
    check(timeseries_dataset_from_array(series(12), counting(12), options)); // temporaries are kept
    xt::xtensor<int, 2> const whole = xt::cast<int>(values);
    check(timeseries_dataset_from_array(whole, labels, options));
    xt::xarray<double> const wide = series(20, 4);
    check(timeseries_dataset_from_array(xt::view(wide, xt::range(0, 12), xt::range(0, 2)),
                                        std::vector<double>(labels.begin(), labels.end()),
                                        options));
    check(timeseries_dataset_from_array(
        values, std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, options));
    xt::xarray<double> const flat = labels;
    auto const rank2 = timeseries_dataset_from_array(values, flat, options);
    CHECK((*rank2.begin()).y.shape() == std::array<std::size_t, 2>{5, 1});
    check(rank2);

    xt::xtensor<double, 3> deep(std::array<std::size_t, 3>{12, 3, 2});
    for (std::size_t k = 0; k < deep.size(); ++k)
        deep.data()[k] = static_cast<double>(k);
    auto const sequences = timeseries_dataset_from_array(values, deep, options);
    CHECK((*sequences.begin()).y.shape() == std::array<std::size_t, 3>{5, 3, 2});
    CHECK(samples(sequences)[7].y == std::vector<double>{42, 43, 44, 45, 46, 47});
    xt::xtensor<double, 3, xt::layout_type::column_major> const turned = deep;
    CHECK(samples(timeseries_dataset_from_array(values, turned, options)) == samples(sequences));
    CHECK_THROWS_AS(timeseries_dataset_from_array(deep, labels, options), xrnn::shape_error);
    xt::xarray<double> const deep_dynamic = deep;
    CHECK_THROWS_AS(timeseries_dataset_from_array(values, deep_dynamic, options),
                    xrnn::shape_error);
}

TEST_CASE("timeseries_dataset: a forecast of a column of the series itself") {
    xt::xtensor<double, 2> const values = series(30, 3);
    for (std::size_t const horizon : {0U, 1U, 5U})
        for (std::size_t const start : {0U, 3U})
            for (std::size_t const end : {0U, 21U}) {
                timeseries_options const options{.sequence_length = 4,
                                                 .sampling_rate = 2,
                                                 .start_index = start,
                                                 .end_index = end};
                auto const dataset = timeseries_dataset_from_array(
                    values, column_ahead{.column = 1, .horizon = horizon}, options);
                std::vector<sample> const found = samples(dataset);
                std::size_t const last = (end == 0 ? 30 : end) - 1;
                REQUIRE(found.size() == last - horizon - 6 - start + 1);
                for (sample const& s : found) // the last step's column 1, horizon rows on
                    CHECK(s.y[0] == s.x[3 * 3 + 1] + 10 * static_cast<double>(horizon));
                CHECK(found.front().x[0] == values(start, 0));
                CHECK(found.back().y[0] == values(last, 1));
            }
    xt::xtensor<double, 2, xt::layout_type::column_major> const columns = values;
    column_ahead const target{.column = 2, .horizon = 1};
    CHECK(samples(timeseries_dataset_from_array(columns, target, {.sequence_length = 4})) ==
          samples(timeseries_dataset_from_array(series(30, 3), target, {.sequence_length = 4})));
    CHECK(support::message_of<xrnn::error>([&] {
              timeseries_dataset_from_array(values, column_ahead{.column = 3},
                                            {.sequence_length = 4});
          }) == "timeseries_dataset_from_array: column 3 of a series of 3 features");
    CHECK_THROWS_AS(
        timeseries_dataset_from_array(values, column_ahead{.horizon = 27}, {.sequence_length = 4}),
        xrnn::shape_error);
    CHECK_NOTHROW(
        timeseries_dataset_from_array(values, column_ahead{.horizon = 26}, {.sequence_length = 4}));
    CHECK_THROWS_AS(
        timeseries_dataset_from_array(values, column_ahead{.horizon = static_cast<std::size_t>(-1)},
                                      {.sequence_length = 4}),
        xrnn::shape_error);
}

TEST_CASE("timeseries_dataset: the series is not copied, batches share memory") {
    xt::xtensor<double, 2> values = series(50'000, 4);
    auto const dataset = timeseries_dataset_from_array(
        values, column_ahead{}, {.sequence_length = 8, .batch_size = 100, .shuffle = true});
    values(0, 0) = 77; // seen: the dataset refers to it
    CHECK(samples(dataset).size() == 50'000 - 8);
    auto const ordered =
        timeseries_dataset_from_array(values, column_ahead{}, {.sequence_length = 8});
    CHECK(samples(ordered)[0].x[0] == 77);
    auto batch = dataset.begin();
    double sum = 0;
    std::size_t const allocated = support::allocations_of([&] {
        for (; batch != dataset.end(); ++batch)
            sum += (*batch).x(0, 0, 0);
    });
    CHECK(allocated <= 4); // the last batch is smaller: two arrays go and two come
    CHECK(sum > 0);
    auto other = dataset.begin();
    CHECK(other->x.shape()[0] == 100);
    decltype(dataset)::value_type taken;
    double const* const mine = other->x.data();
    other.take(taken);
    CHECK(taken.x.data() == mine);
}

TEST_CASE("timeseries_dataset: what Keras refuses") {
    xt::xtensor<double, 2> const values = series(10);
    auto const message = [&](timeseries_options const& options) {
        return support::message_of<xrnn::error>(
            [&] { timeseries_dataset_from_array(values, std::nullopt, options); });
    };
    std::string const where = "timeseries_dataset_from_array: ";
    CHECK(message({}) == where + "sequence_length must be at least 1");
    CHECK(message({.sequence_length = 2, .batch_size = 0}) ==
          where + "batch_size must be at least 1");
    CHECK(message({.sequence_length = 2, .start_index = 10}) ==
          where + "start_index must be below the 10 rows of the series, got 10");
    CHECK(message({.sequence_length = 2, .end_index = 11}) ==
          where + "end_index must be at most the 10 rows of the series, got 11");
    CHECK(message({.sequence_length = 2, .end_index = 10}) == "(nothing thrown)");
    CHECK(message({.sequence_length = 2, .start_index = 5, .end_index = 5}) ==
          where + "end_index must be above start_index, 5, got 5");
    CHECK(message({.sequence_length = 2, .sampling_rate = 0}) ==
          where + "sampling_rate must be at least 1 and below the 10 rows of the series, got 0");
    CHECK(message({.sequence_length = 2, .sampling_rate = 10}) ==
          where + "sampling_rate must be at least 1 and below the 10 rows of the series, got 10");
    CHECK(message({.sequence_length = 2, .sequence_stride = 0}) ==
          where + "sequence_stride must be at least 1 and below the 10 rows of the series, got 0");
    CHECK(message({.sequence_length = 2, .sequence_stride = 10}) ==
          where + "sequence_stride must be at least 1 and below the 10 rows of the series, got 10");
    CHECK(message({.sequence_length = 10}) == "(nothing thrown)");
    CHECK(message({.sequence_length = 11}) ==
          where + "no window of 11 steps, 1 rows apart, with a target fits into 10 rows from row 0 "
                  "on and 10 targets");
    CHECK_THROWS_AS(timeseries_dataset_from_array(
                        values, std::nullopt, {.sequence_length = static_cast<std::size_t>(-1)}),
                    xrnn::shape_error);
    CHECK_THROWS_AS(timeseries_dataset_from_array(values, counting(3),
                                                  {.sequence_length = 2, .start_index = 3}),
                    xrnn::shape_error);
    CHECK_THROWS_AS(timeseries_dataset_from_array(series(0), std::nullopt, {.sequence_length = 1}),
                    xrnn::value_error);
}
