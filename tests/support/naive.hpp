// SPDX-License-Identifier: BSD-3-Clause
//
// The layers once more, as plainly as their equations can be written: loops over doubles, one row at
// a time, sharing no code with the library. Everything else is compared with this.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace naive {

using vec = std::vector<double>;
using steps = std::vector<vec>; // one vector a time step
using function = double (*)(double);

inline double linear(double a) {
    return a;
}
inline double relu(double a) {
    return a > 0 ? a : 0;
}
inline double sigmoid(double a) {
    return 1 / (1 + std::exp(-a));
}
inline double tanh(double a) {
    return std::tanh(a);
}
inline double hard_sigmoid(double a) {
    return std::min(std::max(a + 3, 0.0), 6.0) / 6;
}

/// Row-major; an absent matrix or bias is empty and counts as zero.
struct matrix {
    std::size_t columns = 0;
    vec values;
    double operator()(std::size_t row, std::size_t column) const {
        return values.empty() ? 0.0 : values[row * columns + column];
    }
};

/// sum_k in_k · m(k, column).
inline double product(vec const& in, matrix const& m, std::size_t column) {
    double sum = 0;
    for (std::size_t k = 0; k < in.size(); ++k)
        sum += in[k] * m(k, column);
    return sum;
}

inline double at(vec const& bias, std::size_t k) {
    return bias.empty() ? 0.0 : bias[k];
}

struct parameters {
    matrix kernel, recurrent;
    vec bias;
};

struct lstm_steps {
    steps h, c, i, f, g, o;
};

/// Columns i|f|g|o.
inline lstm_steps lstm(parameters const& p, steps const& x, vec h, vec c, function gate,
                       function act) {
    std::size_t const units = h.size();
    lstm_steps all;
    for (vec const& x_t : x) {
        vec i(units), f(units), g(units), o(units), h_new(units), c_new(units);
        for (std::size_t u = 0; u < units; ++u) {
            auto const sum = [&](std::size_t block) {
                std::size_t const k = block * units + u;
                return product(x_t, p.kernel, k) + product(h, p.recurrent, k) + at(p.bias, k);
            };
            i[u] = gate(sum(0));
            f[u] = gate(sum(1));
            g[u] = act(sum(2));
            o[u] = gate(sum(3));
            c_new[u] = f[u] * c[u] + i[u] * g[u];
            h_new[u] = o[u] * act(c_new[u]);
        }
        h = h_new;
        c = c_new;
        all.h.push_back(h);
        all.c.push_back(c);
        all.i.push_back(i);
        all.f.push_back(f);
        all.g.push_back(g);
        all.o.push_back(o);
    }
    return all;
}

struct gru_steps {
    steps h, z, r, n;
};

/// Columns z|r|n. With reset_after the bias has two rows: of x, then of h.
inline gru_steps gru(parameters const& p, steps const& x, vec h, bool reset_after, function gate,
                     function act) {
    std::size_t const units = h.size();
    gru_steps all;
    for (vec const& x_t : x) {
        vec z(units), r(units), n(units), reset(units), h_new(units);
        auto const from_x = [&](std::size_t k) {
            return product(x_t, p.kernel, k) + at(p.bias, k);
        };
        auto const from_h = [&](vec const& state, std::size_t k) {
            return product(state, p.recurrent, k) + (reset_after ? at(p.bias, 3 * units + k) : 0.0);
        };
        for (std::size_t u = 0; u < units; ++u) {
            z[u] = gate(from_x(u) + from_h(h, u));
            r[u] = gate(from_x(units + u) + from_h(h, units + u));
            reset[u] = r[u] * h[u];
        }
        for (std::size_t u = 0; u < units; ++u) {
            std::size_t const k = 2 * units + u;
            n[u] = act(from_x(k) + (reset_after ? r[u] * from_h(h, k) : from_h(reset, k)));
            h_new[u] = z[u] * h[u] + (1 - z[u]) * n[u];
        }
        h = h_new;
        all.h.push_back(h);
        all.z.push_back(z);
        all.r.push_back(r);
        all.n.push_back(n);
    }
    return all;
}

inline steps simple_rnn(parameters const& p, steps const& x, vec h, function act) {
    steps all;
    for (vec const& x_t : x) {
        vec h_new(h.size());
        for (std::size_t u = 0; u < h.size(); ++u)
            h_new[u] = act(product(x_t, p.kernel, u) + product(h, p.recurrent, u) + at(p.bias, u));
        h = h_new;
        all.push_back(h);
    }
    return all;
}

inline vec dense(parameters const& p, vec const& x, std::size_t units, function act) {
    vec y(units);
    for (std::size_t u = 0; u < units; ++u)
        y[u] = act(product(x, p.kernel, u) + at(p.bias, u));
    return y;
}

inline vec softmax(vec y) {
    double const largest = *std::max_element(y.begin(), y.end());
    double total = 0;
    for (double& v : y)
        total += v = std::exp(v - largest);
    for (double& v : y)
        v /= total;
    return y;
}

} // namespace naive
