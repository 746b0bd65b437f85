// SPDX-License-Identifier: BSD-3-Clause
//
// A model's parameter tensors one by one, with what the settings of their layers say of them:
// regularisers and constraints.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/models/sequential.hpp>
#include <xrnn/regularizers.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Spec, class Layer>
concept HasRules = requires(Spec const& spec, std::size_t n) {
    spec.template rule<Layer>(n);
};

/// f(offset, parameter_info, parameter_rule) for each parameter tensor; offset: in the flat buffer.
template <class Model, class F>
void for_each_parameter(Model const& model, F&& f) {
    using T = typename Model::value_type;
    T const* const base = model.flat().data();
    unroll<Model::size>([&](auto i) {
        using layer = typename Model::template layer<i>;
        using spec = std::tuple_element_t<i, typename Model::specs>;
        auto const infos = layer::parameters(model.template features_of<i>());
        auto const at = model.template locate<i>();
        for (std::size_t n = 0; n < infos.size(); ++n) {
            parameter_rule rule;
            if constexpr (HasRules<spec, layer>)
                rule = model.template spec<i>().template rule<layer>(n);
            f(static_cast<std::size_t>(at[n] - base), infos[n], rule);
        }
    });
}

/// Throws value_error where a layer's regulariser or constraint is negative or no number.
XRNN_COLD inline void check_rule(parameter_info const& info, parameter_rule const& rule) {
    auto const check = [&](char const* what, double value) {
        if (!(value >= 0 && std::isfinite(value)))
            throw value_error(messages::text({what, " of a layer's ", info.name,
                                              " must be at least 0 and finite, not ", value}));
    };
    check("regularizer: l1", rule.penalty.l1);
    check("regularizer: l2", rule.penalty.l2);
    check("max_norm: max_value", rule.bound.max_norm);
}
template <class Model>
XRNN_COLD void check_rules(Model const& model) {
    for_each_parameter(model, [](std::size_t, parameter_info const& info,
                                 parameter_rule const& rule) { check_rule(info, rule); });
}

/// A regulariser over n weights as they are, l1·sum |w| + l2·sum w²; its gradient,
/// l1·sign w + 2·l2·w, is added to `gradient` unless that is null. Source: Keras's L1L2.
template <class T>
XRNN_COLD double penalty_of(T const* w, std::size_t n, double l1, double l2, T* gradient) {
    double sizes = 0, squares = 0;
    for (std::size_t k = 0; k < n; ++k) {
        double const value = static_cast<double>(w[k]);
        sizes += std::abs(value);
        squares += value * value;
        double const sign = value > 0 ? 1 : value < 0 ? -1 : 0;
        if (gradient != nullptr)
            gradient[k] += static_cast<T>(l1 * sign + 2 * l2 * value);
    }
    return l1 * sizes + l2 * squares;
}
/// The sum of all regularisers; their gradient goes to `gradient`, laid out as the model's buffer.
template <class Model, class T>
XRNN_COLD double add_penalty(Model const& model, T* gradient) {
    double total = 0;
    for_each_parameter(model, [&](std::size_t offset, parameter_info const& info,
                                  parameter_rule const& rule) {
        if (rule.penalty.l1 != 0 || rule.penalty.l2 != 0)
            total += penalty_of(model.flat().data() + offset, info.size(), rule.penalty.l1,
                                rule.penalty.l2, gradient == nullptr ? nullptr : gradient + offset);
    });
    return total;
}

/// Shortens each column of a matrix, or a vector, of length n to n·min(n, limit) / (n + 1e-7).
/// Source: Keras's MaxNorm, axis=0.
template <class T>
XRNN_COLD void limit_norms(T* w, parameter_info const& info, double limit) {
    std::size_t const columns = info.extents[1] == 0 ? 1 : info.extents[1];
    for (std::size_t c = 0; c < columns; ++c) {
        double squares = 0;
        for (std::size_t r = 0; r < info.extents[0]; ++r)
            squares +=
                static_cast<double>(w[r * columns + c]) * static_cast<double>(w[r * columns + c]);
        double const norm = std::sqrt(squares);
        T const factor = static_cast<T>(std::min(norm, limit) / (1e-7 + norm));
        for (std::size_t r = 0; r < info.extents[0]; ++r)
            w[r * columns + c] *= factor;
    }
}

/// Applies the constraints of all layers to the weights.
template <class Model>
XRNN_COLD void constrain(Model& model) {
    for_each_parameter(
        model, [&](std::size_t offset, parameter_info const& info, parameter_rule const& rule) {
            if (rule.bound.max_norm > 0)
                limit_norms(model.flat().data() + offset, info, rule.bound.max_norm);
        });
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
