// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/tensor/batch.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {
template <class T>
std::size_t argmax(T const* values, std::size_t n) {
    std::size_t best = 0;
    for (std::size_t k = 1; k < n; ++k)
        if (values[k] > values[best])
            best = k;
    return best;
}

/// The class that a row stands for: its one value rounded half to even, or the largest of several.
inline std::size_t class_of(double const* row, std::size_t n, char const* which) {
    if (n > 1)
        return argmax(row, n);
    double const floor = std::floor(row[0]);
    double const rest = row[0] - floor;
    bool const up = rest > 0.5 || (rest == 0.5 && std::fmod(floor, 2.0) != 0.0);
    double const rounded = floor + (up ? 1.0 : 0.0);
    if (!(rounded >= 0 && rounded < 65536))
        throw value_error(
            messages::text({"confusion_matrix: ", which,
                            " must round to a class 0, 1, 2, ..., but holds ", row[0]}));
    return static_cast<std::size_t>(rounded);
}

} // namespace detail

/// Counts of (true class, predicted class): row = truth, column = prediction, with as many classes
/// as occur. y and p: (n) or (n, 1), whose values are rounded half to even as NumPy does (so an
/// output above 1.5 opens a third class), or (n, classes), where the largest counts.
/// Throws shape_error, value_error.
template <class Y, class P>
xt::xtensor<std::size_t, 2> confusion_matrix(Y const& y, P const& p) {
    detail::dense_values<double> const truth(y);
    detail::dense_values<double> const predicted(p);
    auto const width = [](auto const& v) { return v.rank() == 2 ? v.shape(1) : std::size_t{1}; };
    auto const fits = [](auto const& v) { return v.rank() == 1 || v.rank() == 2; };
    if (!fits(truth) || !fits(predicted) || truth.shape(0) != predicted.shape(0))
        throw shape_error(messages::text(
            {"confusion_matrix: needs labels and predictions of shape (n), (n, 1) or "
             "(n, classes) with the same n, but has ",
             detail::shape_text(truth.shape()), " and ", detail::shape_text(predicted.shape())}));
    std::size_t const n = truth.shape(0);
    std::size_t classes = std::max({width(truth), width(predicted), std::size_t{2}});
    std::vector<std::array<std::size_t, 2>> pairs(n);
    for (std::size_t k = 0; k < n; ++k) {
        pairs[k] = {detail::class_of(truth.data() + k * width(truth), width(truth), "a label"),
                    detail::class_of(predicted.data() + k * width(predicted), width(predicted),
                                     "a prediction")};
        classes = std::max({classes, pairs[k][0] + 1, pairs[k][1] + 1});
    }
    xt::xtensor<std::size_t, 2> matrix(std::array<std::size_t, 2>{classes, classes},
                                       std::size_t{0});
    for (auto const& [row, column] : pairs)
        ++matrix(row, column);
    return matrix;
}

} // namespace xrnn::inline XRNN_ABI
