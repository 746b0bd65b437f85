// SPDX-License-Identifier: BSD-3-Clause
//
// Which partial derivatives a cell's equations have, and where a training pass keeps them.
#pragma once

#include <tuple>

#include <xrnn/layers/flow.hpp>
#include <xrnn/simd/dual.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// The structurally non-zero partial derivatives of a lane node's outputs.
template <class Ins, class Outs, class Node, class V>
struct lane_jacobian_impl;
template <class... Ins, class... Outs, class Node, class V>
struct lane_jacobian_impl<list<Ins...>, list<Outs...>, Node, V> {
    template <class In>
    using seed = simd::dual<V, 1u << index_of<list<Ins...>, In>>;
    using results = decltype(Node::next(std::declval<seed<Ins>>()...));
    template <std::size_t J>
    static constexpr simd::dual_mask mask =
        simd::detail::mask_of<std::remove_cvref_t<std::tuple_element_t<J, results>>>;
    /// Number of partials of the outputs before J.
    template <std::size_t J>
    static constexpr std::size_t offset() {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return (std::size_t{0} + ... + static_cast<std::size_t>(std::popcount(mask<I>)));
        }
        (std::make_index_sequence<J>{});
    }
    static constexpr std::size_t size = offset<sizeof...(Outs)>();
};
template <class Node, class V>
using jacobian_of = lane_jacobian_impl<typename Node::ins, typename Node::outs, Node, V>;

template <class V, class Phases>
struct partials_before;
template <class V, class... Phases>
struct partials_before<V, list<Phases...>> {
    using nodes = concat_t<typename Phases::lane_nodes...>;
    template <class... Nodes>
    static constexpr std::size_t sum(list<Nodes...>, std::size_t first) {
        std::size_t position = 0;
        std::size_t count = 0;
        ((count += position++ < first ? jacobian_of<Nodes, V>::size : 0), ...);
        return count;
    }
    template <class Node>
    static constexpr std::size_t of = sum(nodes{}, index_of<nodes, Node>);
    static constexpr std::size_t total = sum(nodes{}, nodes::size);
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
