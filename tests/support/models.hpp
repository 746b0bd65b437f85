// SPDX-License-Identifier: BSD-3-Clause
//
// Models with random weights (no symmetry, biases too) and random batches for them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <xrnn/models/sequential.hpp>
#include <xrnn/tensor/tensor.hpp>

#include "support/naive.hpp"
#include "support/numbers.hpp"

namespace support {

/// Every parameter uniform in ±scale / sqrt(its rows), biases in ±scale / 2.
template <class Model>
void randomize(Model& model, std::uint64_t seed, double scale = 1.5) {
    generator g(seed);
    for (auto const& p : model.parameters()) {
        bool const bias = p.name.find("bias") != std::string::npos;
        double const limit = bias ? scale / 2 : scale / std::sqrt(static_cast<double>(p.shape[0]));
        fill(p.values, g, -limit, limit);
    }
}

template <class T, std::size_t N>
xt::xtensor<T, N> tensor(std::array<std::size_t, N> const& shape, std::uint64_t seed,
                         double low = -1, double high = 1) {
    xt::xtensor<T, N> result(shape);
    generator g(seed);
    fill(std::span<T>(result.data(), result.size()), g, low, high);
    return result;
}

/// One layer's parameters as doubles, for the plain loops.
template <class Model>
naive::parameters naive_parameters(Model const& model, std::string const& layer) {
    naive::parameters result;
    for (auto const& p : model.parameters()) {
        if (p.name == layer + ".kernel")
            result.kernel = {p.shape[1], doubles(p.values)};
        if (p.name == layer + ".recurrent_kernel")
            result.recurrent = {p.shape[1], doubles(p.values)};
        if (p.name == layer + ".bias")
            result.bias = doubles(p.values);
    }
    return result;
}

/// Row b of a batch (rows, time, features).
template <class T>
naive::steps naive_row(xt::xtensor<T, 3> const& x, std::size_t b) {
    naive::steps result;
    std::size_t const time = x.shape()[1], features = x.shape()[2];
    for (std::size_t t = 0; t < time; ++t)
        result.push_back(
            doubles(std::span<T const>(x.data() + (b * time + t) * features, features)));
    return result;
}

} // namespace support
