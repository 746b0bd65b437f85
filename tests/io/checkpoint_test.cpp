// SPDX-License-Identifier: BSD-3-Clause
//
// A training that is saved and goes on ends, to the bit, where it would have ended without.
#include <doctest/doctest.h>

#include <xrnn/io/checkpoint.hpp>
#include <xrnn/layers/bidirectional.hpp>

#include "io/temporary_folder.hpp"
#include "support/errors.hpp"
#include "support/models.hpp"

using namespace xrnn;
using support::message_of;
namespace fs = std::filesystem;

namespace {

auto make_model() {
    return sequential{input<3>{}, stacked<gru<4>, gru<3>>{.dropout = 0.3}, dropout{0.2},
                      dense<1, sigmoid>{}};
}
using model_type = decltype(make_model());

auto compiled(model_type& model, double rate = 0.01) {
    return compile(model, mse{}, adam{.learning_rate = rate}, accuracy{}, mae{});
}

struct problem {
    xt::xtensor<float, 3> x = support::tensor<float, 3>({22, 5, 3}, 1);
    xt::xtensor<float, 1> y = support::tensor<float, 1>({22}, 2, 0, 1);
};

/// Every batch's parameters, so that the first difference is seen.
struct recorder {
    std::vector<std::vector<float>> seen;
    void on_train_batch_end(auto& run, std::size_t) {
        seen.emplace_back(run.model().flat().begin(), run.model().flat().end());
    }
};

/// A program that is killed: nothing of the run but its files is left.
struct killed {};
struct kill_at {
    std::size_t batches;
    void on_train_batch_complete(auto& run, std::size_t) {
        if (run.batches_seen() == batches)
            throw killed{};
    }
};

fit_options const options{
    .epochs = 6, .batch_size = 4, .verbose = 0, .seed = 3, .validation_split = 0.2};

/// All that a fit with callbacks leaves behind.
struct result {
    std::vector<std::vector<float>> steps;
    history logged;
    double learning_rate = 0;
    early_stopping stopping{.monitor = "val_loss", .patience = 3, .restore_best_weights = true};
    reduce_lr_on_plateau reducing{
        .monitor = "loss", .factor = 0.5, .patience = 1, .min_delta = 0.01, .cooldown = 1};
    std::vector<float> weights;
};

/// Runs until the end, with a new model and trainer, as a program that is started again does.
template <class... More>
bool run(result& to, problem const& p, fs::path const& path, std::size_t every, std::size_t kill) {
    auto model = make_model();
    auto t = compiled(model);
    recorder recorded;
    bool done = true;
    try {
        to.logged = t.fit(p.x, p.y, options, to.stopping, recorded, to.reducing,
                          backup_and_restore{path, every, false}, kill_at{kill});
        to.learning_rate = t.learning_rate();
        to.weights.assign(model.flat().begin(), model.flat().end());
    } catch (killed const&) {
        done = false;
    }
    to.steps.insert(to.steps.end(), recorded.seen.begin(), recorded.seen.end());
    return done;
}

} // namespace

TEST_CASE("killed after any batch and run again: the same bits, history and decisions") {
    problem const p;
    temporary_folder const folder;
    result whole;
    REQUIRE(run(whole, p, folder.path / "whole", 0, 0));
    REQUIRE(whole.steps.size() >= 10); // 5 batches an epoch
    CHECK(whole.logged.contains("learning_rate"));
    CHECK(whole.learning_rate < 0.01);
    for (std::size_t const every : {std::size_t{0}, std::size_t{1}, std::size_t{3}})
        for (std::size_t kill = 1; kill < whole.steps.size(); ++kill) {
            CAPTURE(every);
            CAPTURE(kill);
            fs::path const path = folder.path / "run";
            fs::remove(path);
            result first, second;
            REQUIRE_FALSE(run(first, p, path, every, kill));
            REQUIRE(run(second, p, path, every, 0));
            // what the second has done is the end of what the whole has done
            REQUIRE(second.steps.size() <= whole.steps.size());
            std::size_t const from = whole.steps.size() - second.steps.size();
            bool const same = std::equal(second.steps.begin(), second.steps.end(),
                                         whole.steps.begin() + static_cast<std::ptrdiff_t>(from));
            CHECK(same);
            if (every == 1)
                CHECK(from == kill);
            CHECK(second.weights == whole.weights);
            CHECK(second.learning_rate == whole.learning_rate);
            CHECK(second.stopping.best_epoch == whole.stopping.best_epoch);
            CHECK(second.stopping.stopped_epoch == whole.stopping.stopped_epoch);
            REQUIRE(second.logged.size() == whole.logged.size());
            for (auto const& [name, values] : whole.logged)
                CHECK(second.logged[name] == values);
        }
}

TEST_CASE("the backup is gone at the end, unless it is to stay") {
    problem const p;
    temporary_folder const folder;
    auto model = make_model();
    compiled(model).fit(p.x, p.y, options, backup_and_restore{folder.path / "deep" / "a"});
    CHECK_FALSE(fs::exists(folder.path / "deep" / "a"));
    compiled(model).fit(p.x, p.y, options, backup_and_restore{folder.path / "b", 2, false});
    CHECK(fs::exists(folder.path / "b"));
}

TEST_CASE("save and load of a trainer: the next fit is the one that would have been next") {
    problem const p;
    temporary_folder const folder;
    auto model = make_model(), other = make_model();
    other.initialize(99);
    auto a = compiled(model);
    a.fit(p.x, p.y, options);
    save(a, folder.path / "t");
    auto b = compiled(other, 0.5);
    load(b, folder.path / "t");
    CHECK(b.steps() == a.steps());
    CHECK(b.learning_rate() == 0.01);
    history const h = a.fit(p.x, p.y, options), g = b.fit(p.x, p.y, options);
    CHECK(std::equal(model.flat().begin(), model.flat().end(), other.flat().begin()));
    CHECK(h["loss"] == g["loss"]);
    CHECK(h["loss"].size() == 6);
    // a checkpoint is a model's file too
    auto third = make_model();
    load(third, folder.path / "t");
    CHECK(third.predict(p.x) != model.predict(p.x));
    save(a, folder.path / "t");
    load(third, folder.path / "t");
    CHECK(third.predict(p.x) == model.predict(p.x));
}

TEST_CASE("stateful, truncated and accumulating fits go on too") {
    auto const x = support::tensor<double, 3>({8, 11, 2}, 4);
    auto const y = support::tensor<double, 3>({8, 11, 2}, 5);
    temporary_folder const folder;
    auto const compare = [&](fit_options const& how) {
        auto const make = [] {
            return sequential{input<2, double>{}, bidirectional<gru<2, return_sequences>>{},
                              lstm<3, return_sequences>{.recurrent_dropout = 0.2}, dense<2>{}};
        };
        auto one = make(), two = make();
        history const whole = compile(one, mse{}, adam{}).fit(x, y, how);
        for (std::size_t kill = 1; kill < 8; ++kill) {
            fs::path const path = folder.path / "run";
            fs::remove(path);
            two.initialize(0);
            auto t = compile(two, mse{}, adam{});
            CHECK_THROWS_AS(t.fit(x, y, how, backup_and_restore{path, 1}, kill_at{kill}), killed);
            auto u = compile(two, mse{}, adam{});
            two.initialize(7);
            history const rest = u.fit(x, y, how, backup_and_restore{path, 1});
            CHECK(std::equal(one.flat().begin(), one.flat().end(), two.flat().begin()));
            CHECK(rest["loss"] == whole["loss"]);
        }
    };
    compare({.epochs = 4, .batch_size = 4, .verbose = 0, .shuffle = false, .stateful = true});
    compare({.epochs = 3, .batch_size = 3, .verbose = 0, .truncated_bptt_steps = 4});
}

TEST_CASE("model_checkpoint: names, the best, weights alone, every n batches") {
    problem const p;
    temporary_folder const folder;
    auto model = make_model();
    auto t = compiled(model);
    auto const names = [&](std::string const& sub) {
        std::vector<std::string> result;
        for (auto const& entry : fs::directory_iterator(folder.path / sub))
            result.push_back(entry.path().filename().string());
        std::sort(result.begin(), result.end());
        return result;
    };
    std::string const root = folder.path.string();
    model_checkpoint best{.filepath = root + "/best/{epoch:02d}", .save_best_only = true};
    history const h = t.fit(
        p.x, p.y, options, model_checkpoint{.filepath = root + "/all/{epoch:03d}-{val_loss:.2f}"},
        best, model_checkpoint{.filepath = root + "/batch/{epoch}-{batch}", .save_freq = 7},
        model_checkpoint{.filepath = root + "/weights", .save_weights_only = true});
    std::vector<std::string> every, better;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < 6; ++k) {
        char name[32];
        std::snprintf(name, sizeof name, "%03zu-%.2f", k + 1, h["val_loss"][k]);
        every.push_back(name);
        if (h["val_loss"][k] < least) {
            least = h["val_loss"][k];
            std::snprintf(name, sizeof name, "%02zu", k + 1);
            better.push_back(name);
        }
    }
    CHECK(names("all") == every);
    CHECK(names("best") == better);
    CHECK(best.best == least);
    // batches 7, 14, 21, 28 of 5 an epoch
    CHECK(names("batch") == std::vector<std::string>{"2-2", "3-4", "5-1", "6-3"});
    auto other = make_model();
    load(other, folder.path / "weights");
    CHECK(other.predict(p.x) == model.predict(p.x));
    auto u = compiled(other);
    CHECK(message_of<format_error>([&] { load(u, folder.path / "weights"); }) ==
          "load: '" + root +
              "/weights' holds a model and no training; load it into the model, or "
              "save the trainer");
    CHECK(message_of<value_error>([&] {
              t.fit(p.x, p.y, {.verbose = 0}, model_checkpoint{.filepath = root + "/{val_loss}"});
          }).find("no \"val_loss\" here") == 0);
}

TEST_CASE(
    "a checkpoint of another model, optimizer, loss or training: all differences, no change") {
    problem const p;
    temporary_folder const folder;
    fs::path const path = folder.path / "t";
    auto model = make_model();
    auto t = compiled(model);
    t.fit(p.x, p.y, {.epochs = 2, .verbose = 0}, model_checkpoint{.filepath = path.string()});

    auto const refused = [&](auto& trainer) {
        auto& other = trainer.model();
        std::vector<float> const before(other.flat().begin(), other.flat().end());
        std::string const text = message_of<format_error>([&] { load(trainer, path); });
        CHECK(std::equal(before.begin(), before.end(), other.flat().begin()));
        CHECK(trainer.steps() == 0);
        return text;
    };
    std::string const where = "load: '" + path.string() + "' ";
    sequential wider{input<3>{}, stacked<gru<4>, gru<5>>{}, dropout{}, dense<1, sigmoid>{}};
    auto a = compile(wider, mse{}, adam{}, accuracy{}, mae{});
    CHECK(refused(a) == where +
                            "does not fit the model:"
                            "\n  gru_1.kernel: the model has F32 (4, 15), the file F32 (4, 9)"
                            "\n  gru_1.recurrent_kernel: the model has F32 (5, 15), the file F32 "
                            "(3, 9)"
                            "\n  gru_1.bias: the model has F32 (2, 15), the file F32 (2, 9)"
                            "\n  dense.kernel: the model has F32 (5, 1), the file F32 (3, 1)");
    sequential linear_end{input<3>{}, stacked<gru<4>, gru<3>>{.dropout = 0.3}, dropout{0.2},
                          dense<1>{}};
    auto b = compile(linear_end, mse{}, adam{}, accuracy{}, mae{});
    CHECK(refused(b) == where +
                            "is of another training:"
                            "\n  here: dense 1 linear kernel(3,1) bias(1); in the file: dense 1 "
                            "sigmoid kernel(3,1) bias(1)");
    auto same = make_model();
    auto c = compile(same, mae{}, sgd{}, accuracy{}, mae{});
    CHECK(refused(c) == where + "is of another training:"
                                "\n  here: optimizer sgd; in the file: optimizer adam"
                                "\n  here: loss mean_absolute_error; in the file: loss "
                                "mean_squared_error");
    // a fit that goes on wants the same options
    auto d = compiled(same);
    CHECK(message_of<value_error>([&] {
              d.fit(p.x, p.y, {.epochs = 4, .batch_size = 5, .verbose = 0, .seed = 1},
                    resume_from{path});
          }) == "fit: the training that was loaded cannot go on with other options or data:"
                "\n  seed_low: now 1, then 0"
                "\n  batch_size: now 5, then 32"
                "\n  batches: now 5, then 1");
    CHECK(message_of<value_error>([&] {
              d.fit(p.x, p.y, {.epochs = 4, .verbose = 0}, resume_from{path},
                    early_stopping{.monitor = "loss"});
          }) == "saved state: there is no \"callback_0.stopped_epoch\"; it was saved with other "
                "callbacks or settings");
    // damaged: no such training
    fs::resize_file(path, fs::file_size(path) - 1);
    CHECK(message_of<format_error>([&] { load(d, path); }) != "(nothing thrown)");
}
