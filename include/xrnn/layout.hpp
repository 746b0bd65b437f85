// SPDX-License-Identifier: BSD-3-Clause
//
// The lowest floor: lists of types, names, shapes and views. Knows neither xsimd nor xtensor.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {

// ---- lists of types ------------------------------------------------------------------------------

/// An ordered list of types: the words a cell is written in come in such lists.
template <class... Ts>
struct list {
    static constexpr std::size_t size = sizeof...(Ts);
};

namespace detail {

template <class... Lists>
struct concat {
    using type = list<>;
};
template <class... Ts>
struct concat<list<Ts...>> {
    using type = list<Ts...>;
};
template <class... Ts, class... Us, class... Rest>
struct concat<list<Ts...>, list<Us...>, Rest...> : concat<list<Ts..., Us...>, Rest...> {};
template <class... Lists>
using concat_t = typename concat<Lists...>::type;

template <class List>
struct reversed {
    using type = list<>;
};
template <class T, class... Ts>
struct reversed<list<T, Ts...>> {
    using type = concat_t<typename reversed<list<Ts...>>::type, list<T>>;
};
template <class List>
using reversed_t = typename reversed<List>::type;

/// Position of T in a list; the list's size where it does not occur.
template <class T, class... Ts>
constexpr std::size_t index_in(list<Ts...>) {
    std::size_t position = 0;
    (void)((std::is_same_v<T, Ts> ? false : (++position, true)) && ...);
    return position;
}
template <class List, class T>
inline constexpr std::size_t index_of = index_in<T>(List{});
template <class List, class T>
inline constexpr bool contains = index_of<List, T> < List::size;

/// Ts of which Predicate<T>::value holds, in order.
template <template <class> class Predicate, class List>
struct filter;
template <template <class> class Predicate, class... Ts>
struct filter<Predicate, list<Ts...>> {
    using type = concat_t<std::conditional_t<Predicate<Ts>::value, list<Ts>, list<>>...>;
};
template <template <class> class Predicate, class List>
using filter_t = typename filter<Predicate, List>::type;

/// Each T once, at its first place.
template <class Seen, class... Ts>
struct unique {
    using type = Seen;
};
template <class... Seen, class T, class... Ts>
struct unique<list<Seen...>, T, Ts...>
    : unique<std::conditional_t<contains<list<Seen...>, T>, list<Seen...>, list<Seen..., T>>,
             Ts...> {};
template <class List>
struct unique_of;
template <class... Ts>
struct unique_of<list<Ts...>> : unique<list<>, Ts...> {};
template <class List>
using unique_t = typename unique_of<List>::type;

template <class List>
struct first_of {
    using type = void; // of none
};
template <class First, class... Rest>
struct first_of<list<First, Rest...>> {
    using type = First;
};

template <class List>
struct for_each_impl;
template <class... Ts>
struct for_each_impl<list<Ts...>> {
    template <class F>
    XRNN_INLINE static constexpr void call(F&& f) {
        (f(std::type_identity<Ts>{}), ...);
    }
    template <class F>
    XRNN_INLINE static constexpr void call_reversed(F&& f) {
        int order = 0; // a right fold over = evaluates its operands from the last to the first
        (void)((f(std::type_identity<Ts>{}), order) = ... = 0);
    }
};

/// Calls f(std::type_identity<T>{}) for each T, in order.
template <class List, class F>
XRNN_INLINE constexpr void for_each(F&& f) {
    for_each_impl<List>::call(f);
}
/// The same from the last to the first.
template <class List, class F>
XRNN_INLINE constexpr void for_each_reversed(F&& f) {
    for_each_impl<List>::call_reversed(f);
}

/// f(integral_constant<0>), …, f(integral_constant<N - 1>): a loop that is always unrolled.
template <std::size_t N, class F>
XRNN_INLINE constexpr void unroll(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) XRNN_INLINE_LAMBDA {
        (f(std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<N>{});
}

constexpr std::size_t round_up(std::size_t n, std::size_t multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

} // namespace detail

// ---- names ---------------------------------------------------------------------------------------

/// A string that can be a template argument: gate<"i", sigmoid>.
template <std::size_t N>
struct fixed_string {
    char text[N]{};
    constexpr fixed_string(char const (&s)[N]) {
        for (std::size_t k = 0; k < N; ++k)
            text[k] = s[k];
    }
    constexpr operator std::string_view() const { return {text, N - 1}; }
};

// ---- shapes --------------------------------------------------------------------------------------

/// A width that is known at run time only: input<dynamic>.
inline constexpr std::size_t dynamic = static_cast<std::size_t>(-1);

/// What flows from one layer to the next: a sequence (batch, time, features) or one vector a row
/// (batch, features).
struct shape {
    std::size_t features = 0;
    bool sequence = true;
    friend constexpr bool operator==(shape const&, shape const&) = default;
};

/// A read-only block of rows, time-major: row (t, b) begins at data + (t * batch + b) * stride and
/// has `features` values; what lies behind them up to the stride may be anything, NaN included.
template <class T>
struct sequence_view {
    T const* data = nullptr;
    std::size_t stride = 0;
    std::size_t time = 0;
    std::size_t batch = 0;
    std::size_t features = 0;
    /// (time, batch): 0 at a step that does not count, which carries the states (Keras's mask); null
    /// where all count.
    std::uint8_t const* mask = nullptr;

    bool counts(std::size_t row) const { return mask == nullptr || mask[row] != 0; }
    T const* row(std::size_t t, std::size_t b) const { return data + (t * batch + b) * stride; }
    std::size_t rows() const { return time * batch; }
};

/// One parameter tensor of a layer: a name in Keras's words, and its shape in Keras's order.
struct parameter_info {
    std::string_view name;
    std::array<std::size_t, 2> extents{}; // (rows, columns); (n, 0) for a vector
    constexpr std::size_t size() const {
        return extents[1] == 0 ? extents[0] : extents[0] * extents[1];
    }
};

} // namespace xrnn::inline XRNN_ABI
