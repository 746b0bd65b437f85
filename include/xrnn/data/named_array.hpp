// SPDX-License-Identifier: BSD-3-Clause
//
// How a scaler's state travels to and from a weight file.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/arrays.hpp>
#include <xrnn/errors.hpp>

namespace xrnn::data {

/// An array with a name, as a weight file holds it: row-major values of the given shape.
struct named_array {
    std::string name;
    std::vector<std::size_t> shape;
    std::vector<double> values;
};

namespace detail {

/// The array called `name`; throws format_error when it is missing, comes twice, has another shape
/// than (size) or holds an infinity. size 0: any.
XRNN_WHEN_CALLED std::vector<double> const& find_array(std::vector<named_array> const& arrays,
                                                       std::string const& name, std::size_t size) {
    named_array const* found = nullptr;
    for (named_array const& array : arrays) {
        if (array.name != name)
            continue;
        if (found != nullptr)
            throw format_error(messages::text({"from_state: two arrays are called '", name, "'"}));
        found = &array;
    }
    if (found == nullptr)
        throw format_error(messages::text({"from_state: no array is called '", name, "'"}));
    std::size_t const expected = size == 0 ? found->values.size() : size;
    if (expected == 0 || found->values.size() != expected || found->shape.size() != 1 ||
        found->shape[0] != expected)
        throw format_error(messages::text({"from_state: '", name, "' has shape ",
                                           shape_text(found->shape), " and ", found->values.size(),
                                           " values, expected one dimension of ", expected}));
    for (double const value : found->values)
        if (std::isinf(value))
            throw format_error("from_state: '" + name + "' holds an infinite value");
    return found->values;
}

XRNN_WHEN_CALLED named_array make_array(std::string name, std::vector<double> values) {
    std::size_t const size = values.size();
    return {std::move(name), {size}, std::move(values)};
}

XRNN_WHEN_CALLED void require_divisors(std::vector<double> const& scale, std::string const& name) {
    if (std::any_of(scale.begin(), scale.end(), [](double value) { return value == 0.0; }))
        throw format_error("from_state: '" + name + "' holds a zero, which cannot be undone");
}

} // namespace detail

} // namespace xrnn::data
