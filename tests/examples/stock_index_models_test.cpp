// SPDX-License-Identifier: BSD-3-Clause
//
// One model of the example fitted for real, and its look inside.
#include "../../examples/stock_index/experiment.cpp"
#include "../../examples/stock_index/explain.cpp"
#include "../../examples/stock_index/generator.hpp"
#include "../../examples/stock_index/run_model.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <numeric>

namespace stock_index {
// The other families are compiled apart; these tests do not run them.
std::vector<experiment> lstm_experiments() {
    return {};
}
std::vector<experiment> gru_experiments() {
    return {};
}
std::vector<experiment> stacked_lstm_experiments() {
    return {};
}
std::vector<experiment> stacked_gru_experiments() {
    return {};
}
} // namespace stock_index

using namespace stock_index;

namespace {

dataset const& made_up() {
    static dataset const set = [] {
        auto const folder = std::filesystem::temp_directory_path() / "xrnn_stock_index_models";
        auto const made = write_market(folder, {.files = 4, .rows = 120});
        auto out = prepare(read_market(folder, made.since), {.target = made.target});
        std::filesystem::remove_all(folder);
        return out;
    }();
    return set;
}

xt::xtensor<float, 2> last_window(dataset const& set) {
    auto const rows = set.scaled.shape()[0];
    return xt::cast<float>(xt::view(set.scaled, xt::range(rows - 10, rows), xt::all()));
}

bool equal(run_result const& a, run_result const& b) {
    return a.loss_curve == b.loss_curve && a.acc_curve == b.acc_curve &&
           a.train_loss == b.train_loss && a.test_acc == b.test_acc && a.confusion == b.confusion;
}

} // namespace

TEST_CASE("a run is a function of its seed and fills every field") {
    auto const& set = made_up();
    auto const rows = take_parts(set, set.split.train);
    auto const model = [] { return single<lstm<4>, sigmoid>(); };
    auto const first = run_model(model(), rows, {.epochs = 3, .seed = 1});
    CHECK(first.seed == 1);
    CHECK(first.loss_curve.size() == 3);
    CHECK(first.log_loss == first.loss_curve.back());
    CHECK(first.log_acc == first.acc_curve.back());
    CHECK(first.train_loss > 0);
    CHECK(first.test_loss > 0);
    CHECK_FALSE(first.dead);
    std::size_t counted = 0;
    for (auto const& row : first.confusion) {
        counted = std::accumulate(row.begin(), row.end(), counted);
    }
    CHECK(counted == set.split.val.size());
    CHECK(equal(first, run_model(model(), rows, {.epochs = 3, .seed = 1})));
    CHECK_FALSE(equal(first, run_model(model(), rows, {.epochs = 3, .seed = 2})));
}

TEST_CASE("a relu output that never opens counts as dead") {
    CHECK(stock_index::detail::is_constant(std::vector<float>{0, 0, 0}));
    CHECK_FALSE(stock_index::detail::is_constant(std::vector<float>{0, 1e-3F, 0}));
}

TEST_CASE("sizes are Keras's") {
    auto const lstm_facts = measure_model(single<lstm<4>, relu>(), 145, 3);
    CHECK(lstm_facts.parameters == 4 * 4 * (145 + 4 + 1) + 5);
    CHECK(lstm_facts.state_size == 8);
    CHECK(lstm_facts.ns_per_step.size() == 3);
    CHECK(median(lstm_facts.ns_per_step) > 0);
    auto const gru_facts = measure_model(single<gru<5>, sigmoid>(), 145, 1);
    CHECK(gru_facts.parameters == 3 * 5 * (145 + 5 + 2) + 6);
    CHECK(gru_facts.state_size == 5);
}

TEST_CASE("the equations printed for the last step are the library's own numbers") {
    auto const& set = made_up();
    auto const rows = take_parts(set, set.split.train);
    auto const window = last_window(set);
    for (auto const& explained : {explain_lstm(rows, window, 1), explain_gru(rows, window, 1)}) {
        CAPTURE(explained.name);
        CHECK(explained.largest_difference < 1e-6);
        CHECK(explained.largest_difference > 0); // something was compared
        CHECK(explained.equations.find("prediction: y = ") != std::string::npos);
        for (auto const& panel : explained.panels) {
            CAPTURE(panel.name);
            CHECK(panel.values.size() == 10 * panel.units);
            for (double const value : panel.values) {
                REQUIRE((!panel.gate || (value > 0 && value < 1)));
            }
        }
    }
    CHECK(explain_lstm(rows, window, 1).panels.size() == 6);
    CHECK(explain_gru(rows, window, 1).panels.size() == 4);
}
