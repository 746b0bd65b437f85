// SPDX-License-Identifier: BSD-3-Clause
//
// What main.cpp runs: a task made of random numbers, one training alone, one together.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <xrnn/mpi.hpp>
#include <xrnn/xrnn.hpp>

namespace distributed {

struct options {
    std::size_t epochs = 5, rows = 512, batch = 64, time = 20;
    std::size_t kill = 0; // the last process ends without a word at this step
    std::string checkpoint = "lost_process.safetensors";
    bool resume = false;
};

inline options read_options(int argc, char** argv) {
    options o;
    CLI::App app("One training by one process and by several");
    app.add_option("--epochs", o.epochs, "epochs")->capture_default_str();
    app.add_option("--rows", o.rows, "rows of the training data")->capture_default_str();
    app.add_option("--batch", o.batch, "rows of a batch, of all processes together")
        ->capture_default_str();
    app.add_option("--kill", o.kill, "the last process is killed at this step");
    app.add_option("--checkpoint", o.checkpoint, "saved when a process is lost");
    app.add_flag("--resume", o.resume, "go on from that file");
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& e) {
        std::exit(app.exit(e));
    }
    return o;
}

/// The running mean of a random walk, seen through noise.
struct task {
    xt::xtensor<double, 3> x;
    xt::xtensor<double, 3> y;

    explicit task(options const& o)
        : x(std::array<std::size_t, 3>{o.rows, o.time, 2}),
          y(std::array<std::size_t, 3>{o.rows, o.time, 1}) {
        xrnn::random_stream const random(1, 1);
        std::uint64_t n = 0;
        for (std::size_t r = 0; r < o.rows; ++r) {
            double walk = 0, mean = 0;
            for (std::size_t t = 0; t < o.time; ++t) {
                walk += random.normal(n++) / 4;
                mean += 0.2 * (walk - mean);
                x(r, t, 0) = walk + random.normal(n++) / 4;
                x(r, t, 1) = random.uniform(n++);
                y(r, t, 0) = mean;
            }
        }
    }
};

inline auto make_model() {
    using namespace xrnn;
    return sequential{input<2, double>{}, lstm<64, return_sequences>{.recurrent_dropout = 0.1},
                      dropout{0.1}, dense<1>{}};
}

/// Times of the steps of a fit, and the process that is to die.
struct watch {
    std::size_t kill = 0;
    std::vector<double> seconds = {};
    std::chrono::steady_clock::time_point begin = {};

    void on_train_batch_begin(auto& run, std::size_t) {
        if (kill != 0 && run.step() == kill)
            std::raise(SIGKILL);
        begin = std::chrono::steady_clock::now();
    }
    void on_train_batch_end(auto&, std::size_t) {
        seconds.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    double median() const {
        std::vector<double> sorted = seconds;
        std::ranges::sort(sorted);
        return sorted.empty() ? 0 : sorted[sorted.size() / 2];
    }
};

/// The median time of a sum of so many numbers over all processes.
inline double time_of_sum(xrnn::data_parallel& everyone, std::size_t numbers) {
    std::vector<double> values(numbers, 1.0);
    watch watched;
    for (int repeat = 0; repeat < 200; ++repeat) {
        auto const begin = std::chrono::steady_clock::now();
        everyone.sum(std::span(values));
        watched.seconds.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        std::ranges::fill(values, 1.0);
    }
    return watched.median();
}

/// What P processes would need for a step, if each computes its part of the rows and the sum is a ring:
/// 2·(P - 1) messages one after the other, through each link 2·(P - 1)/P of the buffer.
inline void estimate(double alone, double sum_of_one, double sum, std::size_t processes,
                     std::size_t bytes) {
    if (processes < 2)
        return;
    double const p = static_cast<double>(processes), size = static_cast<double>(bytes);
    double const message = sum_of_one / (2 * (p - 1));
    double const per_byte = std::max(0.0, sum - sum_of_one) / (2 * (p - 1) / p * size);
    std::printf("\nOn paper: a message takes %.2g ms, a link moves %.2f GB/s, as between these "
                "processes:\n"
                "  processes   step, ms   times as fast   part of the sum\n",
                1e3 * message, 1e-9 / per_byte);
    for (std::size_t n : {2u, 4u, 8u, 16u, 32u, 64u}) {
        double const q = static_cast<double>(n);
        double const ring = 2 * (q - 1) * (message + size / q * per_byte);
        double const step = alone / q + ring;
        std::printf("  %9zu   %8.3f   %13.2f   %13.0f %%\n", n, 1e3 * step, alone / step,
                    100 * ring / step);
    }
}

inline void study(options const& o) {
    using namespace xrnn;
    data_parallel everyone;
    everyone.lost_checkpoint = o.checkpoint;
    bool const first = everyone.rank() == 0, last = everyone.rank() + 1 == everyone.size();
    task const data(o);
    fit_options const how{.epochs = o.epochs, .batch_size = o.batch, .verbose = 0, .seed = 1};

    auto alone = make_model(), together = make_model();
    watch one, all{.kill = last ? o.kill : 0};
    if (first && o.kill == 0)
        compile(alone, mse{}, adam{}).fit(data.x, data.y, how, one);
    MPI_Barrier(MPI_COMM_WORLD);
    auto trainer = compile(together, mse{}, adam{});
    history const logged =
        o.resume ? trainer.fit(data.x, data.y, how, everyone, resume_from{o.checkpoint}, all)
                 : trainer.fit(data.x, data.y, how, everyone, all);
    double const sum_of_one = time_of_sum(everyone, 1);
    double const sum = time_of_sum(everyone, together.count_params());
    if (!first)
        return;
    double worst = 0;
    for (std::size_t k = 0; k < together.count_params(); ++k)
        worst = std::max(worst, std::abs(alone.flat()[k] - together.flat()[k]));
    std::printf("%zu processes, %zu parameters, %zu steps, loss %.6f\n", everyone.size(),
                together.count_params(), trainer.steps(), logged["loss"].back());
    std::printf("weights: at most %.2g from those of one process\n", worst);
    std::printf("median of a step: alone %.3f ms, together %.3f ms (%.2fx); of the sum of its "
                "gradient %.4f ms\n",
                1e3 * one.median(), 1e3 * all.median(), one.median() / all.median(), 1e3 * sum);
    estimate(one.median(), sum_of_one, sum, everyone.size(),
             together.count_params() * sizeof(double));
}

} // namespace distributed
