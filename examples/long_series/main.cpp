// SPDX-License-Identifier: BSD-3-Clause
//
// Trains on every window of a long series without a copy of it: the windows are cut batch by batch, on
// a second thread, in an order that needs no table. Prints the peak memory of the process beside the size of
// the series, and returns 1 if it is above 1.3 times that.
//
//     long_series [ROWS] [STRIDE]      10,000,000 rows of 8 features, a window at every row
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <sys/resource.h>

#include <xrnn/data/prefetch.hpp>
#include <xrnn/data/timeseries_dataset.hpp>
#include <xrnn/xrnn.hpp>

using namespace xrnn;

namespace {

constexpr std::size_t features = 8, window = 64;

/// Waves of eight periods, with noise. The first is what is to be forecast.
xt::xtensor<float, 2> make_series(std::size_t rows) {
    xt::xtensor<float, 2> series(std::array<std::size_t, 2>{rows, features});
    random_stream const random(1, 1);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t k = 0; k < features; ++k) {
            double const phase = static_cast<double>(r) / (7.0 + 3.0 * static_cast<double>(k));
            series(r, k) =
                static_cast<float>(std::sin(phase) + 0.4 * random.uniform(r * features + k));
        }
    return series;
}

std::size_t number(int argc, char** argv, int k, std::size_t otherwise) {
    std::size_t value = otherwise;
    if (argc > k)
        std::from_chars(argv[k], argv[k] + std::strlen(argv[k]), value);
    return value;
}

} // namespace

int main(int argc, char** argv) {
    std::size_t const rows = number(argc, argv, 1, 10'000'000), stride = number(argc, argv, 2, 1);
    xt::xtensor<float, 2> const series = make_series(rows);
    auto const windows = data::timeseries_dataset_from_array(
        series, data::column_ahead{.column = 0, .horizon = 1},
        {.sequence_length = window, .sequence_stride = stride, .batch_size = 256, .shuffle = true});

    sequential model{input<features>{}, lstm<8>{}, dense<1>{}};
    auto trainer = compile(model, mean_squared_error{}, adam{});
    auto const begin = std::chrono::steady_clock::now();
    history const h = trainer.fit(data::prefetch(windows), {.epochs = 1, .verbose = 0});
    double const seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    double const peak = static_cast<double>(used.ru_maxrss) / 1024; // KiB on Linux
    double const size = static_cast<double>(series.size() * sizeof(float)) / (1024 * 1024);
    std::printf("%zu rows x %zu, %zu windows of %zu, %.1f s (%.2f us a window), loss %.4f\n", rows,
                features, windows.windows(), window, seconds,
                1e6 * seconds / static_cast<double>(windows.windows()), h["loss"].back());
    std::printf("peak memory %.1f MiB, %.3f times the series of %.1f MiB\n", peak, peak / size,
                size);
    return peak <= 1.3 * size ? 0 : 1;
}
