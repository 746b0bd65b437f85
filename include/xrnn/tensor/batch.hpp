// SPDX-License-Identifier: BSD-3-Clause
//
// The door between xtensor and the kernels: any expression comes in as row-major values behind a
// pointer, and shapes are checked here, in release builds too.
#pragma once

#include <string>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/layout.hpp>
#include <xrnn/simd/rows.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Shape>
inline constexpr std::size_t rank_of_shape = dynamic;
template <class I, std::size_t N>
inline constexpr std::size_t rank_of_shape<std::array<I, N>> = N;
template <std::size_t... N>
inline constexpr std::size_t rank_of_shape<xt::fixed_shape<N...>> = sizeof...(N);

/// Number of dimensions where the type tells it, else `dynamic`.
template <class E>
inline constexpr std::size_t static_rank =
    rank_of_shape<std::remove_cvref_t<typename std::remove_cvref_t<E>::shape_type>>;

/// Whether E may be read as an expression of one of the ranks.
template <class E, std::size_t... Ranks>
inline constexpr bool may_have_rank = static_rank<E> == dynamic ||
                                      ((static_rank<E> == Ranks) || ...);

template <class Shape>
XRNN_COLD std::string shape_text(Shape const& shape) {
    std::string text = "(";
    for (std::size_t k = 0; k < shape.size(); ++k)
        text += messages::text({k == 0 ? "" : ", ", shape[k]});
    return text += shape.size() == 1 ? ",)" : ")";
}

/// The values of an expression as T, row-major: the expression's own memory where it is a container
/// that holds just that, else a copy. The expression must outlive it.
template <class T>
class dense_values {
  public:
    using shape_type = xt::svector<std::size_t, 4>; // no allocation

    template <class E>
    explicit dense_values(E const& e) : shape_(e.shape().begin(), e.shape().end()) {
        if constexpr (std::is_base_of_v<xt::xcontainer<E>, E> &&
                      std::is_same_v<typename E::value_type, T>)
            if (e.layout() == xt::layout_type::row_major || shape_.size() == 1) {
                data_ = e.data();
                return;
            }
        std::size_t size = 1;
        for (std::size_t const n : shape_)
            size *= n;
        copy_.reserve(size);
        for (auto it = e.template begin<xt::layout_type::row_major>();
             it != e.template end<xt::layout_type::row_major>(); ++it)
            copy_.push_back(static_cast<T>(*it));
        data_ = copy_.data();
    }
    dense_values(dense_values const&) = delete;
    dense_values& operator=(dense_values const&) = delete;

    T const* data() const { return data_; }
    shape_type const& shape() const { return shape_; }
    std::size_t shape(std::size_t axis) const { return shape_[axis]; }
    std::size_t rank() const { return shape_.size(); }

  private:
    shape_type shape_;
    std::vector<T> copy_;
    T const* data_ = nullptr;
};

/// Throws shape_error unless x is (batch, time, features) with at least one row and step.
/// features: 0 where any width will do.
template <class T>
XRNN_COLD void check_sequences(dense_values<T> const& x, std::size_t features,
                               std::string const& where) {
    if (x.rank() != 3 || (features != 0 && x.shape(2) != features) || x.shape(0) == 0 ||
        x.shape(1) == 0 || x.shape(2) == 0)
        throw shape_error(messages::text({where, ": x must have shape (batch, time, ",
                                          features == 0 ? "features" : std::to_string(features),
                                          "), none of them 0, but has ", shape_text(x.shape())}));
}

/// Which rows make a batch: `count` of them from `first` on, of an order or as they lie.
struct picked_rows {
    std::size_t first = 0, count = 0;
    std::size_t const* order = nullptr;
    std::size_t operator[](std::size_t k) const {
        return order == nullptr ? first + k : order[first + k];
    }
};

/// `steps` steps, from `first` on, of rows of a tensor (rows, time, width), time-major:
/// to[t, k, :] = from[rows[k], first + t, :].
template <class T>
XRNN_NOINLINE void gather_time_major(T const* from, std::size_t time, std::size_t width,
                                     picked_rows const& rows, std::size_t first, std::size_t steps,
                                     simd::aligned_vector<T>& to) {
    to.resize(steps * rows.count * width);
    for (std::size_t k = 0; k < rows.count; ++k)
        simd::copy_rows<T>({from + (rows[k] * time + first) * width, width}, steps, width,
                           {to.data() + k * width, rows.count * width});
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
