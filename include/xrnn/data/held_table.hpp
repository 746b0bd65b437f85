// SPDX-License-Identifier: BSD-3-Clause
//
// Rows of numbers that stay where they are.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <xrnn/data/arrays.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::data::detail {

/// Rows of `width` values each, somewhere in memory: a container of the user's, which must stay, or
/// what `owner` keeps.
template <class T>
struct held_table {
    using value_type = T;

    T const* data = nullptr;
    std::size_t rows = 0;
    std::vector<std::size_t> row_shape; // of one row; empty: a number
    std::size_t width = 1;              // values of a row
    std::ptrdiff_t row_stride = 0;
    std::ptrdiff_t column_stride = 1;
    std::shared_ptr<void const> owner = {};

    /// A row's values, converted, to `out`; returns where they end.
    template <class Out>
    Out* copy_row(std::size_t row, Out* out) const {
        T const* from = data + static_cast<std::ptrdiff_t>(row) * row_stride;
        if (column_stride == 1)
            return std::transform(from, from + width, out,
                                  [](T value) { return static_cast<Out>(value); });
        for (std::size_t k = 0; k < width; ++k, from += column_stride)
            *out++ = static_cast<Out>(*from);
        return out;
    }
};

/// Containers of float or double lie in memory and can be referred to.
template <class E>
concept RealContainer =
    std::is_base_of_v<xt::xcontainer<E>, E> && std::floating_point<typename E::value_type>;

template <RealContainer E>
held_table<typename E::value_type> refer_to(E const& values, std::string const& where) {
    if (values.dimension() == 0)
        throw shape_error(where + ": a scalar has no rows");
    held_table<typename E::value_type> table;
    table.data = values.data();
    table.rows = values.shape()[0];
    for (std::size_t axis = 1; axis < values.dimension(); ++axis) {
        table.row_shape.push_back(values.shape()[axis]);
        table.width *= table.row_shape.back();
    }
    table.row_stride = static_cast<std::ptrdiff_t>(values.strides()[0]);
    if (values.dimension() == 2)
        table.column_stride = static_cast<std::ptrdiff_t>(values.strides()[1]);
    return table;
}

/// Puts a container where it stays as long as the table does.
template <RealContainer E>
held_table<typename E::value_type> keep(E values, std::string const& where) {
    auto const kept = std::make_shared<E const>(std::move(values));
    held_table<typename E::value_type> table = refer_to(*kept, where);
    table.owner = kept;
    return table;
}

template <class E>
using row_major_copy =
    std::conditional_t<xt::get_rank<E>::value == xt::get_rank<int>::value, xt::xarray<real_of<E>>,
                       xt::xtensor<real_of<E>, xt::get_rank<E>::value>>;

/// An expression's rows: of a variable that is a container of float or double they are referred to;
/// a temporary one is kept, any other expression computed once and kept.
template <class E>
requires TensorExpression<E>
auto hold(E&& values, std::string const& where) {
    using X = std::remove_cvref_t<E>;
    if constexpr (RealContainer<X>) {
        bool const in_order =
            values.dimension() <= 2 || values.layout() == xt::layout_type::row_major;
        if constexpr (std::is_lvalue_reference_v<E>) {
            return in_order ? refer_to(values, where) : keep(row_major_copy<X>(values), where);
        } else {
            return in_order ? keep(X(std::move(values)), where)
                            : keep(row_major_copy<X>(values), where);
        }
    } else {
        return keep(row_major_copy<X>(xt::cast<real_of<X>>(values)), where);
    }
}

/// The same for the vectors that labels often are.
template <class V, class A>
auto hold(std::vector<V, A> const& values, std::string const& where) {
    using real = std::conditional_t<std::floating_point<V>, V, double>;
    xt::xtensor<real, 1> copy(std::array<std::size_t, 1>{values.size()});
    std::transform(values.begin(), values.end(), copy.begin(),
                   [](auto value) { return static_cast<real>(value); });
    return keep(std::move(copy), where);
}

template <class E>
inline constexpr bool is_vector = false;
template <class V, class A>
inline constexpr bool is_vector<std::vector<V, A>> = true;
template <class E>
concept Holdable = TensorExpression<E> || is_vector<E>;

/// Number of dimensions that a batch of an expression's rows has: its own; of an array that does not
/// say, (rows, values of a row).
template <class E>
inline constexpr std::size_t batch_rank =
    xt::get_rank<E>::value == xt::get_rank<int>::value ? 2 : xt::get_rank<E>::value;
template <class V, class A>
inline constexpr std::size_t batch_rank<std::vector<V, A>> = 1;

} // namespace xrnn::data::detail
