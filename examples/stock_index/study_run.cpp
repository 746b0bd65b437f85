// SPDX-License-Identifier: BSD-3-Clause
#include "claims.hpp"
#include "study.hpp"

#include <xrnn/data/cross_validation.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <exception>
#include <functional>
#include <mutex>
#include <numeric>
#include <thread>

namespace stock_index {

namespace {

/// Runs the jobs on as many threads as there are; each job writes to a place of its own.
void run_jobs(std::vector<std::function<void()>> const& jobs) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex guard;
    auto const work = [&] {
        for (std::size_t job = next++; job < jobs.size(); job = next++) {
            try {
                jobs[job]();
            } catch (...) {
                std::lock_guard const lock{guard};
                failure = std::current_exception();
            }
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back(work);
    }
    work();
    for (auto& thread : threads) {
        thread.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

/// Letters and digits alone, in lower case: "LSTM(4) relu" is also found as lstm4relu.
std::string plain(std::string const& name) {
    std::string out;
    for (char const c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

std::vector<experiment> chosen(std::string const& wanted) {
    auto all = all_experiments();
    if (wanted == "all") {
        return all;
    }
    std::string names;
    for (auto const& one : all) {
        if (plain(one.name) == plain(wanted)) {
            return {one};
        }
        names += (names.empty() ? "'" : ", '") + one.name + "'";
    }
    throw xrnn::value_error{"there is no model '" + wanted + "'; the models are " + names +
                            ", or all"};
}

/// Where the event files of a model go: those of the first seed, if any are asked for.
std::string log_dir_of(study_options const& options, std::string const& part,
                       std::string const& model, unsigned s) {
    return options.log_dir.empty() || s > 0 ? std::string{}
                                            : options.log_dir + "/" + part + plain(model);
}

data::row_indices everything(dataset const& set) {
    data::row_indices rows(set.x.shape()[0]);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

shares shares_of(dataset const& set) {
    auto const part = [&](data::row_indices const& rows) {
        return share_of_ones(data::take(set.y, rows));
    };
    return {share_of_ones(set.y), part(set.split.train), part(set.split.test), part(set.split.val)};
}

/// Share of labels that the window's own last two closes tell.
double answer_inside(dataset const& set, std::size_t close) {
    double agree = 0;
    auto const windows = set.x.shape()[0];
    auto const steps = set.x.shape()[1];
    for (std::size_t w = 0; w < windows && steps > 1; ++w) {
        auto const rose = set.scaled(w + steps - 1, close) >= set.scaled(w + steps - 2, close);
        agree += rose == (set.y(w) > 0.5F) ? 1 : 0;
    }
    return agree / static_cast<double>(windows);
}

/// Share of the test and validation windows one day away from a training window.
double near_training(parts const& split) {
    auto train = split.train;
    std::sort(train.begin(), train.end());
    auto const has = [&](std::size_t w) {
        return std::binary_search(train.begin(), train.end(), w);
    };
    double near = 0, count = 0;
    for (auto const* part : {&split.test, &split.val}) {
        for (auto const w : *part) {
            near += has(w + 1) || (w > 0 && has(w - 1)) ? 1 : 0;
            count += 1;
        }
    }
    return near / count;
}

data_result describe(market const& from, dataset const& set, study_options const& options) {
    data_result out;
    out.folder = options.folder;
    out.target = options.pipeline.target;
    out.label = to_text(options.pipeline.label);
    out.split = to_text(options.pipeline.split);
    out.scaler = to_text(options.pipeline.scaler);
    out.since = options.since;
    out.timesteps = options.pipeline.timesteps;
    out.merged_shape = {set.merged_rows, from.columns().size()};
    out.kept_rows = set.dates.size();
    out.windows_shape = {set.x.shape()[0], set.x.shape()[1], set.x.shape()[2]};
    out.scaled_sum = set.scaled_sum;
    out.windows_sum = set.windows_sum;
    for (float const label : set.y) {
        out.labels.push_back(label > 0.5F ? 1 : 0);
    }
    out.train = set.split.train;
    out.test = set.split.test;
    out.val = set.split.val;
    out.always_up = shares_of(set);
    out.first_date = static_cast<int>(set.dates.front());
    out.last_date = static_cast<int>(set.dates.back());
    out.answer_inside =
        answer_inside(set, from.table().index_of(options.pipeline.target + ":CLOSE"));
    out.near_training = near_training(set.split);
    return out;
}

/// Fits every experiment from every seed, the costly ones first.
void run_models(study_result& study, std::vector<experiment> const& experiments, dataset const& set,
                study_options const& options) {
    auto const on_train = take_parts(set, set.split.train);
    auto const on_all = take_parts(set, everything(set));
    std::vector<std::function<void()>> jobs;
    study.models.resize(experiments.size());
    for (std::size_t m = experiments.size(); m-- > 0;) {
        auto const& one = experiments[m];
        auto& result = study.models[m];
        auto const facts = one.measure(set.x.shape()[2], 21);
        auto const& rows = one.fits_all ? on_all : on_train;
        result = {one.name,
                  one.family,
                  one.fits_all,
                  options.epochs.value_or(one.epochs),
                  facts.parameters,
                  facts.state_size,
                  facts.ns_per_step,
                  share_of_ones(rows.y_fit),
                  std::vector<run_result>(options.seeds)};
        for (unsigned s = 0; s < options.seeds; ++s) {
            jobs.push_back([&result, &one, &rows, s, &options] {
                result.runs[s] = one.run(rows, {.epochs = result.epochs,
                                                .seed = options.first_seed + s,
                                                .log_dir = log_dir_of(options, "", one.name, s)});
            });
        }
    }
    run_jobs(jobs);
}

experiment const& named(std::vector<experiment> const& all, std::string const& name) {
    return *std::find_if(all.begin(), all.end(), [&](auto const& e) { return e.name == name; });
}

/// An LSTM and a GRU of one width on a quarter of the training windows and on all of them, with the
/// same number of updates.
void run_small_data(study_result& study, std::vector<experiment> const& experiments,
                    dataset const& set, study_options const& options) {
    auto quarter = set.split.train;
    quarter.resize(std::max<std::size_t>(quarter.size() / 4, 1));
    auto const small = take_parts(set, quarter);
    auto const full = take_parts(set, set.split.train);
    auto const epochs = options.epochs ? *options.epochs : 20;
    auto& out = study.small_data;
    out.lstm = "LSTM(5) sigmoid";
    out.gru = "GRU(5) sigmoid";
    out.small_rows = quarter.size();
    out.full_rows = set.split.train.size();
    std::vector<std::function<void()>> jobs;
    auto const add = [&](std::string const& name, fit_data const& rows, std::size_t count,
                         std::vector<double>& losses) {
        losses.resize(options.seeds);
        for (unsigned s = 0; s < options.seeds; ++s) {
            jobs.push_back([&losses, &one = named(experiments, name), &rows, count, s,
                            first = options.first_seed] {
                losses[s] = one.run(rows, {.epochs = count, .seed = first + s}).test_loss;
            });
        }
    };
    add(out.lstm, small, 4 * epochs, out.lstm_small);
    add(out.gru, small, 4 * epochs, out.gru_small);
    add(out.lstm, full, epochs, out.lstm_full);
    add(out.gru, full, epochs, out.gru_full);
    run_jobs(jobs);
}

/// The models that are asked honestly, the costly ones first.
constexpr char const* honest_models[] = {"stacked LSTM 64-32-8", "stacked GRU 32-8-4",
                                         "GRU(25) sigmoid", "LSTM(4) relu"};

pipeline_options honest_options(study_options const& options) {
    auto honest = options.pipeline;
    honest.label = label_kind::leakfree;
    honest.split = split_kind::chronological;
    honest.scaler = scaler_kind::train;
    return honest;
}

/// Four of the models asked honestly: the day after the window, the past trains, the future tests.
void run_honest(study_result& study, std::vector<experiment> const& experiments, market const& from,
                study_options const& options) {
    auto set = prepare(from, honest_options(options));
    // All that follows the training part is the future: test and validation in one.
    set.split.test.insert(set.split.test.end(), set.split.val.begin(), set.split.val.end());
    auto const rows = take_parts(set, set.split.train);
    auto const epochs = options.epochs ? *options.epochs : 100;
    auto const seeds = std::min(options.seeds, 5U); // enough to see the spread
    study.honest_always_up = shares_of(set);
    study.honest_setting =
        "label leakfree, split chronological, scaler fitted on the training rows; stops when the "
        "loss of the last fifth of the training part has not fallen for 10 epochs";
    std::vector<std::function<void()>> jobs;
    study.honest.reserve(4);
    for (auto const* name : honest_models) {
        study.honest.push_back({name, epochs, std::vector<run_result>(seeds)});
        for (unsigned s = 0; s < seeds; ++s) {
            jobs.push_back([&to = study.honest.back().runs[s], &one = named(experiments, name),
                            &rows, epochs, &options, s] {
                to = one.run(rows, {.epochs = epochs,
                                    .seed = options.first_seed + s,
                                    .log_dir = log_dir_of(options, "honest_", one.name, s),
                                    .stops_early = true});
            });
        }
    }
    run_jobs(jobs);
    std::reverse(study.honest.begin(), study.honest.end());
}

/// One model over a rolling origin: each fold has a scaler of its own, fitted on its past.
cross_validated cross_validate(experiment const& one, market const& from,
                               study_options const& options, std::size_t windows) {
    auto const epochs = options.epochs ? *options.epochs : 100;
    data::time_series_split const folds{.n_splits = 5, .gap = options.pipeline.timesteps};
    auto const found = data::cross_validate(windows, folds, [&](data::split_indices const& rows) {
        parts const split{rows.train, rows.test, rows.test};
        auto const set = prepare(from, honest_options(options), &split);
        auto const run =
            one.run(take_parts(set, rows.train),
                    {.epochs = epochs, .seed = options.first_seed, .stops_early = true});
        auto const up = shares_of(set);
        xrnn::logs values;
        values.at_or_add("accuracy") = run.test_acc;
        values.at_or_add("always") = up.train >= 0.5 ? up.test : 1 - up.test;
        values.at_or_add("epochs") = static_cast<double>(run.loss_curve.size());
        return values;
    });
    return {one.name,
            found.values("accuracy"),
            found.values("always"),
            found.values("epochs"),
            found.mean("accuracy"),
            found.standard_deviation("accuracy"),
            found.mean("always")};
}

void run_cross_validation(study_result& study, std::vector<experiment> const& experiments,
                          market const& from, study_options const& options) {
    auto const windows = prepare(from, honest_options(options)).x.shape()[0];
    study.cross_setting =
        "as above, over 5 folds of a rolling origin: each is trained on all windows before, but " +
        std::to_string(options.pipeline.timesteps) +
        " that share days with it, and tested on those that follow";
    study.crossed.resize(std::size(honest_models));
    std::vector<std::function<void()>> jobs;
    for (std::size_t k = 0; k < study.crossed.size(); ++k) {
        jobs.push_back([&to = study.crossed[study.crossed.size() - 1 - k],
                        &one = named(experiments, honest_models[k]), &from, &options,
                        windows] { to = cross_validate(one, from, options, windows); });
    }
    run_jobs(jobs);
}

void explain(study_result& study, dataset const& set, study_options const& options) {
    auto const steps = options.pipeline.timesteps;
    auto const day = std::lower_bound(set.dates.begin(), set.dates.end(), *options.explain);
    auto const at = static_cast<std::size_t>(day - set.dates.begin());
    if (day == set.dates.end() || *day != *options.explain || at + 1 < steps) {
        auto const text = [&](std::size_t row) {
            return std::to_string(
                static_cast<int>(set.dates[std::clamp(row, steps - 1, set.dates.size() - 1)]));
        };
        throw xrnn::value_error{"no window ends on " + std::to_string(*options.explain) +
                                ": windows end on trading days from " + text(0) + " to " +
                                text(set.dates.size()) + ", near it on " +
                                text(at == 0 ? 0 : at - 1) + " and " + text(at)};
    }
    xt::xtensor<float, 2> const window =
        xt::cast<float>(xt::view(set.scaled, xt::range(at + 1 - steps, at + 1), xt::all()));
    auto const rows = take_parts(set, set.split.train);
    study.explained_date = std::to_string(*options.explain);
    study.explained = {explain_lstm(rows, window, options.first_seed),
                       explain_gru(rows, window, options.first_seed)};
}

} // namespace

std::string to_text(label_kind kind) {
    constexpr char const* names[] = {"single", "document", "single-aligned", "leakfree"};
    return names[static_cast<std::size_t>(kind)];
}

std::string to_text(split_kind kind) {
    return kind == split_kind::random ? "random" : "chronological";
}

std::string to_text(scaler_kind kind) {
    return kind == scaler_kind::all ? "all" : "train";
}

study_result run_study(study_options const& options) {
    auto const experiments = chosen(options.model);
    auto const from = read_market(options.folder, options.since);
    auto const set = prepare(from, options.pipeline);
    study_result study;
    study.data = describe(from, set, options);
    if (options.explain) { // first, since a wrong date should not cost a minute
        explain(study, set, options);
    }
    run_models(study, experiments, set, options);
    if (options.model == "all") {
        run_small_data(study, experiments, set, options);
        run_honest(study, experiments, from, options);
        run_cross_validation(study, experiments, from, options);
        study.claims = judge_claims(study);
        study.claim_rule = claim_rule();
    }
    study.worth = what_it_is_worth(study);
    return study;
}

} // namespace stock_index
