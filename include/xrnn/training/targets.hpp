// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include <xrnn/tensor/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Targets in the shape of a model's output: (rows, units) or (rows, time, units), the last axis
/// left out if it is 1. Throws shape_error.
template <class Model, class T>
XRNN_COLD void check_targets(dense_values<T> const& y, std::size_t rows, std::size_t time,
                             std::string const& where) {
    typename dense_values<T>::shape_type expected{rows};
    if (Model::output_shape.sequence)
        expected.push_back(time);
    auto const without_units = expected;
    expected.push_back(Model::output_shape.features);
    bool const fits =
        y.shape() == expected || (Model::output_shape.features == 1 && y.shape() == without_units);
    if (!fits)
        throw shape_error(where + ": y must have shape " + shape_text(expected) +
                          (Model::output_shape.features == 1 ? " or " + shape_text(without_units)
                                                             : std::string()) +
                          ", as the model's output for this x, but has " + shape_text(y.shape()));
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
