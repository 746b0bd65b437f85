// SPDX-License-Identifier: BSD-3-Clause
//
// Two kinds of picture: heat maps of (time, units), and curves with a logarithmic axis. Written as
// SVG here, so that the example needs no other program and the pictures are small.
#pragma once

#include <xrnn/tensor/tensor.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pictures {

/// One heat map: white to dark blue for a gate, 0 to 1; else blue over white to red, from -range to
/// range, where 0 stands for the largest value of the map.
struct heat_map {
    std::string title;
    xt::xtensor<float, 2> values; // (time, units)
    bool gate = false;
    double range = 0;
};

/// One panel of curves: name and values at the panel's x.
struct chart {
    std::string title;
    std::vector<double> x;
    std::vector<std::pair<std::string, std::vector<double>>> curves;

    void add(std::string const& name, double value) { // one more point of a curve
        auto at = std::ranges::find(curves, name, [](auto const& c) { return c.first; });
        if (at == curves.end())
            at = curves.insert(at, {name, {}});
        at->second.push_back(value);
    }
};

namespace detail {

template <class... Values>
std::string print(char const* format, Values... values) {
    std::array<char, 400> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

inline std::string text(double x, double y, std::string const& what, char const* more = "") {
    return print("<text x='%.1f' y='%.1f' %s>", x, y, more) + what + "</text>\n";
}

// From the smallest value to the largest; colours as in ColorBrewer's Blues and RdBu.
using palette = std::array<std::array<double, 3>, 3>;
inline constexpr palette from_0_to_1{{{247, 251, 255}, {107, 174, 214}, {8, 48, 107}}};
inline constexpr palette around_0{{{33, 102, 172}, {247, 247, 247}, {178, 24, 43}}};

/// The colour that lies this share, 0 … 1, of the way through the palette.
inline std::string colour(double share, palette const& stops) {
    std::size_t const from = share < 0.5 ? 0 : 1;
    double const part = 2 * share - static_cast<double>(from);
    auto const mixed = [&](std::size_t k) {
        return static_cast<int>(stops[from][k] * (1 - part) + stops[from + 1][k] * part + 0.5);
    };
    return print("#%02x%02x%02x", mixed(0), mixed(1), mixed(2));
}

/// A palette as a legend is filled with it, the largest value on top.
inline std::string legend(char const* name, palette const& stops) {
    return print("<linearGradient id='%s' x2='0' y2='1'><stop stop-color='%s'/><stop offset='.5' "
                 "stop-color='%s'/><stop offset='1' stop-color='%s'/></linearGradient>\n",
                 name, colour(1, stops).c_str(), colour(0.5, stops).c_str(),
                 colour(0, stops).c_str());
}

inline void write(std::filesystem::path const& file, double width, double height,
                  std::string const& title, std::string const& content) {
    std::ofstream out(file);
    out << print("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' width='%.0f' "
                 "height='%.0f' font-family='DejaVu Sans, Helvetica, Arial, sans-serif' "
                 "font-size='12' fill='#1f2933'>\n<rect width='100%%' height='100%%' "
                 "fill='white'/>\n",
                 width, height, width, height)
        << text(width / 2, 24, title, "text-anchor='middle' font-size='15'") << content
        << "</svg>\n";
    if (!out.flush())
        throw std::runtime_error("cannot write " + file.string());
}

/// A heat map with its axes and the legend of its colours; the map's upper left corner at (x, y).
inline std::string panel(heat_map const& map, double x, double y, double width, double height) {
    std::size_t const time = map.values.shape(0), units = map.values.shape(1);
    double range = map.gate ? 1 : map.range;
    if (range == 0)
        range = std::max(1e-6, static_cast<double>(xt::amax(xt::abs(map.values))()));
    double const dx = width / static_cast<double>(time), dy = height / static_cast<double>(units);

    // All cells of one colour are one path: a tenth of the size of a rectangle for each.
    std::map<std::string, std::string> paths;
    for (std::size_t t = 0; t < time; ++t)
        for (std::size_t u = 0; u < units; ++u) {
            double const value = static_cast<double>(map.values(t, u)) / range;
            double const share = std::clamp(map.gate ? value : (value + 1) / 2, 0.0, 1.0);
            paths[colour(std::round(share * 32) / 32, map.gate ? from_0_to_1 : around_0)] +=
                print("M%zu %zuh1v1h-1z", t, u);
        }
    std::string out = text(x, y - 7, map.title);
    out += print("<g transform='translate(%.1f %.1f) scale(%.3f %.3f)' "
                 "shape-rendering='crispEdges'>\n",
                 x, y, dx, dy);
    for (auto const& [fill, path] : paths)
        out += "<path fill='" + fill + "' d='" + path + "'/>\n";
    out += "</g>\n" + print("<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='none' "
                            "stroke='#94a3b8'/>\n",
                            x, y, width, height);

    std::size_t const every = time > 20 ? 10 : 5;
    for (std::size_t t = 1; t <= time; t += t == 1 ? every - 1 : every)
        out += text(x + (static_cast<double>(t) - 0.5) * dx, y + height + 14, std::to_string(t),
                    "text-anchor='middle' font-size='11'");
    for (std::size_t u = 1; u <= units; u += units > 4 ? units - 1 : 1)
        out += text(x - 5, y + (static_cast<double>(u) - 0.5) * dy + 4, std::to_string(u),
                    "text-anchor='end' font-size='11'");

    out += print("<rect x='%.1f' y='%.1f' width='11' height='%.1f' fill='url(#%s)'/>\n",
                 x + width + 9, y, height, map.gate ? "gate" : "around_0");
    char const* const small = "font-size='11'";
    char const* const format = map.gate || range == 1 ? "%.0f" : "%.2g";
    // values beyond the range have the colour of its end
    bool const beyond = static_cast<double>(xt::amax(xt::abs(map.values))()) > range;
    std::string const above = beyond ? "≥ " : "", below = beyond ? "≤ −" : "−";
    out += text(x + width + 24, y + 9, above + print(format, range), small);
    out += text(x + width + 24, y + height, map.gate ? "0" : below + print(format, range), small);
    return out;
}

} // namespace detail

/// Heat maps, two beside each other: steps to the right, a row a unit.
inline void draw(std::filesystem::path const& file, std::string const& title,
                 std::vector<heat_map> const& maps) {
    double const left = 62, top = 66, width = 330, height = 96, wide = 430, high = 146;
    std::string out = "<defs>" + detail::legend("gate", detail::from_0_to_1) +
                      detail::legend("around_0", detail::around_0) + "</defs>\n";
    std::size_t const columns = 2, rows = (maps.size() + columns - 1) / columns;
    for (std::size_t k = 0; k < maps.size(); ++k) {
        double const x = left + wide * static_cast<double>(k % columns);
        double const y = top + high * static_cast<double>(k / columns);
        out += detail::panel(maps[k], x, y, width, height);
        if (k + columns >= maps.size())
            out +=
                detail::text(x + width / 2, y + height + 30, "time step t", "text-anchor='middle'");
        if (k % columns == 0)
            out +=
                detail::text(0, 0, "unit",
                             detail::print("text-anchor='middle' transform='translate(%.1f %.1f) "
                                           "rotate(-90)'",
                                           x - 30, y + height / 2)
                                 .c_str());
    }
    detail::write(file, wide * static_cast<double>(columns) + 30,
                  top + high * static_cast<double>(rows), title, out);
}

/// Panels side by side with the same curves in each. Values below `lowest` leave the picture.
inline void draw(std::filesystem::path const& file, std::string const& title,
                 std::string const& x_axis, std::string const& y_axis, double lowest,
                 double highest, std::vector<chart> const& charts) {
    // Okabe and Ito's colours, told apart by colour-blind readers too; dashes for the second kind.
    static constexpr std::array<char const*, 6> looks{"stroke='#444444'",
                                                      "stroke='#0072b2'",
                                                      "stroke='#d55e00'",
                                                      "stroke='#0072b2' stroke-dasharray='6 4'",
                                                      "stroke='#d55e00' stroke-dasharray='6 4'",
                                                      "stroke='#999999' stroke-dasharray='2 3'"};
    double const left = 78, top = 66, width = 350, height = 250, wide = 400;
    double const first = std::log10(lowest), last = std::log10(highest);
    std::string out;
    for (std::size_t n = 0; n < charts.size(); ++n) {
        chart const& c = charts[n];
        double const x = left + wide * static_cast<double>(n), x_low = c.x.front();
        auto const across = [&](double v) {
            return x + width * (v - x_low) / (c.x.back() - x_low);
        };
        auto const down = [&](double v) {
            return top + height * (last - std::log10(v)) / (last - first);
        };
        out += detail::text(x, top - 8, c.title);
        for (double p = first; p<last + 0.5; p += last - first> 8 ? 3 : 1) {
            double const y = down(std::pow(10, p));
            out += detail::print("<path d='M%.1f %.1fh%.0f' stroke='#e2e8f0'/>\n", x, y, width);
            if (n == 0) // the panels share the axis
                out += detail::text(x - 6, y + 4,
                                    p == 0 ? "1"
                                           : detail::print("10<tspan dy='-5' font-size='9'>%.0f"
                                                           "</tspan>",
                                                           p),
                                    "text-anchor='end'");
        }
        std::size_t const every = c.x.size() > 10 ? 10 : 1;
        for (std::size_t k = 0; k < c.x.size(); k += k == 0 && every > 1 ? every - 1 : every)
            out += detail::text(across(c.x[k]), top + height + 16, detail::print("%.0f", c.x[k]),
                                "text-anchor='middle'");
        out += detail::text(x + width / 2, top + height + 36, x_axis, "text-anchor='middle'");
        for (std::size_t k = 0; k < c.curves.size(); ++k) {
            std::string path;
            for (std::size_t t = 0; t < c.x.size(); ++t)
                if (c.curves[k].second[t] >= lowest)
                    path += detail::print("%s%.1f %.1f", path.empty() ? "M" : "L", across(c.x[t]),
                                          down(c.curves[k].second[t]));
            out += detail::print("<path fill='none' stroke-width='2' %s d='", looks[k % 6]) + path +
                   "'/>\n";
        }
        out += detail::print("<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='none' "
                             "stroke='#94a3b8'/>\n",
                             x, top, width, height);
    }
    auto const& names = charts[0].curves;
    std::size_t const columns = charts.size() == 1 ? 2 : 3;
    double const whole = left + wide * static_cast<double>(charts.size());
    for (std::size_t k = 0; k < names.size(); ++k) { // the legend, below
        double const x =
            left + (whole - left) * static_cast<double>(k % columns) / static_cast<double>(columns);
        double const y = top + height + 62 + 20 * static_cast<double>(k / columns);
        out += detail::print("<path stroke-width='2' %s d='M%.1f %.1fh28'/>\n", looks[k % 6], x,
                             y - 4) +
               detail::text(x + 34, y, names[k].first);
    }
    out += detail::text(0, 0, y_axis,
                        detail::print("text-anchor='middle' transform='translate(20 %.1f) "
                                      "rotate(-90)'",
                                      top + height / 2)
                            .c_str());
    detail::write(
        file, whole,
        top + height + 56 +
            20 * std::ceil(static_cast<double>(names.size()) / static_cast<double>(columns)),
        title, out);
}

} // namespace pictures
