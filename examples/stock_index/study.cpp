// SPDX-License-Identifier: BSD-3-Clause
//
// The study's command line.
#include "study.hpp"

#include "report.hpp"
#include "tables.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <map>

namespace {

using namespace stock_index;

struct command_line {
    study_options study{};
    std::string data = XRNN_STOCK_INDEX_DATA;
    std::string report, json;
    bool quiet = false;
};

void declare(CLI::App& app, command_line& to) {
    static std::map<std::string, label_kind> const labels{
        {"single", label_kind::single},
        {"document", label_kind::document},
        {"single-aligned", label_kind::single_aligned},
        {"leakfree", label_kind::leakfree}};
    static std::map<std::string, split_kind> const splits{
        {"random", split_kind::random}, {"chronological", split_kind::chronological}};
    static std::map<std::string, scaler_kind> const scalers{{"all", scaler_kind::all},
                                                            {"train", scaler_kind::train}};
    auto& study = to.study;
    auto& pipeline = study.pipeline;
    app.add_option("--data", to.data, "Folder of CSV files, one an instrument");
    app.add_option("--target", pipeline.target, "Stem of the file that the labels come from");
    app.add_option("--since", study.since, "Days after this date (YYYYMMDD)");
    app.add_option("--timesteps", pipeline.timesteps, "Days in a window")
        ->check(CLI::PositiveNumber);
    app.add_option("--label", pipeline.label, "single|document|single-aligned|leakfree")
        ->transform(CLI::CheckedTransformer(labels));
    app.add_option("--split", pipeline.split, "random|chronological")
        ->transform(CLI::CheckedTransformer(splits));
    app.add_option("--scaler", pipeline.scaler, "Fit it on: all|train rows")
        ->transform(CLI::CheckedTransformer(scalers));
    app.add_option("--split-seed", pipeline.split_seed, "random_state of the split")
        ->check(CLI::Range(0U, 4294967295U));
    app.add_option("--model", study.model, "A model's name, or all");
    app.add_option("--epochs", study.epochs, "Epochs of every fit (unset: 5 or 10 by model)")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", study.first_seed, "First seed of the fits");
    app.add_option("--seeds", study.seeds, "How many seeds")->check(CLI::PositiveNumber);
    app.add_option("--report", to.report,
                   "Write report.html, plots, JSON, CSV and TensorBoard logs here");
    app.add_option("--json", to.json, "Write the results as JSON to this file");
    app.add_option("--explain", study.explain, "Explain the window that ends on this date");
    app.add_flag("--quiet", to.quiet, "Print nothing but errors");
}

void print(study_result const& study) {
    std::cout << to_text(data_table(study.data)) << "\n" << to_text(results_table(study));
    std::cout << "  * fitted on every window, as in the document: its test rows were seen\n"
              << "  document: epoch: loss / accuracy as printed there\n\n";
    std::cout << "Confusion matrices (validation part, first seed; a row for each true class)\n";
    for (auto const& model : study.models) {
        std::cout << "  " << model.name << ": " << confusion_text(model.runs.front().confusion)
                  << "\n";
    }
    if (!study.claims.empty()) {
        std::cout << "\n" << to_text(claims_table(study)) << study.claim_rule << "\n";
    }
    if (!study.honest.empty()) {
        std::cout << "\n" << to_text(honest_table(study));
        std::cout << "\n" << to_text(cross_table(study));
    }
    std::cout << "\nWhat the numbers are worth\n";
    for (auto const& sentence : study.worth) {
        std::cout << "- " << sentence << "\n";
    }
    for (auto const& model : study.explained) {
        std::cout << "\n"
                  << model.name << ", the last step of the window that ends on "
                  << study.explained_date << "\n"
                  << model.equations;
    }
}

int run(command_line& arguments, bool own_since) {
    auto& study = arguments.study;
    bool const bundled = arguments.data == XRNN_STOCK_INDEX_DATA;
    study.folder = arguments.data;
    if (study.pipeline.target.empty()) { // the document's index elsewhere
        study.pipeline.target = bundled ? "INDEX_SP500" : "IRX6XTPI0009";
    }
    if (!own_since && bundled) { // the last two years that both bundled files have
        study.since = 20061016;
    }
    if (!arguments.report.empty()) { // curves of an earlier report would be drawn into these
        study.log_dir = arguments.report + "/tensorboard";
        std::filesystem::remove_all(study.log_dir);
    }
    auto const found = run_study(study);
    if (!arguments.quiet) {
        print(found);
    }
    if (!arguments.report.empty()) {
        write_report(found, arguments.report);
        if (!arguments.quiet) {
            std::cout << "\nReport: " << arguments.report << "/report.html\n";
        }
    }
    if (!arguments.json.empty()) {
        write_text(arguments.json, to_json(found));
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Up or down tomorrow? The stock index experiment over many seeds."};
    command_line arguments;
    declare(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        return run(arguments, app.count("--since") > 0);
    } catch (std::exception const& error) {
        std::cerr << "stock_index_study: " << error.what() << "\n";
        return 2;
    }
}
