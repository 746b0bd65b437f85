// SPDX-License-Identifier: BSD-3-Clause
#include "claims.hpp"
#include "text.hpp"

namespace stock_index {

namespace {

std::string honest_sentence(study_result const& study) {
    std::string models;
    for (auto const& each : study.honest) {
        std::vector<double> accuracy;
        for (auto const& run : each.runs) {
            accuracy.push_back(run.test_acc);
        }
        models += (models.empty() ? "" : ", ") + each.name + " " + percent(median(accuracy));
    }
    double const base = majority(study.honest_always_up.test);
    return "Asked honestly (the label is the day after the window, the past trains and the future "
           "tests, the scaler sees the training rows only, training stops when a part of the past "
           "kept for validation says so), the models reach in the median " +
           models + " on unseen days, where always giving the more frequent answer reaches " +
           percent(base) + ".";
}

std::string cross_sentence(study_result const& study) {
    std::string models;
    for (auto const& each : study.crossed) {
        models += (models.empty() ? "" : ", ") + each.name + " " + percent(each.mean) +
                  " (std. dev. " + percent(each.deviation) + ")";
    }
    return "One split is one draw. Over five of a rolling origin the mean accuracies on unseen "
           "days "
           "are " +
           models + "; always giving the answer that was more frequent before reaches " +
           percent(study.crossed.front().always_mean) +
           ". A difference below the spread of the folds says nothing.";
}

} // namespace

std::vector<std::string> what_it_is_worth(study_result const& study) {
    auto const& data = study.data;
    std::vector<std::string> out;
    out.push_back("The document's best accuracies are the share of rising days: .7342 is 116 of "
                  "158, .8696 is 40 of 46, .7709 is 175 of 227; .2658 and .2291 are their "
                  "complements, a relu output that is dead. Here always-up is right on " +
                  percent(data.always_up.all) + " of all windows and on " +
                  percent(data.always_up.test) + " of the test part.");
    out.push_back(
        "With the label that was chosen, comparing the last two closes inside the window "
        "gives the right answer for " +
        percent(data.answer_inside) + " of the windows" +
        (data.answer_inside > 0.99 ? ": the answer is in the input, nothing is predicted." : "."));
    if (data.near_training > 0) {
        out.push_back(percent(data.near_training) +
                      " of the test and validation windows differ from a training window by one "
                      "day only.");
    }
    out.push_back("The GRUs and all stacks (marked *) are fitted on every window, as in the "
                  "document: their test figures are figures on rows seen in training.");
    if (!study.honest.empty()) {
        out.push_back(honest_sentence(study));
    }
    if (!study.crossed.empty()) {
        out.push_back(cross_sentence(study));
    }
    return out;
}

} // namespace stock_index
