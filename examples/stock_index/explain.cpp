// SPDX-License-Identifier: BSD-3-Clause
//
// One window from inside: the last step of an LSTM and of a GRU, equation by equation with its
// numbers, each computed here from the weights and compared with the library's trace.
#include "experiment.hpp"
#include "models.hpp"
#include "text.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace stock_index {

namespace {

double sigma(double x) {
    return 1 / (1 + std::exp(-x));
}

/// Four decimals in seven characters: " 0.1234" or "-0.1234".
std::string number(double value) {
    auto const text = fixed(value, 4);
    return text == "-0.0000" ? " 0.0000" : (text.front() == '-' ? "" : " ") + text;
}

/// A recurrent layer's weights in Keras's layout: kernel (in, gates * units), and so on.
struct layer_weights {
    std::vector<double> kernel, recurrent, bias;
    std::size_t units, gates;

    double from_x(std::size_t gate, std::size_t unit, std::vector<double> const& x) const {
        return product(kernel, gate, unit, x);
    }
    double from_h(std::size_t gate, std::size_t unit, std::vector<double> const& h) const {
        return product(recurrent, gate, unit, h);
    }
    double bias_of(std::size_t gate, std::size_t unit, std::size_t row = 0) const {
        return bias[row * gates * units + gate * units + unit];
    }

  private:
    double product(std::vector<double> const& matrix, std::size_t gate, std::size_t unit,
                   std::vector<double> const& with) const {
        double sum = 0;
        for (std::size_t i = 0; i < with.size(); ++i) {
            sum += matrix[i * gates * units + gate * units + unit] * with[i];
        }
        return sum;
    }
};

template <class Model>
std::vector<double> parameter(Model& model, std::string const& name) {
    auto const values = model.parameter(name);
    return {values.begin(), values.end()};
}

template <class Model>
layer_weights weights_of(Model& model, std::string const& layer, std::size_t units,
                         std::size_t gates) {
    return {parameter(model, layer + ".kernel"), parameter(model, layer + ".recurrent_kernel"),
            parameter(model, layer + ".bias"), units, gates};
}

/// Row `time` of a matrix (time, width); zeros before the first.
template <class Matrix>
std::vector<double> row_of(Matrix const& matrix, std::ptrdiff_t time) {
    std::vector<double> row(matrix.shape()[1]);
    for (std::size_t i = 0; time >= 0 && i < row.size(); ++i) {
        row[i] = static_cast<double>(matrix(static_cast<std::size_t>(time), i));
    }
    return row;
}

struct panel_title {
    char const* name; // as the trace names it
    char const* title;
    bool gate;
};

template <class Trace>
std::vector<explained_model::panel> panels_of(Trace const& of,
                                              std::vector<panel_title> const& titles) {
    std::vector<explained_model::panel> panels;
    for (auto const& [name, title, gate] : titles) {
        auto const& values = of[name];
        panels.push_back({name, title, gate, values.shape()[1], {}});
        for (auto const value : values) {
            panels.back().values.push_back(static_cast<double>(value));
        }
    }
    return panels;
}

/// Collects the lines and the largest difference between them and the trace.
class writer {
  public:
    void heading(std::string const& text) { text_ += text + "\n"; }
    void line(std::size_t unit, std::string const& terms, double value, double traced) {
        difference_ = std::max(difference_, std::abs(value - traced));
        text_ +=
            "    unit " + std::to_string(unit + 1) + ": " + terms + " = " + number(value) + "\n";
    }
    void line(std::string const& terms, double value, double traced) {
        difference_ = std::max(difference_, std::abs(value - traced));
        text_ += "    " + terms + " = " + number(value) + "\n";
    }
    std::string const& text() const { return text_; }
    double difference() const { return difference_; }

  private:
    std::string text_;
    double difference_ = 0;
};

/// y = activation(W·h + b), the dense layer on the last hidden state.
template <class Model, class Activation>
void write_output(Model& model, std::vector<double> const& h, std::string const& formula,
                  double predicted, Activation activation, writer& out) {
    auto const kernel = parameter(model, "dense.kernel");
    double sum = parameter(model, "dense.bias").front();
    for (std::size_t i = 0; i < h.size(); ++i) {
        sum += kernel[i] * h[i];
    }
    out.heading("prediction: " + formula + "; above 0.5 means up");
    out.line(formula.substr(0, formula.find('(') + 1) + number(sum) + ")", activation(sum),
             predicted);
}

template <class Model>
void fit(Model& model, fit_data const& rows, unsigned seed) {
    model.initialize(seed);
    auto trainer = compile(model, mean_squared_error{}, adam{}, accuracy{});
    trainer.fit(rows.x_fit, rows.y_fit,
                {.epochs = 5, .batch_size = 32, .verbose = 0, .seed = seed});
}

template <class Model>
double predict_one(Model const& model, xt::xtensor<float, 2> const& window) {
    xt::xtensor<float, 3> const batch = xt::view(window, xt::newaxis(), xt::all(), xt::all());
    return static_cast<double>(model.predict(batch)(0, 0));
}

/// One gate: "σ(W·x + U·h + b)" with its numbers for every unit.
void write_gate(layer_weights const& weights, std::size_t gate, std::string const& heading,
                double (*activation)(double), std::vector<double> const& x,
                std::vector<double> const& h, std::vector<double> const& traced, writer& out) {
    out.heading(heading);
    auto const name = activation == sigma ? std::string{"σ"} : std::string{"tanh"};
    for (std::size_t unit = 0; unit < weights.units; ++unit) {
        double const wx = weights.from_x(gate, unit, x);
        double const wh = weights.from_h(gate, unit, h);
        double const b = weights.bias_of(gate, unit);
        out.line(unit,
                 name + "(W·x " + number(wx) + " + W·h " + number(wh) + " + b " + number(b) +
                     " = " + number(wx + wh + b) + ")",
                 activation(wx + wh + b), traced[unit]);
    }
}

/// a∘b + c∘d, unit by unit.
void write_mix(std::string const& heading, std::vector<double> const& a,
               std::vector<double> const& b, std::vector<double> const& c,
               std::vector<double> const& d, std::vector<double> const& traced, writer& out) {
    out.heading(heading);
    for (std::size_t u = 0; u < a.size(); ++u) {
        out.line(u,
                 number(a[u]) + " * " + number(b[u]) + " + " + number(c[u]) + " * " + number(d[u]),
                 a[u] * b[u] + c[u] * d[u], traced[u]);
    }
}

/// The GRU's bias has a row for W·x and one for U·h; z and r add both.
layer_weights with_both_biases(layer_weights weights) {
    auto const half = weights.bias.size() / 2;
    for (std::size_t k = 0; k < half; ++k) {
        weights.bias[k] += weights.bias[half + k];
    }
    return weights;
}

double tanh_of(double x) {
    return std::tanh(x);
}

} // namespace

explained_model explain_lstm(fit_data const& rows, xt::xtensor<float, 2> const& window,
                             unsigned seed) {
    constexpr std::size_t units = 4;
    auto model = single<lstm<units>, relu>();
    fit(model, rows, seed);
    auto const traced = trace(model, window);
    auto const& of = traced["lstm"];
    auto const weights = weights_of(model, "lstm", units, 4);
    auto const last = static_cast<std::ptrdiff_t>(window.shape()[0]) - 1;
    auto const at = [&](char const* name, std::ptrdiff_t back = 0) {
        return row_of(of[name], last - back);
    };
    auto const x = row_of(window, last);
    auto const h_before = at("h", 1), c_before = at("c", 1);
    auto const i = at("i"), f = at("f"), g = at("g"), o = at("o"), c = at("c"), h = at("h");
    writer out;
    write_gate(weights, 1,
               "forget gate: f_t = σ(W_f·[h_{t-1}, x_t] + b_f), what is kept of the old state",
               sigma, x, h_before, f, out);
    write_gate(weights, 0, "input gate: i_t = σ(W_i·[h_{t-1}, x_t] + b_i), what is let in", sigma,
               x, h_before, i, out);
    write_gate(weights, 2, "candidate: C~_t = tanh(W_C·[h_{t-1}, x_t] + b_C), what could be new",
               tanh_of, x, h_before, g, out);
    write_mix("cell state: C_t = f_t∘C_{t-1} + i_t∘C~_t", f, c_before, i, g, c, out);
    write_gate(weights, 3, "output gate: o_t = σ(W_o·[h_{t-1}, x_t] + b_o), what is shown", sigma,
               x, h_before, o, out);
    out.heading("hidden state: h_t = o_t∘tanh(C_t)");
    for (std::size_t u = 0; u < units; ++u) {
        out.line(u, number(o[u]) + " * tanh(" + number(c[u]) + ")", o[u] * std::tanh(c[u]), h[u]);
    }
    write_output(
        model, h, "y = relu(W·h_t + b)", predict_one(model, window),
        [](double v) { return std::max(v, 0.0); }, out);
    return {"LSTM(4) relu", out.text(), out.difference(),
            panels_of(of, {{"f", "forget gate f", true},
                           {"i", "input gate i", true},
                           {"g", "candidate C~", false},
                           {"o", "output gate o", true},
                           {"c", "cell state C", false},
                           {"h", "hidden state h", false}})};
}

explained_model explain_gru(fit_data const& rows, xt::xtensor<float, 2> const& window,
                            unsigned seed) {
    constexpr std::size_t units = 5;
    auto model = single<gru<units>, sigmoid>();
    fit(model, rows, seed);
    auto const traced = trace(model, window);
    auto const& of = traced["gru"];
    auto const weights = weights_of(model, "gru", units, 3);
    auto const last = static_cast<std::ptrdiff_t>(window.shape()[0]) - 1;
    auto const x = row_of(window, last);
    auto const h_before = row_of(of["h"], last - 1);
    auto const z = row_of(of["z"], last), r = row_of(of["r"], last), n = row_of(of["n"], last),
               h = row_of(of["h"], last);
    auto const both = with_both_biases(weights);
    writer out;
    write_gate(both, 0,
               "update gate: z_t = σ(W_z·[h_{t-1}, x_t] + b_z), what is kept of the old state",
               sigma, x, h_before, z, out);
    write_gate(both, 1,
               "reset gate: r_t = σ(W_r·[h_{t-1}, x_t] + b_r), what the candidate sees of it",
               sigma, x, h_before, r, out);
    out.heading(
        "candidate: n_t = tanh(W_n·x_t + b_n + r_t∘(U_n·h_{t-1} + b'_n)) (the document does "
        "not write it)");
    for (std::size_t u = 0; u < units; ++u) {
        double const from_x = weights.from_x(2, u, x) + weights.bias_of(2, u);
        double const from_h = weights.from_h(2, u, h_before) + weights.bias_of(2, u, 1);
        out.line(u,
                 "tanh(W·x + b " + number(from_x) + " + r " + number(r[u]) + " * (U·h + b') " +
                     number(from_h) + ")",
                 std::tanh(from_x + r[u] * from_h), n[u]);
    }
    auto rest = z;
    for (double& value : rest) {
        value = 1 - value;
    }
    write_mix("hidden state: h_t = z_t∘h_{t-1} + (1 - z_t)∘n_t", z, h_before, rest, n, h, out);
    write_output(model, h, "y = σ(W·h_t + b)", predict_one(model, window), sigma, out);
    return {"GRU(5) sigmoid", out.text(), out.difference(),
            panels_of(of, {{"z", "update gate z", true},
                           {"r", "reset gate r", true},
                           {"n", "candidate n", false},
                           {"h", "hidden state h", false}})};
}

} // namespace stock_index
