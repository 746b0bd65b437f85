// SPDX-License-Identifier: BSD-3-Clause
//
// What the study asks of its models: which rows, which seeds, how many epochs. The models here only
// note what they are asked.
#include "../../examples/stock_index/claims.cpp"
#include "../../examples/stock_index/experiment.cpp"
#include "../../examples/stock_index/generator.hpp"
#include "../../examples/stock_index/study_run.cpp"
#include "../../examples/stock_index/worth.cpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace stock_index {

namespace {

/// "Losses" that tell the number of rows fitted, of test rows, and the epochs.
experiment noting(std::string name, bool fits_all) {
    return {std::move(name),
            "family",
            fits_all,
            5,
            [](fit_data const& rows, fit_style const& style) {
                run_result out;
                out.seed = style.seed;
                out.log_dir = style.log_dir;
                out.dead = style.stops_early; // a place to note it
                out.test_acc = static_cast<double>(rows.y_fit.size()) / 1000;
                out.train_loss = static_cast<double>(rows.y_fit.size());
                out.test_loss = static_cast<double>(rows.y_test.size());
                out.val_loss = static_cast<double>(rows.y_val.size());
                out.loss_curve.assign(style.epochs, 0.25);
                out.acc_curve.assign(style.epochs, 0.5);
                return out;
            },
            [](std::size_t features, std::size_t repeats) {
                return model_facts{features, 1, std::vector<double>(repeats, 1.0)};
            }};
}

} // namespace

std::vector<experiment> lstm_experiments() {
    return {noting("LSTM(4) relu", false), noting("LSTM(10) relu", false),
            noting("LSTM(5) sigmoid", false), noting("LSTM(15) sigmoid", false)};
}
std::vector<experiment> gru_experiments() {
    return {noting("GRU(5) sigmoid", true), noting("GRU(10) sigmoid", true),
            noting("GRU(25) sigmoid", true)};
}
std::vector<experiment> stacked_lstm_experiments() {
    return {noting("stacked LSTM 16-8-4", true), noting("stacked LSTM 8-4-2", true),
            noting("stacked LSTM 64-32-8", true)};
}
std::vector<experiment> stacked_gru_experiments() {
    return {noting("stacked GRU 16-8-4", true), noting("stacked GRU 32-8-4", true),
            noting("stacked GRU 128-8-16", true)};
}
explained_model explain_lstm(fit_data const&, xt::xtensor<float, 2> const& window, unsigned) {
    explained_model out;
    out.largest_difference = static_cast<double>(window(9, 0)); // the scaled date of its last day
    return out;
}
explained_model explain_gru(fit_data const& rows, xt::xtensor<float, 2> const& window,
                            unsigned seed) {
    return explain_lstm(rows, window, seed);
}

} // namespace stock_index

using namespace stock_index;

namespace {

struct made_market {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "xrnn_stock_index_study";
    study_options options;
    made_market() {
        auto const made = write_market(folder);
        options.folder = folder.string();
        options.since = made.since;
        options.pipeline.target = made.target;
        options.seeds = 3;
        options.first_seed = 7;
    }
    ~made_market() { std::filesystem::remove_all(folder); }
    made_market(made_market const&) = delete;
    made_market& operator=(made_market const&) = delete;
};

std::string message_of(study_options const& options) {
    try {
        run_study(options);
    } catch (xrnn::error const& error) {
        return error.what();
    }
    return "(nothing thrown)";
}

} // namespace

TEST_CASE("all models run from all seeds on the rows that the document gives them") {
    made_market const market;
    auto const study = run_study(market.options);
    CHECK(study.data.merged_shape == std::array<std::size_t, 2>{238, 145});
    CHECK(study.data.kept_rows == 237);
    CHECK(study.data.windows_shape == std::array<std::size_t, 3>{227, 10, 145});
    CHECK(study.data.labels.size() == 227);
    REQUIRE(study.models.size() == 13);
    for (std::size_t m = 0; m < 13; ++m) {
        auto const& model = study.models[m];
        CAPTURE(model.name);
        CHECK(model.name == document::printed_figures[m].model);
        CHECK(model.fits_all == (m >= 4));
        CHECK(model.parameters == 145);
        REQUIRE(model.runs.size() == 3);
        for (unsigned s = 0; s < 3; ++s) {
            CHECK(model.runs[s].seed == 7 + s);
            CHECK(model.runs[s].train_loss == (m >= 4 ? 227 : 158));
            CHECK(model.runs[s].test_loss == 46);
            CHECK(model.runs[s].val_loss == 23);
            CHECK(model.runs[s].loss_curve.size() == 5);
        }
        CHECK(model.always_up == (m >= 4 ? study.data.always_up.all : study.data.always_up.train));
    }
    CHECK(study.claims.size() == document::claims.size());
}

TEST_CASE("the honest variant trains on the past and tests on all that follows") {
    made_market market;
    market.options.log_dir = "logs";
    auto const study = run_study(market.options);
    REQUIRE(study.honest.size() == 4);
    CHECK(study.honest.front().name == "LSTM(4) relu");
    for (auto const& model : study.honest) {
        CHECK(model.epochs == 100);
        for (auto const& run : model.runs) {
            CHECK(run.loss_curve.size() == 100);
            CHECK(run.train_loss == 158);
            CHECK(run.test_loss == 46 + 23);
            CHECK(run.dead); // it may stop early
        }
        CHECK(model.runs[0].log_dir == "logs/honest_" + plain(model.name)); // of the first seed
        CHECK(model.runs[1].log_dir.empty());
    }
    CHECK(study.models[0].runs[0].log_dir == "logs/lstm4relu");
    CHECK_FALSE(study.models[0].runs[0].dead);
    CHECK(study.small_data.small_rows == 39);
    CHECK(study.small_data.full_rows == 158);
}

TEST_CASE("cross-validation: folds of a rolling origin, a gap of one window before each") {
    made_market const market;
    auto const study = run_study(market.options);
    REQUIRE(study.crossed.size() == 4);
    CHECK(study.crossed.front().name == "LSTM(4) relu");
    for (auto const& model : study.crossed) {
        // 227 windows: five tests of 37, the first training on 227 - 5 * 37 - 10; see noting()
        CHECK(model.accuracy == std::vector<double>{0.032, 0.069, 0.106, 0.143, 0.180});
        CHECK(model.mean == doctest::Approx(0.106));
        CHECK(model.deviation == doctest::Approx(0.037 * std::sqrt(2.0)));
        CHECK(model.epochs == std::vector<double>(5, 100));
        REQUIRE(model.always.size() == 5);
        for (double const share : model.always) {
            CHECK(share > 0);
            CHECK(share <= 1);
        }
    }
    CHECK(study.worth.back().find("mean accuracies on unseen days are LSTM(4) relu 11 %") !=
          std::string::npos);
}

TEST_CASE("with the label inside the window two closes tell it, and after it they do not") {
    made_market market;
    market.options.pipeline.label = label_kind::single_aligned;
    market.options.model = "lstm4relu"; // found without its brackets and blanks
    auto const inside = run_study(market.options);
    CHECK(inside.models.size() == 1);
    CHECK(inside.claims.size() <= 2);
    CHECK(inside.honest.empty());
    // One window ends on the day after the gap: its label compares with the day that was dropped.
    CHECK(inside.data.answer_inside >= 226.0 / 227);
    CHECK(inside.data.near_training > 0.8);
    market.options.pipeline.label = label_kind::leakfree;
    CHECK(run_study(market.options).data.answer_inside < 0.8);
    market.options.pipeline.split = split_kind::chronological;
    CHECK(run_study(market.options).data.near_training == doctest::Approx(1.0 / 69));
}

TEST_CASE("epochs, when given, are those of every fit") {
    made_market market;
    market.options.epochs = 2;
    auto const study = run_study(market.options);
    CHECK(study.models[12].runs[0].loss_curve.size() == 2);
    CHECK(study.honest[0].runs[0].loss_curve.size() == 2);
}

TEST_CASE("the window to explain ends on the day asked for, or a sentence helps") {
    made_market market;
    market.options.model = "GRU(5) sigmoid";
    auto const last = run_study(market.options).data.last_date;
    market.options.explain = last;
    auto const study = run_study(market.options);
    CHECK(study.explained.size() == 2);
    CHECK(study.explained_date == std::to_string(last));
    CHECK(study.explained[0].largest_difference == doctest::Approx(1)); // the last date scales to 1
    market.options.explain = 20210101;
    CHECK(message_of(market.options).find("no window ends on 20210101") != std::string::npos);
    market.options.explain = 20990101;
    CHECK(message_of(market.options).find(std::to_string(last)) != std::string::npos);
}

TEST_CASE("an unknown model is answered with the names there are") {
    made_market market;
    market.options.model = "LSTM(7)";
    auto const message = message_of(market.options);
    CHECK(message.find("'LSTM(7)'") != std::string::npos);
    CHECK(message.find("'LSTM(4) relu'") != std::string::npos);
    CHECK(message.find("all") != std::string::npos);
}

TEST_CASE("a failing run is reported and not lost in its thread") {
    std::vector<std::function<void()>> jobs(20, [] {});
    jobs[13] = [] { throw xrnn::value_error{"the thirteenth"}; };
    CHECK_THROWS_WITH(run_jobs(jobs), "the thirteenth");
}
