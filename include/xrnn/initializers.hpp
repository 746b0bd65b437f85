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

/// Makes a matrix (rows, columns) of random numbers, row-major, one with orthonormal rows if
/// rows <= columns, else columns: Gram and Schmidt, each vector orthogonalised twice, which is as good
/// as Householder's QR here and has the sign convention (diagonal of R positive) that Keras enforces.
XRNN_COLD inline void orthonormalise(std::vector<double>& q, std::size_t rows,
                                     std::size_t columns) {
    std::size_t const n = std::min(rows, columns);
    std::size_t const length = std::max(rows, columns);
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
        norm = std::sqrt(norm);
        for (std::size_t k = 0; k < length; ++k)
            v[k] /= norm;
    }
    if (rows <= columns)
        return;
    std::vector<double> const transposed = q;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < length; ++k)
            q[k * n + i] = transposed[i * length + k];
}

/// The values of one parameter tensor.
XRNN_COLD inline std::vector<double>
initial_values(initializer const& how, parameter_info const& info, random_stream const& random) {
    std::size_t const rows = info.extents[0];
    std::size_t const columns = std::max<std::size_t>(info.extents[1], 1);
    if (std::holds_alternative<glorot_uniform>(how)) {
        double const limit = std::sqrt(6.0 / static_cast<double>(rows + columns));
        return initial_values(random_uniform{-limit, limit}, info, random);
    }
    std::vector<double> values(info.size());
    auto const* const uniform = std::get_if<random_uniform>(&how);
    auto const* const normal = std::get_if<random_normal>(&how);
    auto const* const rotation = std::get_if<orthogonal>(&how);
    auto const* const given = std::get_if<constant>(&how);
    double const same = given != nullptr ? given->value : std::holds_alternative<ones>(how) ? 1 : 0;
    for (std::size_t k = 0; k < values.size(); ++k)
        values[k] = uniform != nullptr
                        ? uniform->minval + (uniform->maxval - uniform->minval) * random.uniform(k)
                    : normal != nullptr   ? normal->mean + normal->stddev * random.normal(k)
                    : rotation != nullptr ? random.normal(k)
                                          : same;
    if (rotation != nullptr) {
        orthonormalise(values, rows, columns);
        for (double& value : values)
            value *= rotation->gain;
    }
    return values;
}

/// Fills one parameter tensor.
template <class T>
XRNN_COLD void initialize(initializer const& how, parameter_info const& info,
                          random_stream const& random, T* to) {
    for (double const value : initial_values(how, info, random))
        *to++ = static_cast<T>(value);
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
