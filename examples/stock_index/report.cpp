// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include "document.hpp"
#include "plots.hpp"
#include "tables.hpp"
#include "text.hpp"

#include <xrnn/errors.hpp>
#include <xrnn/io/event_file.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace stock_index {

namespace {

constexpr char const* style = R"(<style>
body{font:15px/1.5 system-ui,'Segoe UI',Helvetica,Arial,sans-serif;color:#222;background:#fff;
max-width:1240px;margin:2em auto;padding:0 1.5em}
h1{font-size:1.6em}h2{font-size:1.25em;margin-top:2em;border-bottom:1px solid #ddd}
.wide{overflow-x:auto;margin:1em 0}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.3em 0}
small{color:#666}th,td{padding:.25em .6em;border-bottom:1px solid #e4e4e4;text-align:right;white-space:nowrap}
th{border-bottom:2px solid #bbb}
th:first-child,td:first-child,.prose td,.prose th{text-align:left}
.prose td{white-space:normal;vertical-align:top}.prose td:last-child{min-width:9em}
tr.holds td:last-child{color:#00693e}tr.fails td:last-child{color:#b2182b}
pre{background:#f6f6f6;padding:1em;overflow-x:auto;font-size:13px;line-height:1.35}
svg{max-width:100%;height:auto}.missing{background:#fff4e0;padding:.6em 1em}
</style>
)";

/// The SVG file's text without its XML prolog, so that it can stand inside a page.
std::string inline_svg(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    std::string const text{std::istreambuf_iterator<char>{in}, {}};
    auto const start = text.find("<svg");
    return start == std::string::npos ? std::string{} : text.substr(start) + "\n";
}

/// gnuplot gives the same ids in every file; one page holds several of them.
std::string with_own_ids(std::string svg, std::string const& prefix) {
    for (std::string const mark : {"id='", "id=\"", "url(#", "xlink:href='#", "href=\"#"}) {
        for (auto at = svg.find(mark); at != std::string::npos;
             at = svg.find(mark, at + mark.size() + prefix.size())) {
            svg.insert(at + mark.size(), prefix);
        }
    }
    return svg;
}

std::vector<double> median_curve(model_result const& model,
                                 std::vector<double> run_result::*curve_of) {
    std::vector<double> out;
    for (std::size_t epoch = 0; epoch < model.epochs; ++epoch) {
        std::vector<double> values;
        for (auto const& run : model.runs) {
            if (epoch < (run.*curve_of).size()) {
                values.push_back((run.*curve_of)[epoch]);
            }
        }
        out.push_back(median(values));
    }
    return out;
}

/// A panel for each family, a curve for each of its models.
std::vector<curve_panel> panels_of(std::vector<model_result> const& models, bool accuracy) {
    std::vector<curve_panel> panels;
    for (auto const& model : models) {
        auto panel = std::find_if(panels.begin(), panels.end(),
                                  [&](auto const& p) { return p.title == model.family; });
        if (panel == panels.end()) {
            panel = panels.insert(panels.end(), curve_panel{model.family, {}});
        }
        curve line{model.name, median_curve(model, accuracy ? &run_result::acc_curve
                                                            : &run_result::loss_curve)};
        for (auto const& printed : document::printed_figures) {
            auto const value = accuracy ? printed.accuracy : printed.loss;
            if (printed.model == model.name && printed.epoch > 0 && value) {
                line.printed.push_back({static_cast<double>(printed.epoch), *value});
            }
        }
        panel->curves.push_back(std::move(line));
    }
    return panels;
}

/// The mean of a model's confusion matrices; a class that one run lacks counts 0 there.
confusion_picture mean_confusion(model_result const& model) {
    std::size_t classes = 2;
    for (auto const& run : model.runs) {
        classes = std::max(classes, run.confusion.size());
    }
    std::vector<std::vector<double>> mean(classes, std::vector<double>(classes));
    for (auto const& run : model.runs) {
        for (std::size_t row = 0; row < run.confusion.size(); ++row) {
            for (std::size_t column = 0; column < run.confusion[row].size(); ++column) {
                mean[row][column] += static_cast<double>(run.confusion[row][column]) /
                                     static_cast<double>(model.runs.size());
            }
        }
    }
    return {model.name, std::move(mean)};
}

/// The pictures by name, or nothing when gnuplot is not there.
class pictures {
  public:
    /// The SVG files lie in `folder`; they go again after use unless they are to be kept.
    explicit pictures(std::filesystem::path folder, bool keep = true)
        : folder_{std::move(folder)}, keep_{keep}, available_{has_gnuplot()} {}

    std::string html(std::string const& name, std::string const& script) const {
        auto const file = folder_ / (name + ".svg");
        if (!available_ || !draw(script, file)) {
            return "<p class=\"missing\">The picture " + escape_html(name) +
                   ".svg is missing: it is drawn by gnuplot, which " +
                   (available_ ? "failed" : "is not installed") +
                   " here (Debian: apt-get install gnuplot-nox).</p>\n";
        }
        auto const svg = with_own_ids(inline_svg(file), name + "_");
        if (!keep_) {
            std::filesystem::remove(file);
        }
        return "<figure>" + svg + "</figure>\n";
    }

  private:
    std::filesystem::path folder_;
    bool keep_;
    bool available_;
};

std::string page(std::string const& title, std::string const& body) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<title>" +
           escape_html(title) +
           "</title>\n<meta name=\"viewport\" content=\"width=device-width\">\n" + style +
           "</head><body>\n<h1>" + escape_html(title) + "</h1>\n" + body + "</body></html>\n";
}

std::string curves_html(std::vector<model_result> const& models, pictures const& draw_) {
    auto const note = std::string{
        "<p>Running means over the batches of an epoch, dropout on, as Keras logs them; a line is "
        "the median over the seeds. An open square is the value that the document prints for its "
        "own market at that epoch.</p>\n"};
    return "<h2>Curves</h2>\n" + note +
           draw_.html("epoch_acc",
                      curves_script("epoch_acc", "accuracy", panels_of(models, true))) +
           draw_.html("epoch_loss", curves_script("epoch_loss", "loss", panels_of(models, false)));
}

std::string confusion_html(std::vector<model_result> const& models, pictures const& draw_) {
    std::vector<confusion_picture> all;
    table counts{"Validation part, first seed; a row for each true class",
                 {"model", "seed", "confusion matrix"},
                 {}};
    for (auto const& model : models) {
        if (!model.runs.empty()) {
            all.push_back(mean_confusion(model));
            counts.rows.push_back({model.name, std::to_string(model.runs.front().seed),
                                   confusion_text(model.runs.front().confusion)});
        }
    }
    return "<h2>Confusion matrices</h2>\n<p>Counts on the validation part, mean over the seeds. "
           "The prediction is rounded (half to even), so a relu output above 1.5 opens a third "
           "class.</p>\n" +
           draw_.html("confusion", confusion_script(all)) + to_html(counts);
}

std::string claims_html(study_result const& study) {
    auto html = to_html(claims_table(study));
    for (std::string const verdict : {"holds", "fails"}) { // colour follows the verdict cell
        std::string const cell = "<td>" + verdict + "</td></tr>";
        for (auto at = html.find(cell); at != std::string::npos; at = html.find(cell, at + 30)) {
            auto const row = html.rfind("<tr>", at);
            html.replace(row, 4, "<tr class=\"" + verdict + "\">");
        }
    }
    return "<h2>Claims</h2>\n<p>" + escape_html(study.claim_rule) + "</p>\n" + html;
}

/// The values of a tag in the event files of a folder, in the order of the steps.
std::vector<double> values_in(std::filesystem::path const& folder, std::string const& tag) {
    std::vector<double> out;
    std::error_code none;
    for (auto const& file : std::filesystem::directory_iterator{folder, none}) {
        for (auto const& event : xrnn::io::read_events(file.path())) {
            if (event.tag == tag) {
                out.push_back(static_cast<double>(event.value));
            }
        }
    }
    return out;
}

/// The loss of the part trained on and of that kept for validation, read back from the event files.
std::string stopping_html(std::vector<honest_result> const& models, pictures const& draw_) {
    std::vector<curve_panel> panels;
    for (auto const& model : models) {
        std::filesystem::path const folder = model.runs.empty() ? "" : model.runs.front().log_dir;
        if (!folder.empty()) {
            panels.push_back(
                {model.name,
                 {{"training", values_in(folder / "train", "epoch_loss"), {}},
                  {"validation", values_in(folder / "validation", "epoch_loss"), {}}}});
        }
    }
    if (panels.empty()) {
        return {};
    }
    return "<p>The first seed's loss until training stopped, read from the event files in "
           "tensorboard/ (to see them all: tensorboard --logdir tensorboard). The weights that "
           "count are those of the least validation loss.</p>\n" +
           draw_.html("honest_loss", curves_script("honest_loss", "loss", panels));
}

std::string explained_html(study_result const& study, pictures const& draw_) {
    if (study.explained.empty()) {
        return {};
    }
    auto html =
        "<h2>Inside: the window that ends on " + escape_html(study.explained_date) + "</h2>\n";
    for (auto const& model : study.explained) {
        auto name = "inside_" + model.name.substr(0, model.name.find('('));
        std::transform(name.begin(), name.end(), name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        html += "<h3>" + escape_html(model.name) + "</h3>\n" +
                draw_.html(name, heat_map_script(model)) + "<pre>" + escape_html(model.equations) +
                "</pre>\n";
    }
    return html;
}

} // namespace

void write_text(std::filesystem::path const& file, std::string const& text) {
    std::ofstream out{file, std::ios::binary};
    out << text;
    if (!out.flush()) {
        throw xrnn::io_error{"cannot write " + file.string() +
                             ": check that its folder exists and can be written"};
    }
}

std::string history_csv(std::vector<model_result> const& models) {
    std::string text = "model,seed,epoch,loss,accuracy\n";
    for (auto const& model : models) {
        for (auto const& run : model.runs) {
            for (std::size_t epoch = 0; epoch < run.loss_curve.size(); ++epoch) {
                text += model.name + "," + std::to_string(run.seed) + "," +
                        std::to_string(epoch + 1) + "," + fixed(run.loss_curve[epoch], 9) + "," +
                        fixed(run.acc_curve[epoch], 9) + "\n";
            }
        }
    }
    return text;
}

void write_report(study_result const& study, std::filesystem::path const& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) {
        throw xrnn::io_error{"cannot create the folder " + folder.string() + ": " +
                             failure.message()};
    }
    pictures const drawn{folder};
    std::string body =
        "<h2>Data</h2>\n" + to_html(data_table(study.data)) +
        "<p>The document prints for its own market: " + escape_html(document::printed_shapes) +
        ".</p>\n";
    body += "<h2>What the numbers are worth</h2>\n";
    for (auto const& sentence : study.worth) {
        body += "<p>" + escape_html(sentence) + "</p>\n";
    }
    body += "<h2>Results</h2>\n" + to_html(results_table(study)) +
            "<p>document: epoch, loss / accuracy that it prints. logged: Keras's running means of "
            "the last epoch. evaluated: afterwards, on the rows fitted. always up: its accuracy on "
            "the same rows. dead: runs with a constant prediction there. A model with * was fitted "
            "on every window, as in the document: its test rows were seen in training. state: "
            "numbers carried from step to step.</p>\n";
    body += curves_html(study.models, drawn) + confusion_html(study.models, drawn);
    if (!study.claims.empty()) {
        body += claims_html(study);
    }
    if (!study.honest.empty()) {
        body += "<h2>The honest variant</h2>\n" + to_html(honest_table(study)) +
                stopping_html(study.honest, drawn);
    }
    if (!study.crossed.empty()) {
        body += to_html(cross_table(study));
    }
    body += explained_html(study, drawn);
    write_text(folder / "report.html", page("Up or down: " + study.data.target, body));
    write_text(folder / "report.json", to_json(study));
    write_text(folder / "history.csv", history_csv(study.models));
}

void write_page(std::vector<model_result> const& models, std::filesystem::path const& file) {
    auto const folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
    pictures const drawn{folder, false};
    write_text(file, page("Up or down tomorrow?",
                          curves_html(models, drawn) + confusion_html(models, drawn)));
}

} // namespace stock_index
