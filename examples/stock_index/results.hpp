// SPDX-License-Identifier: BSD-3-Clause
//
// What the study finds, as plain values: filled by study.cpp, judged by claims.hpp, written by
// report.cpp. No xtensor here, so that the writers compile fast.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace stock_index {

using matrix_of_counts = std::vector<std::vector<std::size_t>>;

/// xrnn's confusion matrix as plain rows.
template <class Matrix>
matrix_of_counts to_counts(Matrix const& matrix) {
    matrix_of_counts rows(matrix.shape()[0], std::vector<std::size_t>(matrix.shape()[1]));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < rows[row].size(); ++column) {
            rows[row][column] = matrix(row, column);
        }
    }
    return rows;
}

/// One model fitted once. log_*: Keras's running means of the last epoch; train_*: evaluated
/// afterwards on the rows it was fitted on; confusion: on the validation part, rows are the truth.
struct run_result {
    unsigned seed = 0;
    double log_loss = 0, log_acc = 0;
    double train_loss = 0, train_acc = 0;
    double test_loss = 0, test_acc = 0;
    double val_loss = 0, val_acc = 0;
    matrix_of_counts confusion{};
    bool dead = false;                // the prediction is the same on every row it was fitted on
    std::vector<double> loss_curve{}; // running means, one an epoch
    std::vector<double> acc_curve{};
    std::string log_dir{}; // of its event files, if any
};

struct model_result {
    std::string name;
    std::string family;    // "LSTM", "GRU", "stacked LSTM", "stacked GRU"
    bool fits_all = false; // fitted on every window, as in the document, not on the training part
    std::size_t epochs = 0;
    std::size_t parameters = 0;
    std::size_t state_size = 0;        // numbers that a stream carries from step to step
    std::vector<double> ns_per_step{}; // one a repeat, each over many steps
    double always_up = 0;              // share of the label 1 in the rows it was fitted on
    std::vector<run_result> runs{};

    /// One figure of every run, e.g. `each(&run_result::log_loss)`.
    template <class Value>
    std::vector<double> each(Value run_result::*field) const {
        std::vector<double> values;
        for (auto const& run : runs) {
            values.push_back(static_cast<double>(run.*field));
        }
        return values;
    }

    std::size_t dead_runs() const {
        std::size_t count = 0;
        for (auto const& run : runs) {
            count += run.dead ? 1U : 0U;
        }
        return count;
    }
};

struct shares {
    double all = 0, train = 0, test = 0, val = 0;
};

/// What the data went through, as the document prints it and as --json shows it.
struct data_result {
    std::string folder, target, label, split, scaler;
    int since = 0;
    std::size_t timesteps = 10;
    std::array<std::size_t, 2> merged_shape{};
    std::size_t kept_rows = 0;
    std::array<std::size_t, 3> windows_shape{};
    double scaled_sum = 0, windows_sum = 0;
    std::vector<int> labels{};
    std::vector<std::size_t> train{}, test{}, val{};
    shares always_up{};
    int first_date = 0, last_date = 0;
    double answer_inside = 0; // share of labels told by the window's own last two closes
    double near_training = 0; // share of test and validation windows one day from a training one
};

struct judged_claim {
    std::string text, measure, found, verdict;
};

/// One row of the honest section.
struct honest_result {
    std::string name;
    std::size_t epochs = 0;
    std::vector<run_result> runs{};
};

/// One model over the folds of a rolling origin: each trained on the past, tested on what follows.
struct cross_validated {
    std::string name;
    std::vector<double> accuracy{}; // on the test part of each fold
    std::vector<double> always{}; // there, of the answer that is more frequent in its training part
    std::vector<double> epochs{}; // until it stopped
    double mean = 0, deviation = 0; // of the accuracies
    double always_mean = 0;
};

/// Test losses over seeds of an LSTM and a GRU of one width, fitted on a part of the training windows
/// and on all of them.
struct small_data_result {
    std::string lstm, gru;
    std::size_t small_rows = 0, full_rows = 0;
    std::vector<double> lstm_small{}, gru_small{}, lstm_full{}, gru_full{};
};

/// The heat maps and the equations of one model on one window.
struct explained_model {
    struct panel {
        std::string name;  // as the trace names it
        std::string title; // in words
        bool gate = false; // 0..1, else diverging around 0
        std::size_t units = 0;
        std::vector<double> values{}; // (time, units)
    };
    std::string name;
    std::string equations;
    double largest_difference = 0; // between the printed equations and the trace
    std::vector<panel> panels{};
};

struct study_result {
    data_result data{};
    std::vector<model_result> models{};
    small_data_result small_data{};
    std::vector<judged_claim> claims{};
    std::string claim_rule{};
    shares honest_always_up{};
    std::string honest_setting{};
    std::vector<honest_result> honest{};
    std::string cross_setting{};
    std::vector<cross_validated> crossed{};
    std::vector<std::string> worth{}; // sentences: what the document's numbers are worth
    std::string explained_date{};
    std::vector<explained_model> explained{};
};

} // namespace stock_index
