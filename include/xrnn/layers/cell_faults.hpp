// SPDX-License-Identifier: BSD-3-Clause
//
// Mistakes in a cell: found, and said, where a layer takes it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include <xrnn/layers/flow.hpp>
#include <xrnn/simd/dual.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

enum class cell_fault {
    none,
    incomplete,
    states,
    flow,
    arguments,
    results,
    affine_ins,
    learned,
    unknown_name,
    read_early,
    computed_twice,
    repeated_name,
    lost_state,
    widths,
    output
};

/// What `next` is called with, for each name: a number with a derivative, as in training, since that
/// takes constants of any type.
template <class>
using number_for = simd::dual<double, 1>;

template <class Node, class Ins = typename Node::ins>
inline constexpr bool takes_its_ins = false;
template <class Node, class... Ins>
inline constexpr bool takes_its_ins<Node, list<Ins...>> = requires(number_for<Ins>... in) {
    Node::next(in...);
};

template <class Node, class Ins = typename Node::ins>
struct result_of;
template <class Node, class... Ins>
struct result_of<Node, list<Ins...>> {
    using type = decltype(Node::next(number_for<Ins>{}...));
};
template <class Tuple>
concept TupleLike = requires {
    std::tuple_size<Tuple>::value;
};
template <class Node, class Result = typename result_of<Node>::type>
inline constexpr bool returns_its_outs = false;
template <class Node, TupleLike Result>
inline constexpr bool returns_its_outs<Node, Result> =
    std::tuple_size_v<Result> == Node::outs::size + Node::shown::size;

template <class... Vectors>
constexpr bool of_one_width(list<Vectors...>) {
    std::size_t const largest = std::max({std::size_t{0}, declared_width<Vectors>...});
    return ((declared_width<Vectors> == largest) && ...);
}

template <class Nodes>
inline constexpr bool take_their_ins = false;
template <class... Nodes>
inline constexpr bool take_their_ins<list<Nodes...>> = (takes_its_ins<Nodes> && ...);
template <class Nodes>
inline constexpr bool return_their_outs = false;
template <class... Nodes>
inline constexpr bool return_their_outs<list<Nodes...>> = (returns_its_outs<Nodes> && ...);

template <class State>
inline constexpr bool is_state = false;
template <fixed_string Name, std::size_t Width>
inline constexpr bool is_state<state<Name, Width>> = true;
template <class States>
inline constexpr bool are_states = false;
template <class... States>
inline constexpr bool are_states<list<States...>> = (is_state<States> && ...);

template <class Node>
concept FlowNode = requires {
    typename Node::ins;
    typename Node::outs;
};
template <class Flow>
inline constexpr bool are_nodes = false;
template <class... Nodes>
inline constexpr bool are_nodes<list<Nodes...>> = (FlowNode<Nodes> && ...);

/// Whether no two vectors have one name, or that of a parameter.
template <class... Vectors>
constexpr bool names_differ(list<Vectors...>) {
    std::array const names{std::string_view("kernel"), std::string_view("recurrent_kernel"),
                           std::string_view("bias"), std::string_view(Vectors::name)...};
    for (std::size_t k = 0; k < names.size(); ++k)
        for (std::size_t j = 0; j < k; ++j)
            if (names[j] == names[k])
                return false;
    return true;
}

/// The first mistake in how a cell's nodes fit together.
template <class C>
struct fault_search {
    using p = plan<C>;
    using nodes = typename C::flow;
    using outs = collect_t<outs_of, nodes>;
    cell_fault fault = cell_fault::none;
    std::array<bool, p::stored::size> made{};

    constexpr fault_search() {
        for_each<nodes>([&]<class Node>(std::type_identity<Node>) {
            if constexpr (is_affine<Node>)
                for_each<typename Node::outs>([&]<class Out>(std::type_identity<Out>) {
                    check(cell_fault::learned, is_weight<Out>::value == (Node::ins::size == 0));
                });
        });
        for_each<typename p::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<typename Phase::sources>([&]<class In>(std::type_identity<In>) {
                check(cell_fault::affine_ins, std::is_same_v<In, x_t> || is_made<In>());
            });
            for_each<typename Phase::lane_nodes>(
                [&]<class Node>(std::type_identity<Node>) { take<typename Phase::sums, Node>(); });
            for_each<typename Phase::row_nodes>(
                [&]<class Node>(std::type_identity<Node>) { take<list<>, Node>(); });
        });
        for_each<nodes>([&]<class Node>(std::type_identity<Node>) {
            if constexpr (!is_affine<Node>)
                check(cell_fault::widths,
                      of_one_width(concat_t<typename Node::ins, typename Node::outs,
                                            typename shown_of<Node>::type>{}));
        });
        for_each<typename C::states>([&]<class State>(std::type_identity<State>) {
            check(cell_fault::lost_state, is_made<State>());
        });
        check(cell_fault::repeated_name,
              names_differ(
                  concat_t<
                      unique_t<concat_t<typename p::sums, typename p::stored, typename p::shown>>,
                      typename p::projections>{}));
        check(cell_fault::output, contains<typename p::stored, typename C::output>);
    }

  private:
    constexpr void check(cell_fault kind, bool right) {
        if (fault == cell_fault::none && !right)
            fault = kind;
    }

    template <class Name>
    constexpr bool is_made() const {
        if constexpr (is_prev<Name>)
            return contains<typename C::states, typename Name::state>;
        else if constexpr (contains<typename p::stored, Name>)
            return made[index_of<typename p::stored, Name>];
        else
            return false;
    }

    /// A node that is no affine one: what it reads, then what it computes.
    template <class Sums, class Node>
    constexpr void take() {
        for_each<typename Node::ins>([&]<class In>(std::type_identity<In>) {
            check(cell_fault::unknown_name,
                  is_prev<In> ? is_made<In>()
                              : contains<typename p::sums, In> || contains<outs, In>);
            check(cell_fault::read_early, contains<Sums, In> || is_made<In>());
        });
        for_each<typename Node::outs>([&]<class Out>(std::type_identity<Out>) {
            bool& out = made[index_of<typename p::stored, Out>];
            check(cell_fault::computed_twice, !out);
            out = true;
        });
    }
};

/// The first mistake in a cell.
template <class C>
constexpr cell_fault find_fault() {
    if constexpr (!Cell<C>)
        return cell_fault::incomplete;
    else if constexpr (!are_states<typename C::states>)
        return cell_fault::states;
    else if constexpr (!are_nodes<typename C::flow>)
        return cell_fault::flow;
    else if constexpr (!take_their_ins<filter_t<is_lane_node, typename C::flow>>)
        return cell_fault::arguments;
    else if constexpr (!return_their_outs<filter_t<is_lane_node, typename C::flow>>)
        return cell_fault::results;
    else
        return fault_search<C>().fault;
}

/// The same, said.
template <class C>
constexpr cell_fault fault_of() {
    constexpr cell_fault fault = find_fault<C>();
    static_assert(fault != cell_fault::states,
                  "xrnn: the states of a cell are a list of state<...>: using states = list<h>");
    static_assert(fault != cell_fault::flow,
                  "xrnn: the flow of a cell is a list of nodes: affine, learned, structs derived "
                  "from lanes, project, softmax_over, normalized_over");
    static_assert(fault != cell_fault::affine_ins,
                  "xrnn: the Ins of an affine node are x_t, prev<state> of a state of the cell, or "
                  "Outs of an earlier node that is not affine");
    static_assert(fault != cell_fault::learned,
                  "xrnn: learned<...> takes weight<...> and nothing else; gates, candidates and "
                  "partial sums are Outs of an affine node with Ins, and weights are not");
    static_assert(fault != cell_fault::read_early,
                  "xrnn: a vector is read before the node that computes it, or a sum where it is "
                  "gone: sums last up to the next affine node; let lanes keep it as a value");
    static_assert(fault != cell_fault::computed_twice,
                  "xrnn: let one node compute each state and value: it is among the Outs of two");
    static_assert(fault != cell_fault::repeated_name,
                  "xrnn: give each gate, sum, weight, value and state a name of its own, which is "
                  "not kernel, recurrent_kernel or bias");
    static_assert(fault != cell_fault::widths,
                  "xrnn: let the Ins, Outs and Shown of a node be of one width; project leads from "
                  "one width to another");
    static_assert(fault != cell_fault::output,
                  "xrnn: the output of a cell is one of its states or values");
    return fault;
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
