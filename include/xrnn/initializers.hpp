// SPDX-License-Identifier: BSD-3-Clause
//
// Initial weights by Keras's names and formulas, seeded.
#pragma once

#include <algorithm>
#include <span>
#include <variant>
#include <vector>

#include <xrnn/layout.hpp>
#include <xrnn/random.hpp>

namespace xrnn::inline XRNN_ABI {

/// Uniform in ±sqrt(6 / (rows + columns)). Source: Glorot and Bengio 2010; Keras's GlorotUniform.
struct glorot_uniform {};

/// Rows (or columns, if these are fewer) that are orthonormal over the whole matrix, times gain.
/// Source: Saxe, McClelland and Ganguli 2013; Keras's Orthogonal.
struct orthogonal {
    double gain = 1.0;
};

/// Uniform in [minval, maxval); Keras's RandomUniform.
struct random_uniform {
    double minval = -0.05;
    double maxval = 0.05;
};

/// Normal; Keras's RandomNormal.
struct random_normal {
    double mean = 0.0;
    double stddev = 0.05;
};

/// All equal; Keras's Constant, Zeros, Ones.
struct constant {
    double value = 0.0;
};
struct zeros {};
struct ones {};

using initializer =
    std::variant<glorot_uniform, orthogonal, random_uniform, random_normal, constant, zeros, ones>;

namespace detail {

/// A matrix (rows, columns), row-major, with orthonormal rows if rows <= columns, else columns:
/// Gram and Schmidt, each vector orthogonalised twice, which is as good as Householder's QR here and
/// has the sign convention (diagonal of R positive) that Keras enforces.
inline std::vector<double> orthogonal_matrix(std::size_t rows, std::size_t columns,
                                             random_stream const& random) {
    std::size_t const n = std::min(rows, columns);
    std::size_t const length = std::max(rows, columns);
    std::vector<double> q(n * length);
    for (std::size_t k = 0; k < q.size(); ++k)
        q[k] = random.normal(k);
    for (std::size_t i = 0; i < n; ++i) {
        double* const v = &q[i * length];
        for (int repeat = 0; repeat < 2; ++repeat)
            for (std::size_t j = 0; j < i; ++j) {
                double const* const w = &q[j * length];
                double dot = 0;
                for (std::size_t k = 0; k < length; ++k)
                    dot += v[k] * w[k];
                for (std::size_t k = 0; k < length; ++k)
                    v[k] -= dot * w[k];
            }
        double norm = 0;
        for (std::size_t k = 0; k < length; ++k)
            norm += v[k] * v[k];
        for (std::size_t k = 0; k < length; ++k)
            v[k] /= std::sqrt(norm);
    }
    if (rows <= columns)
        return q;
    std::vector<double> transposed(q.size());
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < length; ++k)
            transposed[k * n + i] = q[i * length + k];
    return transposed;
}

/// Fills one parameter tensor.
template <class T>
void initialize(initializer const& how, parameter_info const& info, random_stream const& random,
                T* to) {
    std::size_t const size = info.size();
    std::size_t const rows = info.extents[0];
    std::size_t const columns = std::max<std::size_t>(info.extents[1], 1);
    auto const fill = [&](auto value) {
        for (std::size_t k = 0; k < size; ++k)
            to[k] = static_cast<T>(value(k));
    };
    struct visitor {
        decltype(fill) const& put;
        random_stream const& random;
        std::size_t rows, columns;
        XRNN_COLD void operator()(glorot_uniform) const {
            double const limit = std::sqrt(6.0 / static_cast<double>(rows + columns));
            put([&](std::size_t k) { return limit * (2 * random.uniform(k) - 1); });
        }
        XRNN_COLD void operator()(orthogonal o) const {
            std::vector<double> const q = orthogonal_matrix(rows, columns, random);
            put([&](std::size_t k) { return o.gain * q[k]; });
        }
        XRNN_COLD void operator()(random_uniform u) const {
            put([&](std::size_t k) {
                return u.minval + (u.maxval - u.minval) * random.uniform(k);
            });
        }
        XRNN_COLD void operator()(random_normal n) const {
            put([&](std::size_t k) { return n.mean + n.stddev * random.normal(k); });
        }
        XRNN_COLD void operator()(constant c) const {
            put([&](std::size_t) { return c.value; });
        }
        XRNN_COLD void operator()(zeros) const {
            put([&](std::size_t) { return 0.0; });
        }
        XRNN_COLD void operator()(ones) const {
            put([&](std::size_t) { return 1.0; });
        }
    };
    std::visit(visitor{fill, random, rows, columns}, how);
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
