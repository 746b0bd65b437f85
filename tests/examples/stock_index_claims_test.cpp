// SPDX-License-Identifier: BSD-3-Clause
//
// How the example judges the document's claims.
#include "../../examples/stock_index/claims.cpp"
#include "../../examples/stock_index/worth.cpp"

#include <doctest/doctest.h>

using namespace stock_index;

namespace {

/// A model whose runs have these evaluated losses and this accuracy.
model_result made(std::string name, bool fits_all, std::vector<double> const& losses,
                  double accuracy) {
    model_result out;
    out.name = std::move(name);
    out.fits_all = fits_all;
    out.always_up = 0.7;
    out.parameters = out.name.rfind("GRU", 0) == 0 ? 3 : 4;
    out.ns_per_step =
        out.name.rfind("GRU", 0) == 0 ? std::vector<double>{10, 11} : std::vector<double>{20, 21};
    for (double const loss : losses) {
        run_result run;
        run.train_loss = loss;
        run.train_acc = accuracy;
        run.test_acc = accuracy;
        run.loss_curve = {2 * loss, loss};
        out.runs.push_back(run);
    }
    return out;
}

study_result made_study() {
    study_result study;
    study.data.always_up = {0.7, 0.7, 0.7, 0.7};
    study.data.labels.assign(228, 1);
    std::vector<double> const low{.20, .21, .22}, high{.30, .31, .32}, mixed{.19, .21, .33};
    study.models = {
        made("LSTM(4) relu", false, low, 0.7),         made("LSTM(10) relu", false, high, 0.7),
        made("LSTM(5) sigmoid", false, low, 0.7),      made("LSTM(15) sigmoid", false, mixed, 0.7),
        made("GRU(5) sigmoid", true, low, 0.7),        made("GRU(10) sigmoid", true, low, 0.7),
        made("GRU(25) sigmoid", true, low, 0.7),       made("stacked LSTM 16-8-4", true, high, 0.7),
        made("stacked LSTM 8-4-2", true, high, 0.3),   made("stacked LSTM 64-32-8", true, low, 0.7),
        made("stacked GRU 16-8-4", true, low, 0.75),   made("stacked GRU 32-8-4", true, low, 0.7),
        made("stacked GRU 128-8-16", true, mixed, 0.7)};
    study.small_data = {"LSTM(5) sigmoid", "GRU(5) sigmoid", 40, 160, high, low, low, high};
    return study;
}

std::string verdict(std::vector<judged_claim> const& claims, std::string const& start) {
    for (auto const& claim : claims) {
        if (claim.text.rfind(start, 0) == 0) {
            return claim.verdict;
        }
    }
    return "no such claim";
}

} // namespace

TEST_CASE("share_above counts pairs, ties half") {
    CHECK(share_above({2, 3}, {1, 0}) == 1.0);
    CHECK(share_above({1, 0}, {2, 3}) == 0.0);
    CHECK(share_above({1, 2}, {1, 2}) == 0.5);
    CHECK(share_above({1, 4}, {2, 3}) == 0.5);
    CHECK(std::isnan(share_above({}, {1})));
}

TEST_CASE("a verdict follows the rule: all must hold, one that fails decides") {
    CHECK(verdict_of({0.9}) == "holds");
    CHECK(verdict_of({0.89}) == "within the spread of seeds");
    CHECK(verdict_of({0.11}) == "within the spread of seeds");
    CHECK(verdict_of({0.1}) == "fails");
    CHECK(verdict_of({1.0, 0.5}) == "within the spread of seeds");
    CHECK(verdict_of({1.0, 0.0}) == "fails");
    CHECK(verdict_of({1.0, 0.95}) == "holds");
}

TEST_CASE("quantiles are numpy's") {
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 2, 3}) == 2.5);
    CHECK(quantile({0, 10}, 0.05) == doctest::Approx(0.5));
    CHECK(quantile({5}, 0.95) == 5);
    CHECK(std::isnan(median({})));
}

TEST_CASE("every claim of the document is judged, each on its own figures") {
    auto study = made_study();
    auto const claims = judge_claims(study);
    REQUIRE(claims.size() == document::claims.size());
    CHECK(verdict(claims, "The index is rising") == "holds");
    CHECK(verdict(claims, "An accuracy") == "fails");
    CHECK(verdict(claims, "Too large") == "within the spread of seeds"); // relu yes, sigmoid mixed
    CHECK(verdict(claims, "The width of a GRU") == "within the spread of seeds"); // the same speed
    CHECK(verdict(claims, "GRU with 77 %") == "within the spread of seeds");      // equal gains
    CHECK(verdict(claims, "Small stacked LSTMs") == "holds");
    CHECK(verdict(claims, "Larger stacked LSTMs") == "holds");
    CHECK(verdict(claims, "A small stacked GRU") == "holds");
    CHECK(verdict(claims, "A large stacked GRU") == "within the spread of seeds");
    CHECK(verdict(claims, "GRU is simpler") == "holds");
    CHECK(verdict(claims, "GRU suits") == "holds");

    SUBCASE("and another figure gives another verdict") {
        study.data.always_up.all = 0.3;
        study.models[4].parameters = 5; // GRU(5) larger than LSTM(5)
        study.models[9] = made("stacked LSTM 64-32-8", true, {.4, .41}, 0.7);
        for (auto& run : study.models[6].runs) { // GRU(25): the same end, a better start
            run.loss_curve.front() = 0.1;
        }
        auto const again = judge_claims(study);
        CHECK(verdict(again, "The index is rising") == "fails");
        CHECK(verdict(again, "GRU is simpler") == "fails");
        CHECK(verdict(again, "Larger stacked LSTMs") == "fails");
        CHECK(verdict(again, "The width of a GRU") == "holds");
    }
    SUBCASE("a claim about models that were not run is left out") {
        study.models.resize(2);
        study.small_data = {};
        auto const few = judge_claims(study);
        CHECK(few.size() == 2); // rising, learnt
    }
}

TEST_CASE("the sentences carry the run's own figures") {
    auto study = made_study();
    study.data.answer_inside = 1;
    study.data.near_training = 0.94;
    study.honest = {{"LSTM(4) relu", 100, study.models[0].runs}};
    study.honest_always_up.test = 0.739;
    std::string all;
    for (auto const& sentence : what_it_is_worth(study)) {
        all += sentence + "\n";
    }
    CHECK(all.find("100 % of the windows: the answer is in the input") != std::string::npos);
    CHECK(all.find("94 % of the test and validation windows") != std::string::npos);
    CHECK(all.find("LSTM(4) relu 70 % on unseen days") != std::string::npos);
    CHECK(all.find("reaches 74 %") != std::string::npos);
}
