// SPDX-License-Identifier: BSD-3-Clause
//
// What follows from a cell's flow at compile time: its parameters, which vectors must be kept, and
// the phases in which a step is computed.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <tuple>

#include <xrnn/gates.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

// ---- kinds of node -------------------------------------------------------------------------------

template <class Node>
inline constexpr bool is_affine = false;
template <class Outs, class Ins>
inline constexpr bool is_affine<affine<Outs, Ins>> = true;

/// An affine node of one sum whose matrix is its own.
template <class Node>
struct is_projection : std::false_type {};
template <class Out, class In, fixed_string Name>
struct is_projection<project<Out, In, Name>> : std::true_type {};
template <class Out, class In, fixed_string Name>
inline constexpr bool is_affine<project<Out, In, Name>> = true;

template <class Node>
concept LaneNode = requires {
    typename Node::shown;
};

template <class Sum>
struct is_weight : std::false_type {};
template <fixed_string Name, int Start>
struct is_weight<weight<Name, Start>> : std::true_type {};
template <class Sum>
struct is_no_weight : std::bool_constant<!is_weight<Sum>::value> {};

template <class Node>
struct is_lane_node : std::bool_constant<LaneNode<Node>> {};

template <class Source>
struct is_not_x : std::bool_constant<!std::is_same_v<Source, x_t>> {};

template <class Name>
inline constexpr bool is_prev = false;
template <class State>
inline constexpr bool is_prev<prev<State>> = true;

template <class Node>
struct outs_of {
    using type = std::conditional_t<is_affine<Node>, list<>, typename Node::outs>;
};
template <class Node>
struct sums_of {
    using type = std::conditional_t<is_affine<Node>, typename Node::outs, list<>>;
};
/// Sums whose weights are columns of kernel and recurrent_kernel, and what these are multiplied with.
template <class Node>
struct columns_of {
    using type = list<>;
};
template <class Outs, class Ins>
struct columns_of<affine<Outs, Ins>> {
    using type = Outs;
};
template <class Node>
struct factors_of {
    using type = list<>;
};
template <class Outs, class Ins>
struct factors_of<affine<Outs, Ins>> {
    using type = Ins;
};
template <class Node>
struct shown_of {
    using type = list<>;
};
template <LaneNode Node>
struct shown_of<Node> {
    using type = typename Node::shown;
};

template <template <class> class Part, class Nodes>
struct collect;
template <template <class> class Part, class... Nodes>
struct collect<Part, list<Nodes...>> {
    using type = unique_t<concat_t<typename Part<Nodes>::type...>>;
};
template <template <class> class Part, class Nodes>
using collect_t = typename collect<Part, Nodes>::type;

// ---- widths --------------------------------------------------------------------------------------

/// What a vector says of its width; 0: as many entries as the layer has units.
template <class Vector>
inline constexpr std::size_t declared_width = 0;
template <class Vector>
requires requires {
    Vector::width;
}
inline constexpr std::size_t declared_width<Vector> = Vector::width;
template <class State>
inline constexpr std::size_t declared_width<prev<State>> = declared_width<State>;

/// Entries of a vector other than x_t.
template <class Vector>
constexpr std::size_t width_of(std::size_t units) {
    return declared_width<Vector> == 0 ? units : declared_width<Vector>;
}
/// Of all vectors of a list.
template <class... Vectors>
constexpr std::size_t total_width(list<Vectors...>, [[maybe_unused]] std::size_t units) {
    return (std::size_t{0} + ... + width_of<Vectors>(units));
}
/// Of the widest of a list.
template <class... Vectors>
constexpr std::size_t largest_width(list<Vectors...>, [[maybe_unused]] std::size_t units) {
    return std::max({std::size_t{0}, width_of<Vectors>(units)...});
}
/// Where a vector begins if those of a list lie behind each other.
template <class Vector, class... Vectors>
constexpr std::size_t offset_in(list<Vectors...> all, [[maybe_unused]] std::size_t units) {
    std::size_t place = 0, offset = 0;
    ((offset += place++ < index_of<decltype(all), Vector> ? width_of<Vectors>(units) : 0), ...);
    return offset;
}

// ---- phases --------------------------------------------------------------------------------------

/// Sums of Affines that Source feeds, in order.
template <class Source, class... Affines>
using fed_by = concat_t<
    std::conditional_t<contains<typename Affines::ins, Source>, typename Affines::outs, list<>>...>;

template <class Affines>
struct sources_of;
template <class... Affines>
struct sources_of<list<Affines...>> {
    using type = unique_t<concat_t<typename Affines::ins...>>;
    template <class Source>
    using fed = fed_by<Source, Affines...>;
};

/// A part of a step that needs no complete vector of its own making: sums that are accumulated
/// together in registers, the equations that are applied to them there, and last what looks at
/// whole rows.
template <class Affines, class Lanes, class Rows>
struct phase {
    using lane_nodes = Lanes;
    using row_nodes = Rows;
    using sums = collect_t<sums_of, Affines>;
    using sources = typename sources_of<Affines>::type;
    template <class Source>
    using fed = typename sources_of<Affines>::template fed<Source>;
    /// Units that it computes something for.
    static constexpr std::size_t width(std::size_t units) {
        return largest_width(concat_t<sums, collect_t<outs_of, Lanes>>{}, units);
    }
};

/// Cuts a flow into phases: a new one begins with an affine node behind equations, or with
/// equations behind a row node.
template <class Done, class Affines, class Lanes, class Rows, class... Nodes>
struct cut {
    using type = concat_t<Done, list<phase<Affines, Lanes, Rows>>>;
};
template <class... Done, class... A, class... L, class... R, class Node, class... Nodes>
struct cut<list<Done...>, list<A...>, list<L...>, list<R...>, Node, Nodes...> {
    using here = phase<list<A...>, list<L...>, list<R...>>;
    static constexpr bool fresh = is_affine<Node> ? sizeof...(L) + sizeof...(R) > 0
                                                  : LaneNode<Node> && sizeof...(R) > 0;
    template <class As, class Ls, class Rs>
    using add =
        cut<std::conditional_t<fresh, list<Done..., here>, list<Done...>>,
            std::conditional_t<is_affine<Node>, concat_t<As, list<Node>>, As>,
            std::conditional_t<LaneNode<Node>, concat_t<Ls, list<Node>>, Ls>,
            std::conditional_t<!is_affine<Node> && !LaneNode<Node>, concat_t<Rs, list<Node>>, Rs>,
            Nodes...>;
    using type = typename std::conditional_t<
        fresh, std::type_identity<add<list<>, list<>, list<>>>,
        std::type_identity<add<list<A...>, list<L...>, list<R...>>>>::type::type;
};

template <class Flow>
struct phases_of;
template <class... Nodes>
struct phases_of<list<Nodes...>> {
    using type = typename cut<list<>, list<>, list<>, list<>, Nodes...>::type;
};

// ---- a cell at a glance --------------------------------------------------------------------------

template <class Affines, class Sums>
struct fed_partition;
template <class... Nodes, class Sums>
struct fed_partition<list<Nodes...>, Sums> {
    template <class Node, bool FromInput>
    static constexpr bool feeds() {
        if constexpr (!is_affine<Node> || is_projection<Node>::value)
            return false;
        else if constexpr (FromInput)
            return contains<typename Node::ins, x_t>;
        else
            return Node::ins::size > (contains<typename Node::ins, x_t> ? 1 : 0);
    }
    using from_x = concat_t<
        std::conditional_t<feeds<Nodes, true>(), typename sums_of<Nodes>::type, list<>>...>;
    using from_units = concat_t<
        std::conditional_t<feeds<Nodes, false>(), typename sums_of<Nodes>::type, list<>>...>;
};

/// 1: a bias for each sum. 2: one for each column of kernel and of recurrent_kernel. 0: none.
template <class Cell>
inline constexpr std::size_t bias_rows = 1;
template <class Cell>
requires requires {
    Cell::bias_rows;
}
inline constexpr std::size_t bias_rows<Cell> = Cell::bias_rows;

template <class Cell>
struct plan {
    using flow = typename Cell::flow;
    using phases = typename phases_of<flow>::type;
    using states = typename Cell::states;
    /// Sums of all affine nodes; they live in registers, their gradients in memory.
    using sums = collect_t<sums_of, flow>;
    /// Of them, learned values per unit, those with a matrix of their own, and those that have a bias.
    using unit_weights = filter_t<is_weight, sums>;
    using projections = filter_t<is_projection, flow>;
    using projected = collect_t<sums_of, projections>;
    using biased = filter_t<is_no_weight, collect_t<columns_of, flow>>;
    /// Vectors that are written to memory at each step: the states, then everything else.
    using stored = unique_t<concat_t<states, collect_t<outs_of, flow>>>;
    /// Gates and candidates that trace shows.
    using shown = collect_t<shown_of, flow>;
    /// Columns of kernel and of recurrent_kernel, in units.
    using kernel_columns = typename fed_partition<flow, sums>::from_x;
    using recurrent_columns = typename fed_partition<flow, sums>::from_units;
    /// What recurrent_kernel is multiplied with.
    using recurrent_sources = filter_t<is_not_x, collect_t<factors_of, flow>>;

    /// Entries of the widest vector.
    static constexpr std::size_t widest(std::size_t units) {
        return std::max(largest_width(stored{}, units), largest_width(sums{}, units));
    }

    static constexpr std::size_t output = index_of<stored, typename Cell::output>;
    static constexpr bool two_biases = bias_rows<Cell> == 2;

    static_assert(unit_weights::size + projections::size + biased::size == sums::size,
                  "xrnn: let a sum be the Out of one project node, or of affine nodes");
    static_assert(!two_biases || kernel_columns::size == recurrent_columns::size,
                  "xrnn: bias_rows = 2 needs as many sums fed by x_t as by the states");

    /// kernel, recurrent_kernel, bias, projections and unit weights, as far as the cell has them, in
    /// Keras's shapes.
    static constexpr bool has_kernel = kernel_columns::size > 0;
    static constexpr bool has_recurrent_kernel = recurrent_columns::size > 0;
    static constexpr bool has_bias = bias_rows<Cell> > 0 && biased::size > 0;
    static constexpr parameter_info kernel(std::size_t features, std::size_t units) {
        return {"kernel", {features, total_width(kernel_columns{}, units)}};
    }
    static constexpr parameter_info recurrent_kernel(std::size_t units) {
        return {
            "recurrent_kernel",
            {largest_width(recurrent_sources{}, units), total_width(recurrent_columns{}, units)}};
    }
    static constexpr parameter_info bias(std::size_t units) {
        if (two_biases)
            return {"bias", {2, total_width(kernel_columns{}, units)}};
        return {"bias", {total_width(biased{}, units), 0}};
    }
    template <class Node>
    static constexpr parameter_info projection(std::size_t units) {
        return {
            Node::name,
            {total_width(typename Node::ins{}, units), total_width(typename Node::outs{}, units)}};
    }
};

/// Where a cell's parameters (or their gradients) lie; a null pointer for one that is absent.
template <class T>
struct cell_parameters {
    T* kernel = nullptr;
    T* recurrent_kernel = nullptr;
    T* bias = nullptr;
    T* const* unit_weights = nullptr; // one pointer each
    T* const* projections = nullptr;  // the same
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
