// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include <xrnn/errors.hpp>
#include <xrnn/tensor/batch.hpp>
#include <xrnn/training/losses.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Class numbers: whole, from 0 to classes - 1. y: (rows, time) of them; of row k the first lengths[k]
/// steps count, all where lengths is empty, and the others may hold anything. Throws value_error, which
/// names the first row whose label is none, and the label.
template <class T>
XRNN_COLD void check_labels(T const* y, std::size_t rows, std::size_t time, std::size_t classes,
                            std::span<std::size_t const> lengths, std::string const& where) {
    for (std::size_t row = 0; row < rows; ++row) {
        std::size_t const steps =
            lengths.empty() || time == 1 ? time : std::min(time, lengths[row]);
        for (std::size_t t = 0; t < steps; ++t) {
            double const label = static_cast<double>(y[row * time + t]);
            if (label >= 0 && label < static_cast<double>(classes) && std::floor(label) == label)
                continue;
            throw value_error(messages::text(
                {where, ": y must hold classes from 0 to ", classes - 1, ", but row ", row,
                 time > 1 ? messages::text({", step ", t}) : "", " holds ", label}));
        }
    }
}

/// Targets as a loss takes them for a model's output: (rows, units) or (rows, time, units), the last
/// axis left out if it is 1. Throws shape_error; value_error for a label that is none.
template <class Model, class Loss, class T>
XRNN_COLD void check_targets(dense_values<T> const& y, std::size_t rows, std::size_t time,
                             std::string const& where, std::span<std::size_t const> lengths = {}) {
    constexpr std::size_t outputs = Model::output_shape.features;
    constexpr std::size_t units = target_units<Loss>(outputs);
    typename dense_values<T>::shape_type expected{rows};
    if (Model::output_shape.sequence)
        expected.push_back(time);
    auto const without_units = expected;
    expected.push_back(units);
    bool const fits = y.shape() == expected || (units == 1 && y.shape() == without_units);
    if (!fits)
        throw shape_error(
            messages::text({where, ": y must have shape ", shape_text(expected),
                            units == 1 ? " or " : "", units == 1 ? shape_text(without_units) : "",
                            units == outputs ? ", as the model's output for this x"
                                             : ", as the loss takes it for this x",
                            ", but has ", shape_text(y.shape())}));
    if constexpr (ClassLabels<Loss>)
        check_labels(y.data(), rows, Model::output_shape.sequence ? time : 1, outputs, lengths,
                     where);
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
