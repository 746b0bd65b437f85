// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <vector>

#include <xrnn/models/stream.hpp>

namespace xrnn::inline XRNN_ABI {

/// How far a stream over rounded weights is from one over the weights as they were trained.
struct packing_difference {
    double largest = 0;          // of |y - y_full| over all steps and outputs
    double root_mean_square = 0; // of y - y_full
    std::size_t steps = 0;
};

/// Runs x, (steps, features) row-major, through a stream of `model` with full weights and one with
/// weights kept as `Weights` (bfloat16, bfloat16_dot), both from zero states, and compares what they
/// give. Differences feed back through the states, so give it as many steps as a run will have.
/// Throws value_error for a model that is not built.
///
///     auto const d = packing_error(model, bfloat16{}, x);   // d.largest, d.root_mean_square
template <class Model, class Weights>
packing_difference packing_error(Model const& model, Weights,
                                 std::span<typename Model::value_type const> x) {
    using T = typename Model::value_type;
    packed<Model> const full(model);
    packed<Model, Weights> const rounded(model);
    stream<Model> a(full);
    stream<Model, Weights> b(rounded);
    std::size_t const units = stream<Model>::units;
    std::size_t const steps = x.size() / model.features();
    std::vector<T> expected(units), found(units);
    packing_difference result;
    double squares = 0;
    for (std::size_t t = 0; t < steps; ++t) {
        auto const row = x.subspan(t * model.features(), model.features());
        a.process(row, expected);
        b.process(row, found);
        for (std::size_t u = 0; u < units; ++u) {
            double const d = static_cast<double>(found[u]) - static_cast<double>(expected[u]);
            result.largest = std::abs(d) <= result.largest ? result.largest : std::abs(d);
            squares += d * d;
        }
    }
    result.steps = steps;
    result.root_mean_square =
        steps == 0 ? 0 : std::sqrt(squares / static_cast<double>(steps * units));
    return result;
}

} // namespace xrnn::inline XRNN_ABI
