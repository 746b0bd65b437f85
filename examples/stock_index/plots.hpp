// SPDX-License-Identifier: BSD-3-Clause
//
// The pictures of the report, drawn by gnuplot, which is called as a program.
#pragma once

#include "results.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stock_index {

/// One curve of a panel: a value an epoch, and the points that the document prints.
struct curve {
    std::string name;
    std::vector<double> values;
    struct point {
        double epoch, value;
    };
    std::vector<point> printed{};
};

struct curve_panel {
    std::string title;
    std::vector<curve> curves;
};

/// A matrix to be shown as coloured cells with its numbers in them.
struct confusion_picture {
    std::string title;
    std::vector<std::vector<double>> counts; // rows: truth, columns: prediction
};

/// gnuplot's scripts; each is a picture of its own and reads no file.
std::string curves_script(std::string const& title, std::string const& value_axis,
                          std::vector<curve_panel> const& panels);
std::string confusion_script(std::vector<confusion_picture> const& pictures);
std::string heat_map_script(explained_model const& model);

/// True when the program gnuplot can be run.
bool has_gnuplot();

/// Runs `script` with its output in `svg`. False when gnuplot failed; nothing is left behind then.
bool draw(std::string const& script, std::filesystem::path const& svg);

} // namespace stock_index
