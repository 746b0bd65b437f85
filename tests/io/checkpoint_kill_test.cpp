// SPDX-License-Identifier: BSD-3-Clause
//
// A process that trains and writes checkpoints is killed (SIGKILL) at random moments, again and again,
// and started again each time. No file is ever unreadable, and every training ends with the bytes
// of one that nobody disturbed. XRNN_KILLS is the number of kills.
#include <doctest/doctest.h>

#if __has_include(<sys/wait.h>)

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include <xrnn/io/checkpoint.hpp>

#include "io/temporary_folder.hpp"
#include "support/models.hpp"

using namespace xrnn;
namespace fs = std::filesystem;

namespace {

auto make_model() {
    return sequential{input<3>{}, lstm<6, return_sequences>{}, dropout{0.2}, gru<5>{},
                      dense<1, sigmoid>{}};
}

/// The program under test: trains to the end, going on from what it finds, and writes its weights.
void train(fs::path const& folder) {
    auto const x = support::tensor<float, 3>({24, 6, 3}, 1);
    auto const y = support::tensor<float, 1>({24}, 2, 0, 1);
    auto model = make_model();
    auto t = compile(model, mse{}, adam{.learning_rate = 0.01});
    t.fit(x, y, {.epochs = 12, .batch_size = 4, .verbose = 0},
          early_stopping{.monitor = "loss", .patience = 50, .restore_best_weights = true},
          backup_and_restore{folder / "backup", 1, false});
    save(model, folder / "done");
}

std::string bytes_of(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether the process that runs f was killed before its end, `after` from now.
template <class F>
bool killed(F const& f, std::chrono::microseconds after) {
    pid_t const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        f();
        _exit(0);
    }
    std::this_thread::sleep_for(after);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status))
        REQUIRE(WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

/// How many kills it takes until a kill leaves a file that cannot be read, or `kills` if none does. The
/// weights at the end of each training go to `ends`.
struct outcome {
    int kills = 0, unreadable = 0;
    std::vector<std::string> ends;
};

template <class Program>
outcome kill_repeatedly(fs::path const& folder, Program const& program, int kills,
                        std::chrono::microseconds longest) {
    outcome result;
    std::mt19937 random(7);
    while (result.kills < kills) {
        std::chrono::microseconds const after(
            static_cast<int>(random() % static_cast<unsigned>(longest.count())));
        if (killed([&] { program(folder); }, after))
            ++result.kills;
        if (fs::exists(folder / "backup")) {
            auto model = make_model();
            auto t = compile(model, mse{}, adam{});
            try {
                load(t, folder / "backup");
            } catch (error const&) {
                ++result.unreadable;
                fs::remove(folder / "backup");
            }
        }
        if (fs::exists(folder / "done")) {
            result.ends.push_back(bytes_of(folder / "done"));
            fs::remove(folder / "done");
            fs::remove(folder / "backup");
        }
    }
    return result;
}

} // namespace

TEST_CASE("SIGKILL at random moments") {
    char const* const asked = std::getenv("XRNN_KILLS");
    int const kills = asked != nullptr ? std::atoi(asked) : 100;
    temporary_folder const whole, folder;
    auto const begin = std::chrono::steady_clock::now();
    train(whole.path);
    auto const alone = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    outcome const result = kill_repeatedly(folder.path, train, kills, alone);
    std::printf("%d kills, %d unreadable files, %zu trainings ended\n", result.kills,
                result.unreadable, result.ends.size());
    CHECK(result.unreadable == 0);
    CHECK(result.ends.size() >= static_cast<std::size_t>(kills) / 20);
    std::string const expected = bytes_of(whole.path / "done");
    REQUIRE_FALSE(expected.empty());
    for (std::string const& end : result.ends)
        CHECK(end == expected);
}

TEST_CASE("the harness sees a file that is written in place") {
    temporary_folder const folder;
    auto const in_place = [](fs::path const& where) {
        auto model = make_model();
        auto t = compile(model, mse{}, adam{});
        save(t, where / "whole");
        std::string const bytes = bytes_of(where / "whole");
        for (;;) {
            std::ofstream file(where / "backup", std::ios::binary);
            for (char const byte : bytes)
                file.put(byte).flush();
        }
    };
    outcome const result =
        kill_repeatedly(folder.path, in_place, 10, std::chrono::milliseconds(100));
    CHECK(result.unreadable > 0);
}

#endif
