// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/models/network.hpp>
#include <xrnn/tensor/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Rows that are computed together; no result depends on it.
inline constexpr std::size_t predict_rows = 64;

/// Runs x, (rows, time, features) row-major, through the model and hands each part of the output,
/// time-major, to sink(first_row, view).
template <class Model, class T, class Sink>
void predict_in_parts(Model const& model, T const* x, std::size_t rows, std::size_t time,
                      Sink&& sink) {
    using net = network<Model>;
    typename net::workspaces scratch;
    net::configure(model, scratch);
    simd::aligned_vector<T> part;
    std::size_t const features = model.features();
    for (std::size_t first = 0; first < rows; first += predict_rows) {
        std::size_t const n = std::min(predict_rows, rows - first);
        gather_time_major(
            x, time, features, n, [&](std::size_t k) { return first + k; }, part);
        sink(first, net::template forward<pass::infer>(
                        model, {part.data(), features, time, n, features}, scratch, {}));
    }
}

/// Throws value_error for a model without parameters.
template <class Model>
void require_built(Model const& model, std::string const& where) {
    if (!model.built())
        throw value_error(where + ": the model is not built yet, since its input's width is "
                                  "dynamic: fit it, load it, or call build(features) first");
}

} // namespace detail

template <class Input, class... Parts>
template <class E>
auto sequential<Input, Parts...>::predict(E const& x) const {
    static_assert(detail::may_have_rank<E, 3>,
                  "xrnn: give predict a batch of sequences, (batch, time, features): for one "
                  "sequence xt::view(x, xt::newaxis(), xt::all(), xt::all())");
    detail::require_built(*this, "predict");
    detail::dense_values<value_type> const values(x);
    detail::check_sequences(values, features_, "predict");
    constexpr bool sequence = output_shape.sequence;
    constexpr std::size_t units = output_shape.features;
    std::size_t const time = values.shape(1);
    using result_type = xt::xtensor<value_type, sequence ? 3 : 2>;
    typename result_type::shape_type shape;
    if constexpr (sequence)
        shape = {values.shape(0), time, units};
    else
        shape = {values.shape(0), units};
    result_type result(shape);
    detail::predict_in_parts(*this, values.data(), values.shape(0), time,
                             [&](std::size_t first, sequence_view<value_type> const& y) {
                                 for (std::size_t b = 0; b < y.batch; ++b)
                                     for (std::size_t t = 0; t < y.time; ++t)
                                         std::copy_n(y.row(t, b), units,
                                                     result.data() +
                                                         ((first + b) * y.time + t) * units);
                             });
    return result;
}

} // namespace xrnn::inline XRNN_ABI
