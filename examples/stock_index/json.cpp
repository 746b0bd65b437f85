// SPDX-License-Identifier: BSD-3-Clause
#include "document.hpp"
#include "report.hpp"

#include <nlohmann/json.hpp>

namespace stock_index {

namespace {

using json = nlohmann::ordered_json;

json to_object(shares const& up) {
    return {{"all", up.all}, {"train", up.train}, {"test", up.test}, {"val", up.val}};
}

json to_object(run_result const& run) {
    return {{"seed", run.seed},
            {"log_loss", run.log_loss},
            {"log_acc", run.log_acc},
            {"train_loss", run.train_loss},
            {"train_acc", run.train_acc},
            {"test_loss", run.test_loss},
            {"test_acc", run.test_acc},
            {"val_loss", run.val_loss},
            {"val_acc", run.val_acc},
            {"confusion", run.confusion},
            {"dead", run.dead},
            {"loss_by_epoch", run.loss_curve},
            {"acc_by_epoch", run.acc_curve}};
}

json runs_of(std::vector<run_result> const& runs) {
    json out = json::array();
    for (auto const& run : runs) {
        out.push_back(to_object(run));
    }
    return out;
}

json to_object(model_result const& model) {
    json out{{"name", model.name},
             {"family", model.family},
             {"fitted_on", model.fits_all ? "all" : "train"},
             {"epochs", model.epochs},
             {"parameters", model.parameters},
             {"state_size", model.state_size},
             {"ns_per_step", model.ns_per_step},
             {"always_up", model.always_up}};
    for (auto const& line : document::printed_figures) {
        if (line.model == model.name) {
            out["document"] = {{"epoch", line.epoch}, {"note", line.note}};
            out["document"]["loss"] = line.loss ? json(*line.loss) : json(nullptr);
            out["document"]["acc"] = line.accuracy ? json(*line.accuracy) : json(nullptr);
        }
    }
    out["runs"] = runs_of(model.runs);
    return out;
}

} // namespace

std::string to_json(study_result const& study) {
    auto const& data = study.data;
    json out{{"data", data.folder},
             {"target", data.target},
             {"since", data.since},
             {"timesteps", data.timesteps},
             {"label", data.label},
             {"split_kind", data.split},
             {"scaler", data.scaler},
             {"merged_shape", data.merged_shape},
             {"kept_rows", data.kept_rows},
             {"windows_shape", data.windows_shape},
             {"scaled_sum", data.scaled_sum},
             {"windows_sum", data.windows_sum},
             {"labels", data.labels},
             {"split", {{"train", data.train}, {"test", data.test}, {"val", data.val}}},
             {"always_up", to_object(data.always_up)}};
    out["models"] = json::array();
    for (auto const& model : study.models) {
        out["models"].push_back(to_object(model));
    }
    out["claims"] = json::array();
    for (auto const& claim : study.claims) {
        out["claims"].push_back({{"claim", claim.text},
                                 {"measure", claim.measure},
                                 {"found", claim.found},
                                 {"verdict", claim.verdict}});
    }
    if (!study.honest.empty()) {
        out["honest"] = {{"setting", study.honest_setting},
                         {"always_up", to_object(study.honest_always_up)},
                         {"models", json::array()}};
        for (auto const& model : study.honest) {
            out["honest"]["models"].push_back(
                {{"name", model.name}, {"epochs", model.epochs}, {"runs", runs_of(model.runs)}});
        }
    }
    for (auto const& model : study.crossed) {
        out["cross_validated"]["setting"] = study.cross_setting;
        out["cross_validated"]["models"].push_back({{"name", model.name},
                                                    {"accuracy", model.accuracy},
                                                    {"always", model.always},
                                                    {"epochs", model.epochs},
                                                    {"mean", model.mean},
                                                    {"standard_deviation", model.deviation}});
    }
    return out.dump(1) + "\n";
}

} // namespace stock_index
