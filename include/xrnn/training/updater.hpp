// SPDX-License-Identifier: BSD-3-Clause
//
// From a gradient to new weights: clip, decay, formula, constraints, in Keras's order.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include <xrnn/simd/batch.hpp>
#include <xrnn/training/optimizers.hpp>
#include <xrnn/training/penalties.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// In several sums side by side, since each addition waits for the one before.
template <class T>
XRNN_NOINLINE double sum_of_squares(std::span<T const> values) {
    constexpr std::size_t sums = 8;
    std::array<double, sums> squares{};
    auto const add = [&](std::size_t k, std::size_t sum) {
        double const value = static_cast<double>(values[k + sum]);
        squares[sum] += value * value;
    };
    std::size_t const rest = values.size() % sums, whole = values.size() - rest;
    for (std::size_t k = 0; k < whole; k += sums)
        for (std::size_t sum = 0; sum < sums; ++sum)
            add(k, sum);
    for (std::size_t sum = 0; sum < rest; ++sum)
        add(whole, sum);
    return std::accumulate(squares.begin(), squares.end(), 0.0);
}
/// Shortens values to length `limit` if they are longer.
template <class T>
XRNN_COLD void clip_norm(std::span<T> values, double limit) {
    double const norm = std::sqrt(sum_of_squares<T>(values));
    if (norm <= limit)
        return;
    T const factor = static_cast<T>(limit / norm);
    for (T& value : values)
        value *= factor;
}

/// Clips a gradient as the optimizer's settings say. Source: Keras's clip_by_norm and
/// clip_by_global_norm.
template <class Model, class Optimizer, class T>
XRNN_COLD void clip(Model const& model, Optimizer const& optimizer, std::span<T> gradient) {
    if (optimizer.clipvalue > 0) {
        T const limit = static_cast<T>(optimizer.clipvalue);
        for (T& g : gradient)
            g = std::clamp(g, -limit, limit);
    }
    if (optimizer.global_clipnorm > 0)
        clip_norm(gradient, optimizer.global_clipnorm);
    if (optimizer.clipnorm > 0)
        for_each_parameter(
            model, [&](std::size_t offset, parameter_info const& info, parameter_rule const&) {
                clip_norm(gradient.subspan(offset, info.size()), optimizer.clipnorm);
            });
}

/// Batches whose gradients make one step.
template <class O>
concept AccumulatesGradients = requires(O const& o) {
    { o.gradient_accumulation_steps } -> std::convertible_to<std::size_t>;
};
template <class Optimizer>
std::size_t accumulation_steps(Optimizer const& optimizer) {
    if constexpr (AccumulatesGradients<Optimizer>)
        return optimizer.gradient_accumulation_steps;
    else
        return 1;
}

/// Owns an optimizer's moments (`slots` buffers, of which those in use are parallel to the parameters
/// and the others empty) and counts its steps.
template <class Model, class Optimizer>
struct updater {
    using T = typename Model::value_type;

    /// One step; the gradient may be changed on the way. Throws value_error for settings of the
    /// optimizer or of a regulariser or constraint that are out of their range, and changes nothing.
    void step(Model& model, Optimizer const& optimizer, std::span<T> gradient) {
        check_settings(optimizer);
        if (steps == 0)
            check_rules(model);
        for (std::size_t s = 0; s < optimizer.slots_in_use(); ++s)
            if (slots[s].size() != gradient.size())
                slots[s].assign(gradient.size(), T(0));
        clip(model, optimizer, gradient);
        if (optimizer.weight_decay > 0) {
            T const part =
                static_cast<T>(optimizer.weight_decay * optimizer.learning_rate.at(steps));
            for (T& w : model.flat())
                w -= w * part;
        }
        detail::update(optimizer, steps + 1, gradient.size(), model.flat().data(), gradient.data(),
                       slots);
        constrain(model);
        ++steps;
    }

    std::array<simd::aligned_vector<T>, Optimizer::slots> slots;
    std::size_t steps = 0;
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
