// SPDX-License-Identifier: BSD-3-Clause
//
// The words that a cell is written in. A cell is a short program over named vectors: its `flow` is
// a list of nodes that are computed in order, once a time step.
//
//     affine<Outs, Ins>          Out_k = sum_j W_kj · In_j + b_k      belongs to the library
//     lanes<Ins, Outs, Shown>    Outs = next(Ins...), unit by unit    belongs to the cell
//     learned<P...>              a learned value per unit             belongs to the library
//     project<Out, In>           Out = W · In                         belongs to the library
//     softmax_over<In, Out>      over all units of the layer          belongs to the library
//     normalized_over<In, Out>   over all units of the layer          belongs to the library
//
// Everything else follows from that list: parameters and their shapes, the SIMD step, the batched
// forward pass, the adjoint for backpropagation, streaming and trace. See cells/lstm.hpp.
#pragma once

#include <concepts>
#include <string_view>

#include <xrnn/activations.hpp>
#include <xrnn/layout.hpp>

namespace xrnn::inline XRNN_ABI {

// ---- named vectors -------------------------------------------------------------------------------
//
// A vector has as many entries as the layer has units, or a Width of its own, where that is not 0.

/// The layer's input at this step.
struct x_t {
    static constexpr std::string_view name = "x";
};

namespace detail {

/// A(sum). Says what is wrong if A is no activation.
template <class A>
XRNN_INLINE auto activated(auto const& sum) {
    constexpr bool is_activation = std::is_invocable_v<A, decltype(sum)>; // of just this type
    static_assert(is_activation, "xrnn: the activation of a gate or candidate is a type that is "
                                 "called on a value, such as sigmoid, xrnn::tanh, relu, linear; "
                                 "softmax is for dense layers");
    if constexpr (is_activation)
        return A{}(sum);
    else
        return sum; // so that nothing else fails
}

} // namespace detail

/// A gate: a sum W·x_t + U·h_{t-1} + b and the activation that maps it, usually to 0..1. Called on
/// the sum it gives the gate's value.
template <fixed_string Name, class Activation>
struct gate {
    static constexpr std::string_view name = Name;
    using activation = Activation;
    XRNN_INLINE auto operator()(auto const& sum) const {
        return detail::activated<Activation>(sum);
    }
};

/// A candidate: the same for a new content that gates may let in.
template <fixed_string Name, class Activation>
struct candidate {
    static constexpr std::string_view name = Name;
    using activation = Activation;
    XRNN_INLINE auto operator()(auto const& sum) const {
        return detail::activated<Activation>(sum);
    }
};

/// A sum without an activation of its own, such as the recurrent half of a GRU's candidate.
template <fixed_string Name, std::size_t Width = 0>
struct partial_sum {
    static constexpr std::string_view name = Name;
    static constexpr std::size_t width = Width;
};

/// A learned value per unit that equations read, such as a peephole's or a normalisation's: a
/// parameter of shape (units) of that name, which starts at Start.
template <fixed_string Name, int Start = 0>
struct weight {
    static constexpr std::string_view name = Name;
    static constexpr int start = Start;
};

/// A vector that is carried from one step to the next.
template <fixed_string Name, std::size_t Width = 0>
struct state {
    static constexpr std::string_view name = Name;
    static constexpr std::size_t width = Width;
};

/// A vector that lives within one step.
template <fixed_string Name, std::size_t Width = 0>
struct value {
    static constexpr std::string_view name = Name;
    static constexpr std::size_t width = Width;
};

/// A state as it was before this step.
template <class State>
struct prev {
    using state = State;
    static constexpr std::string_view name = State::name;
};

// ---- nodes ---------------------------------------------------------------------------------------

/// Out_k = sum_j W_kj · In_j + b_k for each Out_k. Ins: x_t, prev<state>, or an earlier output.
template <class Outs, class Ins>
struct affine {
    using outs = Outs;
    using ins = Ins;
};

/// Learned values per unit, for the equations that follow: sums that nothing feeds.
template <class... Weights>
using learned = affine<list<Weights...>, list<>>;

/// Out = W · In, with a matrix of its own, the parameter Name of shape (entries of In, entries of Out),
/// and no bias. Out: a sum, such as partial_sum<"r", Width>. In: prev<state>, or an earlier output.
template <class Out, class In, fixed_string Name = "projection_kernel">
struct project {
    static_assert(!std::is_same_v<In, x_t>, "xrnn: project a state or a value, not x_t");
    static constexpr std::string_view name = Name;
    using outs = list<Out>;
    using ins = list<In>;
};

/// Base of a cell's equations: a struct derived from it has a static function `next` that takes the
/// Ins (sums of affine nodes not yet activated, prev<state>, earlier outputs) and returns a tuple of
/// the Outs, then of the Shown (gates and candidates, for trace alone).
template <class Ins, class Outs, class Shown = list<>>
struct lanes {
    using ins = Ins;
    using outs = Outs;
    using shown = Shown;
};

/// What a cell must have; docs/cells.md says what each means. What the equations must be beyond that,
/// a layer checks when it takes the cell.
template <class C>
concept Cell = requires {
    { C::name } -> std::convertible_to<std::string_view>;
    typename C::states;
    typename C::output;
    typename C::flow;
};

/// Out = softmax(In) over all units.
template <class In, class Out>
struct softmax_over {
    using ins = list<In>;
    using outs = list<Out>;
};

/// Out_k = (In_k - mean(In)) / sqrt(variance(In) + 0.001) over all units: layer normalisation before
/// its scale and shift, with Keras's epsilon. Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
template <class In, class Out>
struct normalized_over {
    using ins = list<In>;
    using outs = list<Out>;
};

} // namespace xrnn::inline XRNN_ABI
