// SPDX-License-Identifier: BSD-3-Clause
#include "tables.hpp"

#include "document.hpp"
#include "text.hpp"

#include <algorithm>

namespace stock_index {

namespace {

/// ".1969", as the document's figures are quoted: no zero before the point.
std::string bare(double value, int digits = 4) {
    auto text = fixed(value, digits);
    return text.rfind("0.", 0) == 0 ? text.substr(1) : text;
}

std::string bare_spread(std::vector<double> const& values, int digits = 4) {
    if (values.size() < 2) {
        return bare(median(values), digits);
    }
    return bare(median(values), digits) + " [" + bare(quantile(values, 0.05), digits) + " " +
           bare(quantile(values, 0.95), digits) + "]";
}

std::string shape(std::vector<std::size_t> const& sizes) {
    std::string text = "(";
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
    }
    return text + ")";
}

std::string printed_text(std::string const& model) {
    for (auto const& line : document::printed_figures) {
        if (line.model == model) {
            return (line.epoch == 0 ? "mid" : "e" + std::to_string(line.epoch)) + ": " +
                   (line.loss ? bare(*line.loss) : "-") + " / " +
                   (line.accuracy ? bare(*line.accuracy) : "-");
        }
    }
    return "-";
}

std::size_t width_of(std::string const& cell) {
    return static_cast<std::size_t>(std::count_if(
        cell.begin(), cell.end(), [](char c) { return (c & 0xC0) != 0x80; })); // UTF-8: code points
}

std::string padded(std::string const& cell, std::size_t width, bool left) {
    std::string const blanks(width - std::min(width, width_of(cell)), ' ');
    return left ? cell + blanks : blanks + cell;
}

} // namespace

std::string confusion_text(matrix_of_counts const& counts) {
    std::string text = "[";
    for (std::size_t row = 0; row < counts.size(); ++row) {
        text += row == 0 ? "[" : ", [";
        for (std::size_t column = 0; column < counts[row].size(); ++column) {
            text += (column == 0 ? "" : ", ") + std::to_string(counts[row][column]);
        }
        text += "]";
    }
    return text + "]";
}

table data_table(data_result const& data) {
    auto const& up = data.always_up;
    auto const parts = std::to_string(data.train.size()) + " / " +
                       std::to_string(data.test.size()) + " / " + std::to_string(data.val.size());
    return {
        "The data",
        {"step", "result"},
        {{"folder, target", data.folder + ", " + data.target},
         {"days", "after " + std::to_string(data.since) + ": " + std::to_string(data.first_date) +
                      " to " + std::to_string(data.last_date)},
         {"merged on the date (rows, columns with the date)",
          shape({data.merged_shape[0], data.merged_shape[1]})},
         {"scaled (" + data.scaler + " rows), rows without NaN",
          shape({data.kept_rows, data.merged_shape[1]})},
         {"windows (windows, time, features)",
          shape({data.windows_shape[0], data.windows_shape[1], data.windows_shape[2]})},
         {"label", data.label},
         {"split: train / test / validation", data.split + ": " + parts},
         {"always-up is right on: all / train / test / validation",
          bare(up.all) + " / " + bare(up.train) + " / " + bare(up.test) + " / " + bare(up.val)}}};
}

table results_table(study_result const& study) {
    auto const runs = study.models.empty() ? 0 : study.models.front().runs.size();
    table out{"The models: median [5 % 95 %] over " + std::to_string(runs) +
                  " seeds; loss is the mean squared error",
              {"model", "document", "logged loss", "logged acc", "evaluated loss", "evaluated acc",
               "test acc", "always up", "dead", "weights", "state", "ns/step"},
              {}};
    for (auto const& model : study.models) {
        auto const name = model.name + (model.fits_all ? " *" : "");
        out.rows.push_back(
            {name, printed_text(model.name), bare_spread(model.each(&run_result::log_loss)),
             bare_spread(model.each(&run_result::log_acc)),
             bare_spread(model.each(&run_result::train_loss)),
             bare_spread(model.each(&run_result::train_acc)),
             bare_spread(model.each(&run_result::test_acc)), bare(model.always_up),
             std::to_string(model.dead_runs()) + "/" + std::to_string(model.runs.size()),
             std::to_string(model.parameters), std::to_string(model.state_size),
             fixed(median(model.ns_per_step), 0)});
    }
    return out;
}

table claims_table(study_result const& study) {
    table out{"The document's claims", {"claim", "measure", "found", "verdict"}, {}, true};
    for (auto const& claim : study.claims) {
        out.rows.push_back({claim.text, claim.measure, claim.found, claim.verdict});
    }
    return out;
}

table honest_table(study_result const& study) {
    table out{"The honest variant: " + study.honest_setting,
              {"model", "epochs", "seeds", "evaluated loss", "evaluated acc", "test loss",
               "test acc", "always up", "dead"},
              {}};
    for (auto const& model : study.honest) {
        model_result values;
        values.runs = model.runs;
        out.rows.push_back(
            {model.name, std::to_string(model.epochs), std::to_string(model.runs.size()),
             bare_spread(values.each(&run_result::train_loss)),
             bare_spread(values.each(&run_result::train_acc)),
             bare_spread(values.each(&run_result::test_loss)),
             bare_spread(values.each(&run_result::test_acc)), bare(study.honest_always_up.test),
             std::to_string(values.dead_runs()) + "/" + std::to_string(model.runs.size())});
    }
    return out;
}

table cross_table(study_result const& study) {
    table out{"Cross-validated: " + study.cross_setting,
              {"model", "test acc", "std. dev.", "least", "largest", "always the same", "epochs"},
              {}};
    for (auto const& model : study.crossed) {
        auto const [least, largest] =
            std::minmax_element(model.accuracy.begin(), model.accuracy.end());
        out.rows.push_back({model.name, bare(model.mean), bare(model.deviation), bare(*least),
                            bare(*largest), bare(model.always_mean),
                            fixed(median(model.epochs), 0)});
    }
    return out;
}

std::string to_text(table const& content) {
    std::string out = content.caption + "\n";
    if (content.prose) {
        for (auto const& row : content.rows) {
            out += "- " + row.front() + "\n";
            for (std::size_t i = 1; i < row.size(); ++i) {
                out += "    " + padded(content.header[i] + ":", 9, true) + row[i] + "\n";
            }
        }
        return out;
    }
    std::vector<std::size_t> widths;
    for (auto const& cell : content.header) {
        widths.push_back(width_of(cell));
    }
    for (auto const& row : content.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    auto const line = [&](std::vector<std::string> const& cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            auto const left = i == 0 || cells.size() == 2;
            text += (i == 0 ? "  " : "  ") + padded(cells[i], widths[i], left);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        return text + "\n";
    };
    out += line(content.header);
    for (auto const& row : content.rows) {
        out += line(row);
    }
    return out;
}

std::string to_html(table const& content) {
    auto const kind = content.prose || content.header.size() == 2 ? " class=\"prose\"" : "";
    std::string out = "<div class=\"wide\"><table" + std::string{kind} + ">\n<caption>" +
                      escape_html(content.caption) + "</caption>\n<thead><tr>";
    for (auto const& cell : content.header) {
        out += "<th>" + escape_html(cell) + "</th>";
    }
    out += "</tr></thead>\n<tbody>\n";
    for (auto const& row : content.rows) {
        out += "<tr>";
        for (auto const& cell : row) {
            // "median [5 % 95 %]" in two lines, so that the table fits a page
            auto const at =
                content.prose || cell.rfind('[', 0) == 0 ? std::string::npos : cell.find(" [");
            out += "<td>" + escape_html(cell.substr(0, at)) +
                   (at == std::string::npos
                        ? ""
                        : "<br><small>" + escape_html(cell.substr(at + 1)) + "</small>") +
                   "</td>";
        }
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

} // namespace stock_index
