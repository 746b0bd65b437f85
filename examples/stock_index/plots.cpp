// SPDX-License-Identifier: BSD-3-Clause
#include "plots.hpp"

#include "text.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace stock_index {

namespace {

/// `text` between gnuplot's single quotes, in which only the quote itself must be doubled.
std::string quoted(std::string const& text) {
    std::string out = "'";
    for (char const c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + "'";
}

/// A data block's name.
std::string numbered(char const* letter, std::size_t index) {
    return std::string{letter}.append(std::to_string(index));
}

std::string terminal(int width, int height) {
    return "set terminal svg size " + std::to_string(width) + "," + std::to_string(height) +
           " dynamic font 'Helvetica,Arial,sans-serif,13' background 'white' noenhanced\n";
}

// Okabe and Ito's colours: told apart by colour-blind readers too.
char const* colour(std::size_t index) {
    static constexpr char const* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};
    return colours[index % 4];
}

std::string curve_data(curve const& line, std::string const& name) {
    std::string out = "$" + name + " << EOD\n";
    for (std::size_t i = 0; i < line.values.size(); ++i) {
        out += std::to_string(i + 1) + " " + fixed(line.values[i], 6) + "\n";
    }
    out += "EOD\n";
    if (!line.printed.empty()) {
        out += "$" + name + "p << EOD\n";
        for (auto const& point : line.printed) {
            out += fixed(point.epoch, 0) + " " + fixed(point.value, 6) + "\n";
        }
        out += "EOD\n";
    }
    return out;
}

std::string panel_of_curves(curve_panel const& panel, std::string const& prefix) {
    std::string out = "set title " + quoted(panel.title) + "\n";
    std::string plots;
    std::size_t epochs = 1;
    for (std::size_t i = 0; i < panel.curves.size(); ++i) {
        auto const& line = panel.curves[i];
        auto const name = prefix + std::to_string(i);
        out += curve_data(line, name);
        epochs = std::max(epochs, line.values.size());
        plots += (plots.empty() ? "" : ", ") + ("$" + name) +
                 " using 1:2 with linespoints lw 2 pt 7 ps 0.4 lc rgb '" + colour(i) + "' title " +
                 quoted(line.name);
        if (!line.printed.empty()) {
            plots += ", $" + name + "p using 1:2 with points pt 4 ps 1.2 lw 2 lc rgb '" +
                     colour(i) + "' notitle";
        }
    }
    out += "set xrange [0.5:" + fixed(static_cast<double>(epochs) + 0.5, 1) + "]\n";
    out += "set xtics " + std::string{epochs > 20 ? "20" : epochs > 5 ? "2" : "1"} + "\n";
    return out + "plot " + plots + "\n";
}

/// A filled rectangle for each cell, so that the picture stays vectors.
std::string panel_of_counts(confusion_picture const& picture, std::string const& name) {
    auto const& counts = picture.counts;
    double largest = 1e-9;
    for (auto const& row : counts) {
        for (double const value : row) {
            largest = std::max(largest, value);
        }
    }
    std::string out = "set title " + quoted(picture.title) + "\n$" + name + " << EOD\n";
    for (std::size_t row = 0; row < counts.size(); ++row) {
        for (std::size_t column = 0; column < counts[row].size(); ++column) {
            double const value = counts[row][column];
            auto const whole = std::abs(value - std::round(value)) < 1e-9;
            out += std::to_string(column) + " " + std::to_string(row) + " " +
                   fixed(value / largest, 4) + " " + fixed(value, whole ? 0 : 1) + "\n";
        }
    }
    auto const last = fixed(static_cast<double>(counts.size()) - 0.5, 1);
    out += "EOD\nset xrange [-0.5:" + last + "]\nset yrange [" + last + ":-0.5]\n";
    out += "plot $" + name +
           " using 1:2:(0.5):(0.5):(shade($3)) with boxxyerror fillstyle solid 1 border lc "
           "rgb '#888888' lc rgb variable notitle, $" +
           name + " using 1:2:4:(ink($3)) with labels textcolor rgb variable notitle\n";
    return out;
}

std::string panel_of_heat(explained_model::panel const& panel, std::string const& name) {
    auto const units = std::max<std::size_t>(panel.units, 1);
    auto const steps = panel.values.size() / units;
    double largest = 1e-6;
    std::string out = "$" + name + " << EOD\n";
    for (std::size_t unit = 0; unit < units; ++unit) {
        for (std::size_t time = 0; time < steps; ++time) {
            double const value = panel.values[time * units + unit];
            largest = std::max(largest, std::abs(value));
            out += std::to_string(time + 1) + " " + std::to_string(unit + 1) + " " +
                   fixed(value, 6) + "\n";
        }
        out += "\n";
    }
    out += "EOD\nset title " + quoted(panel.title) + "\n";
    if (panel.gate) {
        out += "set palette defined (0 '#f7fbff', 0.5 '#6baed6', 1 '#08306b')\n"
               "set cbrange [0:1]\nset cbtics 0,0.5,1 format '%.1f'\n";
    } else {
        auto const range = fixed(largest, 6);
        out += "set palette defined (-1 '#2166ac', 0 '#f7f7f7', 1 '#b2182b')\nset cbrange [-" +
               range + ":" + range + "]\nset cbtics (" + quoted("-" + fixed(largest, 2)) + " -" +
               range + ", '0' 0, " + quoted(fixed(largest, 2)) + " " + range + ")\n";
    }
    out += "set xrange [0.5:" + fixed(static_cast<double>(steps) + 0.5, 1) +
           "]\nset yrange [0.5:" + fixed(static_cast<double>(units) + 0.5, 1) + "]\n";
    out += "set xtics 1 out nomirror\nset ytics " + std::to_string(units > 10 ? 5 : 1) +
           " out nomirror\n";
    return out + "plot $" + name + " using 1:2:3 with image pixels notitle\n";
}

} // namespace

std::string curves_script(std::string const& title, std::string const& value_axis,
                          std::vector<curve_panel> const& panels) {
    auto const rows = (panels.size() + 1) / 2;
    auto out = terminal(1000, static_cast<int>(rows) * 330 + 40);
    out += "set multiplot layout " + std::to_string(rows) + ",2 title " + quoted(title) + "\n";
    out += "set grid lc rgb '#dddddd'\nset bmargin 6.5\nset key at graph 0.5,-0.36 center top "
           "horizontal samplen 2\n"
           "set border 3\nset xtics nomirror\nset ytics nomirror\n"
           "set xlabel 'epoch' offset 0,0.3\nset ylabel " +
           quoted(value_axis) + "\n";
    out += value_axis == "accuracy" ? "set yrange [0:1]\n"
                                    : "set yrange [0:*]\nset offsets 0,0,graph 0.08,0\n";
    for (std::size_t i = 0; i < panels.size(); ++i) {
        out += panel_of_curves(panels[i], numbered("c", i) + "_");
    }
    return out + "unset multiplot\n";
}

std::string confusion_script(std::vector<confusion_picture> const& pictures) {
    constexpr std::size_t columns = 5;
    auto const rows = (pictures.size() + columns - 1) / columns;
    auto out = terminal(1000, static_cast<int>(rows) * 215);
    out += "shade(v) = int(255-205*v)*65536 + int(255-141*v)*256 + int(255-77*v)\n"
           "ink(v) = v > 0.6 ? 0xffffff : 0x222222\n"
           "set multiplot layout " +
           std::to_string(rows) + "," + std::to_string(columns) +
           "\nunset key\nset xtics 1 scale 0\nset ytics 1 scale 0\nset size ratio 1\n"
           "set xlabel 'predicted' offset 0,0.6\nset ylabel 'true' offset 1.2,0\n"
           "set title offset 0,-0.6\n";
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        out += panel_of_counts(pictures[i], numbered("m", i));
    }
    return out + "unset multiplot\n";
}

std::string heat_map_script(explained_model const& model) {
    constexpr std::size_t columns = 2;
    auto const rows = (model.panels.size() + columns - 1) / columns;
    auto out = terminal(1000, static_cast<int>(rows) * 240 + 40);
    out += "set multiplot layout " + std::to_string(rows) + "," + std::to_string(columns) +
           " title " + quoted(model.name) +
           "\nset xlabel 'time step of the window' offset 0,0.4\nset ylabel 'unit' offset 1,0\n";
    for (std::size_t i = 0; i < model.panels.size(); ++i) {
        out += panel_of_heat(model.panels[i], numbered("h", i));
    }
    return out + "unset multiplot\n";
}

bool has_gnuplot() {
    auto* const pipe = popen("gnuplot --version 2>/dev/null", "r");
    if (pipe == nullptr) {
        return false;
    }
    char line[64] = {};
    bool const answered = std::fgets(line, sizeof line, pipe) != nullptr;
    return pclose(pipe) == 0 && answered;
}

bool draw(std::string const& script, std::filesystem::path const& svg) {
    // The script goes through a pipe: no shell ever sees a path or a title. Should gnuplot die on
    // the way, writing must fail and not end this program by SIGPIPE.
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    auto* const pipe = popen("gnuplot 2>/dev/null", "w");
    bool drawn = pipe != nullptr;
    if (drawn) {
        auto const all = "set output " + quoted(svg.string()) + "\n" + script + "set output\n";
        drawn = std::fwrite(all.data(), 1, all.size(), pipe) == all.size();
        drawn = pclose(pipe) == 0 && drawn;
    }
    std::signal(SIGPIPE, before);
    std::error_code ignored;
    if (drawn && std::filesystem::file_size(svg, ignored) > 0 && !ignored) {
        return true;
    }
    std::filesystem::remove(svg, ignored);
    return false;
}

} // namespace stock_index
