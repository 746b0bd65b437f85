// SPDX-License-Identifier: BSD-3-Clause
//
// Initial weights by Keras's names and formulas, and PyTorch's, seeded.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <xrnn/layout.hpp>
#include <xrnn/random.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

/// An element of a parameter tensor, and the width of what its layer reads.
struct element_place {
    std::size_t rows, columns; // of a vector both are its length, as Keras counts its fans
    std::size_t features, size, k;
};

/// The k-th number of a standard normal distribution, of those that lie within ±2.
XRNN_COLD inline double truncated(random_stream const& random, element_place const& at) {
    for (std::size_t n = at.k;; n += at.size)
        if (double const value = random.normal(n); std::abs(value) <= 2)
            return value;
}

} // namespace detail

/// How a parameter tensor begins: what the types below become. A function of each element, so that a
/// program has the code of those only that it uses.
struct initializer {
    using function = double (*)(initializer const& how, random_stream const& random,
                                detail::element_place const& at);
    function value;
    double a = 0, b = 0;
};

/// Numbers of mean 0 and variance scale / n, with n the rows (fan_in), the columns (fan_out) or their mean
/// (fan_avg) of the matrix; of a vector its length. uniform: in ±sqrt(3 scale / n); truncated_normal: of a
/// normal distribution what lies within two standard deviations, whose loss is made up for.
/// Keras's VarianceScaling.
struct variance_scaling {
    enum mode_type { fan_in, fan_out, fan_avg };
    enum distribution_type { truncated_normal, untruncated_normal, uniform };
    double scale = 1.0;
    mode_type mode = fan_in;
    distribution_type distribution = truncated_normal;

    operator initializer() const {
        return {[](initializer const& how, random_stream const& random,
                   detail::element_place const& at) XRNN_COLD {
                    auto const kind = static_cast<int>(how.b);
                    auto const in = static_cast<double>(at.rows),
                               out = static_cast<double>(at.columns);
                    double const n = kind % 3 == fan_in    ? in
                                     : kind % 3 == fan_out ? out
                                                           : (in + out) / 2;
                    double const deviation = std::sqrt(how.a / n);
                    if (kind / 3 == uniform)
                        return std::sqrt(3.0) * deviation * (2 * random.uniform(at.k) - 1);
                    if (kind / 3 == untruncated_normal)
                        return deviation * random.normal(at.k);
                    // 0.8796...: the standard deviation of what is left
                    return deviation / 0.87962566103423978 * detail::truncated(random, at);
                },
                scale, static_cast<double>(3 * distribution + mode)};
    }
};

/// Uniform in ±sqrt(6 / (rows + columns)). Source: Glorot and Bengio 2010; Keras's GlorotUniform.
struct glorot_uniform {
    operator initializer() const {
        return {[](initializer const&, random_stream const& random,
                   detail::element_place const& at) XRNN_COLD {
            double const limit = std::sqrt(6.0 / static_cast<double>(at.rows + at.columns));
            return -limit + (limit - -limit) * random.uniform(at.k);
        }};
    }
};
/// Source: Glorot and Bengio 2010; Keras's GlorotNormal.
struct glorot_normal : variance_scaling {
    constexpr glorot_normal() : variance_scaling{1.0, fan_avg, truncated_normal} {}
};
/// Uniform in ±sqrt(6 / rows). Source: He, Zhang, Ren and Sun 2015; Keras's HeUniform.
struct he_uniform : variance_scaling {
    constexpr he_uniform() : variance_scaling{2.0, fan_in, uniform} {}
};
/// Source: He, Zhang, Ren and Sun 2015; Keras's HeNormal.
struct he_normal : variance_scaling {
    constexpr he_normal() : variance_scaling{2.0, fan_in, truncated_normal} {}
};
/// Uniform in ±sqrt(3 / rows). Source: LeCun, Bottou, Orr and Müller 1998; Keras's LecunUniform.
struct lecun_uniform : variance_scaling {
    constexpr lecun_uniform() : variance_scaling{1.0, fan_in, uniform} {}
};
/// Source: LeCun, Bottou, Orr and Müller 1998; Keras's LecunNormal.
struct lecun_normal : variance_scaling {
    constexpr lecun_normal() : variance_scaling{1.0, fan_in, truncated_normal} {}
};

/// Rows (or columns, if these are fewer) that are orthonormal over the whole matrix, times gain.
/// Source: Saxe, McClelland and Ganguli 2013; Keras's Orthogonal.
struct orthogonal {
    double gain = 1.0;

    operator initializer() const { return {element, gain}; }
    /// A normal number; what makes the matrix orthonormal sees all of them.
    XRNN_COLD static double element(initializer const&, random_stream const& random,
                                    detail::element_place const& at) {
        return random.normal(at.k);
    }
};

/// Uniform in [minval, maxval); Keras's RandomUniform.
struct random_uniform {
    double minval = -0.05;
    double maxval = 0.05;

    operator initializer() const {
        return {
            [](initializer const& how, random_stream const& random, detail::element_place const& at)
                XRNN_COLD { return how.a + (how.b - how.a) * random.uniform(at.k); },
            minval, maxval};
    }
};

/// Normal; Keras's RandomNormal.
struct random_normal {
    double mean = 0.0;
    double stddev = 0.05;

    operator initializer() const {
        return {
            [](initializer const& how, random_stream const& random, detail::element_place const& at)
                XRNN_COLD { return how.a + how.b * random.normal(at.k); },
            mean, stddev};
    }
};

/// Normal, of which what lies beyond two standard deviations is drawn anew; Keras's TruncatedNormal.
struct truncated_normal {
    double mean = 0.0;
    double stddev = 0.05;

    operator initializer() const {
        return {
            [](initializer const& how, random_stream const& random, detail::element_place const& at)
                XRNN_COLD { return how.a + how.b * detail::truncated(random, at); },
            mean, stddev};
    }
};

/// All equal; Keras's Constant, Zeros, Ones.
struct constant {
    double value = 0.0;

    operator initializer() const {
        return {[](initializer const& how, random_stream const&, detail::element_place const&)
                    XRNN_COLD { return how.a; },
                value};
    }
};
struct zeros : constant {
    constexpr zeros() : constant{0.0} {}
};
struct ones : constant {
    constexpr ones() : constant{1.0} {}
};

/// The unit matrix, times gain; Keras's Identity.
struct identity {
    double gain = 1.0;

    operator initializer() const {
        return {[](initializer const& how, random_stream const&, detail::element_place const& at)
                    XRNN_COLD { return at.k / at.columns == at.k % at.columns ? how.a : 0.0; },
                gain};
    }
};

/// Uniform in ±1 / sqrt(n), n the width of what the layer reads: kernel and bias of PyTorch's Linear.
struct fan_in_uniform {
    operator initializer() const {
        return {[](initializer const&, random_stream const& random,
                   detail::element_place const& at) XRNN_COLD {
            return (2 * random.uniform(at.k) - 1) / std::sqrt(static_cast<double>(at.features));
        }};
    }
};

/// Uniform in ±limit, and of a vector the sum of two such numbers: PyTorch's recurrent layers have two
/// biases, which a layer with one bias adds up, and one whose bias has two rows keeps apart.
struct torch_bias {
    double limit = 0.05;

    operator initializer() const {
        return {[](initializer const& how, random_stream const& random,
                   detail::element_place const& at) XRNN_COLD {
                    bool const vector = at.size == at.rows;
                    double const first = 2 * random.uniform(2 * at.k) - 1;
                    return how.a * (vector ? first + 2 * random.uniform(2 * at.k + 1) - 1 : first);
                },
                limit};
    }
};

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

/// The values of one parameter tensor. features: width of what its layer reads.
XRNN_COLD inline std::vector<double> initial_values(initializer const& how,
                                                    parameter_info const& info,
                                                    random_stream const& random,
                                                    std::size_t features) {
    std::size_t const rows = info.extents[0];
    std::size_t const columns = std::max<std::size_t>(info.extents[1], 1);
    std::vector<double> values(info.size());
    element_place at{rows, info.extents[1] == 0 ? rows : columns, features, values.size(), 0};
    for (double& value : values) {
        value = how.value(how, random, at);
        ++at.k;
    }
    if (how.value == orthogonal::element) {
        orthonormalise(values, rows, columns);
        for (double& value : values)
            value *= how.a;
    }
    return values;
}

/// Fills one parameter tensor. features: as above; of a kernel that is its rows.
template <class T>
XRNN_COLD void initialize(initializer const& how, parameter_info const& info,
                          random_stream const& random, T* to, std::size_t features) {
    for (double const value : initial_values(how, info, random, features))
        *to++ = static_cast<T>(value);
}

template <class T>
XRNN_COLD void initialize(initializer const& how, parameter_info const& info,
                          random_stream const& random, T* to) {
    initialize(how, info, random, to, info.extents[0]);
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
