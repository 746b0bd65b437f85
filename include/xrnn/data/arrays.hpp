// SPDX-License-Identifier: BSD-3-Clause
//
// What the tools of this folder share: any xtensor expression as a plain row-major array of known
// rank, and rows taken by index.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::data {

/// Any xtensor expression: xt::xtensor, xt::xarray, a view, an adaptor, an arithmetic expression.
template <class E>
concept TensorExpression = xt::is_xexpression<std::remove_cvref_t<E>>::value;

/// Row numbers, counted from 0.
using row_indices = std::vector<std::size_t>;

namespace detail {

/// The expression's own value type when that is float or double, else double.
template <class E>
using real_of =
    std::conditional_t<std::floating_point<typename E::value_type>, typename E::value_type, double>;

/// "(3, 4)" for the message of a shape_error.
template <class Shape>
std::string shape_text(Shape const& shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + ")";
}

/// Throws shape_error unless `x` has the rank N; at compile time where the type tells.
template <std::size_t N, class E>
void require_rank(E const& x, std::string const& where) {
    constexpr std::size_t rank = xt::get_rank<E>::value;
    static_assert(rank == N || rank == xt::get_rank<int>::value,
                  "xrnn::data: this function takes an array of another number of dimensions");
    if (x.dimension() != N)
        throw shape_error(
            messages::text({where, ": expected ", N, " dimensions, got an array of shape ",
                            shape_text(x.shape())}));
}

/// An array of type T, rank N and row-major order: `x` itself when it is one, else a copy.
template <class T, std::size_t N, class E>
using dense_array =
    std::conditional_t<std::is_same_v<E, xt::xtensor<T, N>>, E const&, xt::xtensor<T, N>>;

template <class T, std::size_t N, TensorExpression E>
dense_array<T, N, E> as_dense(E const& x, std::string const& where) {
    require_rank<N>(x, where);
    if constexpr (std::is_same_v<E, xt::xtensor<T, N>>) {
        return x;
    } else {
        return xt::xtensor<T, N>(xt::cast<T>(x));
    }
}

XRNN_WHEN_CALLED void require_rows(row_indices const& rows, std::size_t count, char const* where) {
    for (std::size_t const row : rows)
        if (row >= count)
            throw value_error(
                messages::text({where, ": row ", row, " of an array that has ", count, " rows"}));
}

/// The rows of `source` (any row-major array) one after the other into `target`.
template <class Source, class Target>
void copy_rows(Source const& source, row_indices const& rows, Target& target) {
    if (rows.empty())
        return;
    std::size_t const width = target.size() / rows.size();
    auto* out = target.data();
    for (std::size_t const row : rows)
        out = std::copy_n(source.data() + row * width, width, out);
}

} // namespace detail

/// The rows (entries along axis 0) of an array of any rank, in the order of `rows`; a row may come
/// more than once. The result has the array's type, rank and other dimensions, as numpy's
/// `x[rows]`. Throws value_error for a row that does not exist.
template <TensorExpression E>
requires(xt::get_rank<E>::value != xt::get_rank<int>::value)
    xt::xtensor<typename E::value_type, xt::get_rank<E>::value> take(E const& x,
                                                                     row_indices const& rows) {
    constexpr std::size_t rank = xt::get_rank<E>::value;
    static_assert(rank > 0, "xrnn::data::take: a scalar has no rows");
    using value = typename E::value_type;
    detail::dense_array<value, rank, E> source = detail::as_dense<value, rank>(x, "take");
    detail::require_rows(rows, source.shape()[0], "take");
    typename xt::xtensor<value, rank>::shape_type shape = source.shape();
    shape[0] = rows.size();
    xt::xtensor<value, rank> taken(shape);
    detail::copy_rows(source, rows, taken);
    return taken;
}

/// The same for an array whose rank is known only at run time (xt::xarray).
template <TensorExpression E>
requires(xt::get_rank<E>::value == xt::get_rank<int>::value)
    xt::xarray<typename E::value_type> take(E const& x, row_indices const& rows) {
    using array = xt::xarray<typename E::value_type>;
    if (x.dimension() == 0)
        throw shape_error("take: a scalar has no rows");
    array const source = x;
    detail::require_rows(rows, source.shape()[0], "take");
    typename array::shape_type shape = source.shape();
    shape[0] = rows.size();
    array taken(shape);
    detail::copy_rows(source, rows, taken);
    return taken;
}

/// The same for a plain vector (dates, texts, indices).
template <class T>
std::vector<T> take(std::vector<T> const& x, row_indices const& rows) {
    detail::require_rows(rows, x.size(), "take");
    std::vector<T> taken;
    taken.reserve(rows.size());
    for (std::size_t const row : rows)
        taken.push_back(x[row]);
    return taken;
}

} // namespace xrnn::data
