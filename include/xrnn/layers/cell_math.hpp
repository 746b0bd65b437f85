// SPDX-License-Identifier: BSD-3-Clause
//
// What every form of a cell's step has in common: where parameters and vectors lie, and the nodes
// that look at whole rows.
#pragma once

#include <xrnn/layers/flow.hpp>
#include <xrnn/simd/math.hpp>
#include <xrnn/simd/rows.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Cell, class T>
struct cell_math {
    using plan = detail::plan<Cell>;
    using stored = typename plan::stored;

    template <class Source>
    static constexpr std::size_t width(std::size_t units, std::size_t features) {
        return std::is_same_v<Source, x_t> ? features : width_of<Source>(units);
    }

    /// The block of kernel (or recurrent_kernel, or a projection's) that leads from Source to Sum.
    template <class Source, class Sum, class P>
    static simd::matrix_rows<P> weight_rows(cell_parameters<P> const& parameters,
                                            std::size_t units) {
        using columns =
            std::conditional_t<std::is_same_v<Source, x_t>, typename plan::kernel_columns,
                               typename plan::recurrent_columns>;
        if constexpr (contains<typename plan::projected, Sum>)
            return {parameters.projections[index_of<typename plan::projected, Sum>],
                    width_of<Sum>(units)};
        P* const matrix =
            std::is_same_v<Source, x_t> ? parameters.kernel : parameters.recurrent_kernel;
        return {matrix + offset_in<Sum>(columns{}, units), total_width(columns{}, units)};
    }

    /// The vectors that add up to the bias of Sum: null for those that it does not have.
    template <class Sum, class P>
    static std::array<P*, 2> biases(cell_parameters<P> const& parameters, std::size_t units) {
        [[maybe_unused]] P* const bias = parameters.bias;
        if constexpr (is_weight<Sum>::value)
            return {parameters.unit_weights[index_of<typename plan::unit_weights, Sum>], nullptr};
        else if constexpr (contains<typename plan::projected, Sum>)
            return {};
        else if (bias == nullptr)
            return {};
        else if constexpr (plan::two_biases) {
            using above = typename plan::kernel_columns;
            using below = typename plan::recurrent_columns;
            P* const second = bias + total_width(above{}, units);
            return {contains<above, Sum> ? bias + offset_in<Sum>(above{}, units) : nullptr,
                    contains<below, Sum> ? second + offset_in<Sum>(below{}, units) : nullptr};
        } else
            return {bias + offset_in<Sum>(typename plan::biased{}, units), nullptr};
    }

    /// The bias of the units first ... first + n - 1; 0 for those that do not exist.
    template <class Sum>
    static void copy_bias(cell_parameters<T const> const& from, std::size_t units,
                          std::size_t first, std::size_t n, T* to) {
        auto const [one, other] = biases<Sum>(from, units);
        simd::copy_sum(one, other, first, n, width_of<Sum>(units), to);
    }

    /// Row 0 of the vector that a source names.
    template <class Source>
    static T const* source(std::size_t padded, T const* x, T const* prev, T const* cur) {
        if constexpr (std::is_same_v<Source, x_t>)
            return x;
        else if constexpr (is_prev<Source>)
            return prev + index_of<stored, typename Source::state> * padded;
        else {
            static_assert(contains<stored, Source>,
                          "xrnn: equations read a vector that no node before them has computed; "
                          "sums are visible up to the next affine node only");
            return cur + index_of<stored, Source> * padded;
        }
    }

    // Row nodes are functions of their own, as the equations are: the roundings of a row do not depend on
    // how many are computed with it.

    template <class In, class Out>
    XRNN_NOINLINE static void row_forward(normalized_over<In, Out>, std::size_t units,
                                          std::size_t padded, T* cur) {
        T const* const x = cur + index_of<stored, In> * padded;
        T* const y = cur + index_of<stored, Out> * padded;
        units = width_of<In>(units);
        spread const over(x, units);
        for (std::size_t k = 0; k < units; ++k)
            y[k] = (x[k] - over.mean) * over.scale;
        for (std::size_t k = units; k < padded; ++k)
            y[k] = T(0);
    }
    /// Of the values of a row: mean and 1 / sqrt(variance + epsilon).
    struct spread {
        T mean, scale;
        spread(T const* x, std::size_t n) {
            T sum(0), squares(0);
            for (std::size_t k = 0; k < n; ++k)
                sum += x[k];
            mean = sum / static_cast<T>(n);
            for (std::size_t k = 0; k < n; ++k)
                squares += (x[k] - mean) * (x[k] - mean);
            scale = T(1) / std::sqrt(squares / static_cast<T>(n) + T(0.001));
        }
    };

    /// y_k = e^(x_k - max x) / sum_j e^(x_j - max x).
    template <class In, class Out>
    XRNN_NOINLINE static void row_forward(softmax_over<In, Out>, std::size_t units,
                                          std::size_t padded, T* cur) {
        T const* const x = cur + index_of<stored, In> * padded;
        T* const y = cur + index_of<stored, Out> * padded;
        units = width_of<In>(units);
        T largest = x[0];
        for (std::size_t k = 1; k < units; ++k)
            largest = x[k] > largest ? x[k] : largest;
        T total(0);
        for (std::size_t k = 0; k < units; ++k)
            total += y[k] = simd::exp(x[k] - largest);
        for (std::size_t k = 0; k < units; ++k)
            y[k] /= total;
        for (std::size_t k = units; k < padded; ++k)
            y[k] = T(0);
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
