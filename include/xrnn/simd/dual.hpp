// SPDX-License-Identifier: BSD-3-Clause
//
// Sparse dual numbers: a value and its partial derivatives by those inputs on which it depends.
// Which inputs these are is a bit mask in the type, so a partial that is structurally zero is
// neither stored nor multiplied. A cell's equations, evaluated on duals, give the Jacobian that
// backpropagation needs: nobody writes it by hand.
//
// Source: forward accumulation, Griewank and Walther, Evaluating Derivatives, 2nd ed., ch. 3.
#pragma once

#include <array>
#include <bit>

#include <xrnn/simd/math.hpp>

namespace xrnn::inline XRNN_ABI {
namespace simd {

using dual_mask = unsigned;

namespace detail {
/// Where an equation asks for what duals do not have, the compiler comes by one of these.
template <class V>
struct no_number {
    static constexpr bool there = sizeof(V) == 0;
    static_assert(there,
                  "xrnn: the values in a cell's equations or an activation are vectors with "
                  "their derivatives, not numbers: write auto and + - * /, an activation, or "
                  "xrnn::simd::exp, log, sqrt, abs, min, max or select, not those of std, "
                  "and no cast");
};
template <class Mask>
struct no_branch {
    static constexpr bool there = sizeof(Mask) == 0;
    static_assert(there, "xrnn: a comparison in a cell's equations or an activation has an answer "
                         "for each unit, so there are no branches: write xrnn::simd::select(a < b, "
                         "x, y), min or max instead of if, ?: and std::max");
};
} // namespace detail

/// value + sum over the set bits k of Mask: partial_k · d(input k). V is a number or a vector.
template <class V, dual_mask Mask>
struct dual {
    static constexpr dual_mask mask = Mask;
    static constexpr std::size_t size = static_cast<std::size_t>(std::popcount(Mask));

    V value;
    std::array<V, size> partials;

    static constexpr bool depends_on(std::size_t input) { return (Mask >> input) & 1u; }
    /// Where the partial by `input` lies: behind those of the smaller inputs.
    static constexpr std::size_t position(std::size_t input) {
        return static_cast<std::size_t>(std::popcount(Mask & ((1u << input) - 1u)));
    }

    /// Says that there is none: the exception specification is looked at when it is called.
    operator double() const noexcept(detail::no_number<V>::there) { return 0; }
};

template <class D>
inline constexpr bool is_dual = false;
template <class V, dual_mask M>
inline constexpr bool is_dual<dual<V, M>> = true;
template <class D>
concept Dual = is_dual<D>;

namespace detail {

/// Calls f(position, input) for each set bit of Mask.
template <dual_mask Mask, class F>
constexpr void for_each_partial(F&& f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
        (
            [&] {
                if constexpr ((Mask >> K) & 1u)
                    f(std::integral_constant<std::size_t, dual<int, Mask>::position(K)>{},
                      std::integral_constant<std::size_t, K>{});
            }(),
            ...);
    }
    (std::make_index_sequence<static_cast<std::size_t>(std::bit_width(Mask))>{});
}

/// The chain rule for two arguments: value, and da · ∂a + db · ∂b for each input.
template <class V, dual_mask A, dual_mask B>
inline dual<V, A | B> combine(V const& value, V const& da, dual<V, A> const& a, V const& db,
                              dual<V, B> const& b) {
    dual<V, A | B> result;
    result.value = value;
    for_each_partial<A | B>([&](auto position, auto input) {
        constexpr std::size_t k = input;
        if constexpr (dual<V, A>::depends_on(k) && dual<V, B>::depends_on(k))
            result.partials[position] =
                da * a.partials[dual<V, A>::position(k)] + db * b.partials[dual<V, B>::position(k)];
        else if constexpr (dual<V, A>::depends_on(k))
            result.partials[position] = da * a.partials[dual<V, A>::position(k)];
        else
            result.partials[position] = db * b.partials[dual<V, B>::position(k)];
    });
    return result;
}

/// The chain rule for one argument.
template <class V, dual_mask A>
inline dual<V, A> chain(V const& value, V const& da, dual<V, A> const& a) {
    dual<V, A> result;
    result.value = value;
    for (std::size_t k = 0; k < dual<V, A>::size; ++k)
        result.partials[k] = da * a.partials[k];
    return result;
}

/// From the value t = tanh(a), or s = sigmoid(a), to the dual: the derivative follows from it.
template <class V, dual_mask A>
inline dual<V, A> tanh_chain(V const& t, dual<V, A> const& a) {
    return chain<V>(t, V(1) - t * t, a);
}
template <class V, dual_mask A>
inline dual<V, A> sigmoid_chain(V const& s, dual<V, A> const& a) {
    return chain<V>(s, s * (V(1) - s), a);
}

template <class V, dual_mask A, class F>
inline dual<V, A> each_partial(V const& value, dual<V, A> const& a, F&& f) {
    dual<V, A> result;
    result.value = value;
    for (std::size_t k = 0; k < dual<V, A>::size; ++k)
        result.partials[k] = f(a.partials[k]);
    return result;
}

} // namespace detail

/// What may stand beside a dual as a constant: a number, or a vector of the dual's own type.
template <class C, class V>
concept ConstantOf = std::is_arithmetic_v<C> || std::is_same_v<C, V>;

// ---- arithmetic ----------------------------------------------------------------------------------

template <class V, dual_mask A, dual_mask B>
inline dual<V, A | B> operator+(dual<V, A> const& a, dual<V, B> const& b) {
    dual<V, A | B> result;
    result.value = a.value + b.value;
    detail::for_each_partial<A | B>([&](auto position, auto input) {
        constexpr std::size_t k = input;
        if constexpr (dual<V, A>::depends_on(k) && dual<V, B>::depends_on(k))
            result.partials[position] =
                a.partials[dual<V, A>::position(k)] + b.partials[dual<V, B>::position(k)];
        else if constexpr (dual<V, A>::depends_on(k))
            result.partials[position] = a.partials[dual<V, A>::position(k)];
        else
            result.partials[position] = b.partials[dual<V, B>::position(k)];
    });
    return result;
}
template <class V, dual_mask A>
inline dual<V, A> operator-(dual<V, A> const& a) {
    return detail::each_partial<V>(-a.value, a, [](V const& p) { return V(-p); });
}
template <class V, dual_mask A, dual_mask B>
inline dual<V, A | B> operator-(dual<V, A> const& a, dual<V, B> const& b) {
    return a + (-b);
}
template <class V, dual_mask A, dual_mask B>
inline dual<V, A | B> operator*(dual<V, A> const& a, dual<V, B> const& b) {
    return detail::combine<V>(a.value * b.value, b.value, a, a.value, b);
}
template <class V, dual_mask A, dual_mask B>
inline dual<V, A | B> operator/(dual<V, A> const& a, dual<V, B> const& b) {
    V const inverse = V(1) / b.value;
    V const quotient = a.value / b.value;
    return detail::combine<V>(quotient, inverse, a, V(-quotient * inverse), b);
}

template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator+(dual<V, A> const& a, C const& c) {
    return {a.value + constant<V>(c), a.partials};
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator+(C const& c, dual<V, A> const& a) {
    return a + c;
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator-(dual<V, A> const& a, C const& c) {
    return {a.value - constant<V>(c), a.partials};
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator-(C const& c, dual<V, A> const& a) {
    return detail::each_partial<V>(constant<V>(c) - a.value, a, [](V const& p) { return V(-p); });
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator*(dual<V, A> const& a, C const& c) {
    return detail::chain<V>(a.value * constant<V>(c), constant<V>(c), a);
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator*(C const& c, dual<V, A> const& a) {
    return a * c;
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator/(dual<V, A> const& a, C const& c) {
    return a * (V(1) / constant<V>(c));
}
template <class V, dual_mask A, ConstantOf<V> C>
inline dual<V, A> operator/(C const& c, dual<V, A> const& a) {
    V const quotient = constant<V>(c) / a.value;
    return detail::chain<V>(quotient, V(-quotient / a.value), a);
}

// ---- comparison: by value -------------------------------------------------------------------------

/// What a comparison of duals gives: for `select`, not for `if`.
template <class Mask>
struct condition {
    Mask mask;
    /// Says that there is none.
    operator bool() const noexcept(detail::no_branch<Mask>::there) { return false; }

    friend condition operator!(condition const& a) { return {!a.mask}; }
    friend condition operator&&(condition const& a, condition const& b) {
        return {a.mask && b.mask};
    }
    friend condition operator||(condition const& a, condition const& b) {
        return {a.mask || b.mask};
    }
    friend condition operator&(condition const& a, condition const& b) { return a && b; }
    friend condition operator|(condition const& a, condition const& b) { return a || b; }
};

namespace detail {
template <class Mask>
inline condition<Mask> as_condition(Mask const& mask) {
    return {mask};
}
template <class Mask>
inline Mask const& mask_in(Mask const& mask) {
    return mask;
}
template <class Mask>
inline Mask const& mask_in(condition<Mask> const& c) {
    return c.mask;
}
template <class V, class X>
inline V value_of(X const& v) {
    if constexpr (is_dual<X>)
        return v.value;
    else
        return constant<V>(v);
}
/// x's partial by input K; zero where it does not depend on it.
template <class V, std::size_t K, class X>
inline V partial_of(X const& x) {
    if constexpr (is_dual<X>) {
        if constexpr (X::depends_on(K))
            return x.partials[X::position(K)];
        else
            return V(0);
    } else
        return V(0);
}
template <class X>
inline constexpr dual_mask mask_of = 0;
template <class V, dual_mask M>
inline constexpr dual_mask mask_of<dual<V, M>> = M;

template <class A, class B>
struct common_vector;
template <class V, dual_mask M, class B>
struct common_vector<dual<V, M>, B> {
    using type = V;
};
template <class A, class V, dual_mask M>
requires(!is_dual<A>) struct common_vector<A, dual<V, M>> {
    using type = V;
};
template <class A, class B>
using common_vector_t = typename common_vector<A, B>::type;
} // namespace detail

template <class A, class B>
concept DualPair = (is_dual<A> || is_dual<B>);

template <class A, class B>
requires DualPair<A, B>
inline auto operator<(A const& a, B const& b) {
    using V = detail::common_vector_t<A, B>;
    return detail::as_condition(detail::value_of<V>(a) < detail::value_of<V>(b));
}
template <class A, class B>
requires DualPair<A, B>
inline auto operator>(A const& a, B const& b) {
    return b < a;
}
template <class A, class B>
requires DualPair<A, B>
inline auto operator<=(A const& a, B const& b) {
    using V = detail::common_vector_t<A, B>;
    return detail::as_condition(detail::value_of<V>(a) <= detail::value_of<V>(b));
}
template <class A, class B>
requires DualPair<A, B>
inline auto operator>=(A const& a, B const& b) {
    return b <= a;
}

// ---- functions -----------------------------------------------------------------------------------

template <class V, dual_mask A>
inline dual<V, A> exp(dual<V, A> const& a) {
    V const e = simd::exp(a.value);
    return detail::chain<V>(e, e, a);
}
template <class V, dual_mask A>
inline dual<V, A> log(dual<V, A> const& a) {
    return detail::chain<V>(simd::log(a.value), V(1) / a.value, a);
}
template <class V, dual_mask A>
inline dual<V, A> sqrt(dual<V, A> const& a) {
    V const root = simd::sqrt(a.value);
    return detail::chain<V>(root, V(0.5) / root, a);
}
template <class V, dual_mask A>
inline dual<V, A> tanh(dual<V, A> const& a) {
    return detail::tanh_chain(simd::tanh(a.value), a);
}
template <class V, dual_mask A>
inline dual<V, A> sigmoid(dual<V, A> const& a) {
    return detail::sigmoid_chain(simd::sigmoid(a.value), a);
}

/// Its derivative is sigmoid(a), at 0 too.
template <class V, dual_mask A>
inline dual<V, A> softplus(dual<V, A> const& a) {
    return detail::chain<V>(simd::softplus(a.value), simd::sigmoid(a.value), a);
}

template <class V, dual_mask A>
inline dual<V, A> fast_tanh(dual<V, A> const& a) {
    return detail::tanh_chain(simd::fast_tanh(a.value), a);
}
template <class V, dual_mask A>
inline dual<V, A> fast_sigmoid(dual<V, A> const& a) {
    return detail::sigmoid_chain(simd::fast_sigmoid(a.value), a);
}

/// Lane by lane a's value and partials, or b's; a partial that one side lacks counts as zero there.
/// One of a and b may be a constant.
template <class Mask, class A, class B>
requires DualPair<A, B>
inline auto select(Mask const& condition, A const& a, B const& b) {
    using V = detail::common_vector_t<A, B>;
    constexpr dual_mask mask = detail::mask_of<A> | detail::mask_of<B>;
    auto const& where = detail::mask_in(condition);
    dual<V, mask> result;
    result.value = select(where, detail::value_of<V>(a), detail::value_of<V>(b));
    detail::for_each_partial<mask>([&](auto position, auto input) {
        constexpr std::size_t k = input;
        result.partials[position] =
            select(where, detail::partial_of<V, k>(a), detail::partial_of<V, k>(b));
    });
    return result;
}
template <class A, class B>
requires DualPair<A, B>
inline auto min(A const& a, B const& b) {
    return select(a >= b, b, a);
}
template <class A, class B>
requires DualPair<A, B>
inline auto max(A const& a, B const& b) {
    return select(a <= b, b, a);
}
template <class V, dual_mask A>
inline dual<V, A> abs(dual<V, A> const& a) {
    // the sign, 0 at 0, as every framework has it
    V const sign = select(a.value < V(0), V(-1), select(a.value > V(0), V(1), V(0)));
    return detail::chain<V>(simd::abs(a.value), sign, a);
}

} // namespace simd
} // namespace xrnn::inline XRNN_ABI
