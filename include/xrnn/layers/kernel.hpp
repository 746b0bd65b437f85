// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of any cell, for any number of rows: the forward half of the engine under every
// layer. Predictions, training and trace run this one text; streams have a step of their own, see
// step_kernel.hpp.
//
// Legend: U units, P = U rounded up to the lanes W, F features of x, B rows, S stored vectors.
//   record   (S, P)      what a row keeps of one step: states first, then values
//   weights  packed by tile of W units, in the order in which the step reads them:
//            for each phase, for each tile: biases (sums, W), then for each source of the phase
//            (x_t, prev<h>, …) and each of its entries k: (fed sums, W)
// Padding units have zero weights; their lanes may hold anything, NaN included, and no result
// depends on them.
#pragma once

#include <tuple>

#include <xrnn/layers/cell_math.hpp>
#include <xrnn/simd/dual.hpp>

namespace xrnn::inline XRNN_ABI {

/// What a forward pass leaves behind: nothing but the states, the partial derivatives for
/// backpropagation, or the gates for trace.
enum class pass { infer, train, trace };

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

template <class Cell, class T, std::size_t W>
struct cell_kernel : cell_math<Cell, T> {
    using plan = detail::plan<Cell>;
    using math = cell_math<Cell, T>;
    using vec = simd::batch<T, W>;
    using stored = typename plan::stored;
    using partials = partials_before<vec, typename plan::phases>;

    static constexpr std::size_t padded(std::size_t units) { return round_up(units, W); }
    static constexpr std::size_t tiles(std::size_t units) { return padded(units) / W; }
    static constexpr std::size_t record_size(std::size_t units) {
        return stored::size * padded(units);
    }

    // ---- weights ---------------------------------------------------------------------------------

    /// Values of one tile's weights in a phase.
    template <class Phase>
    static constexpr std::size_t tile_size(std::size_t units, std::size_t features) {
        std::size_t size = Phase::sums::size * W;
        for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
            size += math::template width<Source>(units, features) *
                    Phase::template fed<Source>::size * W;
        });
        return size;
    }

    static constexpr std::size_t packed_size(std::size_t units, std::size_t features) {
        std::size_t size = 0;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            size += tiles(units) * tile_size<Phase>(units, features);
        });
        return size;
    }

    /// Lays a cell's parameters out for `step`.
    static void pack(cell_parameters<T const> from, std::size_t units, std::size_t features,
                     T* to) {
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for (std::size_t u0 = 0; u0 < units; u0 += W) {
                std::size_t const n = units - u0 < W ? units - u0 : W;
                for_each<typename Phase::sums>([&]<class Sum>(std::type_identity<Sum>) {
                    for (std::size_t lane = 0; lane < W; ++lane)
                        *to++ = lane < n ? math::template bias<Sum>(from, units, u0 + lane) : T(0);
                });
                for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
                    for (std::size_t k = 0; k < math::template width<Source>(units, features); ++k)
                        for_each<typename Phase::template fed<Source>>(
                            [&]<class Sum>(std::type_identity<Sum>) {
                                T const* row =
                                    math::template weight_row<Source, Sum>(from, units, k) + u0;
                                for (std::size_t lane = 0; lane < W; ++lane)
                                    *to++ = lane < n ? row[lane] : T(0);
                            });
                });
            }
        });
    }

    // ---- one step --------------------------------------------------------------------------------

    /// Rows that are computed side by side, so that a weight is read once for all of them.
    static constexpr std::size_t row_block = 4;

    /// One step of `batch` rows. x: row b at x + b * x_stride. prev, cur: records, one behind the
    /// other. extra: the partials ((tile, row) major) of a training pass, or the shown vectors
    /// (rows of shown::size * P) of a trace.
    template <pass Pass>
    static void step(T const* weights, std::size_t units, std::size_t features, T const* x,
                     std::size_t x_stride, T const* prev, T* cur, std::size_t batch, T* extra) {
        std::size_t const record = record_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for (std::size_t tile = 0; tile < tiles(units); ++tile) {
                std::size_t b = 0;
                for (; b + row_block <= batch; b += row_block)
                    rows<Pass, Phase, row_block>(weights, units, features, tile, x + b * x_stride,
                                                 x_stride, prev + b * record, cur + b * record,
                                                 extra_at<Pass>(extra, units, tile, b, batch));
                for (; b < batch; ++b)
                    rows<Pass, Phase, 1>(weights, units, features, tile, x + b * x_stride, x_stride,
                                         prev + b * record, cur + b * record,
                                         extra_at<Pass>(extra, units, tile, b, batch));
                weights += tile_size<Phase>(units, features);
            }
            for_each<typename Phase::row_nodes>([&]<class Node>(std::type_identity<Node>) {
                for (std::size_t b = 0; b < batch; ++b)
                    math::row_forward(Node{}, units, padded(units), cur + b * record);
            });
        });
    }

  private:
    template <pass Pass>
    static T* extra_at(T* extra, std::size_t units, std::size_t tile, std::size_t b,
                       std::size_t batch) {
        if constexpr (Pass == pass::train)
            return extra + (tile * batch + b) * partials::total * W;
        else if constexpr (Pass == pass::trace)
            return extra + b * plan::shown::size * padded(units) + tile * W;
        else
            return extra;
    }

    template <pass Pass, class Phase, std::size_t R>
    static void rows(T const* weights, std::size_t units, std::size_t features, std::size_t tile,
                     T const* x, std::size_t x_stride, T const* prev, T* cur, T* extra) {
        constexpr std::size_t sums = Phase::sums::size;
        std::size_t const record = record_size(units);
        vec sum[R][sums == 0 ? 1 : sums];
        accumulate<Phase, R>(weights, units, features, x, x_stride, prev, cur, record, sum);
        equations<Pass, Phase, R>(units, tile, sum, prev, cur, extra);
    }

    /// sum[r][s] = bias_s + over all sources: W · source. The accumulators are locals whose
    /// indices are constants, so that they stay in registers; a function of its own, so that nothing
    /// around it takes registers away.
    template <class Phase, std::size_t R, std::size_t S>
    XRNN_NOINLINE static void accumulate(T const* weights, std::size_t units, std::size_t features,
                                         T const* x, std::size_t x_stride, T const* prev,
                                         T const* cur, std::size_t record, vec (&sum)[R][S]) {
        if constexpr (Phase::sums::size > 0) {
            vec acc[R][S];
            unroll<S>([&](auto s) XRNN_INLINE_LAMBDA {
                vec const b = simd::load<vec>(weights + s * W);
                unroll<R>([&](auto r) XRNN_INLINE_LAMBDA { acc[r][s] = b; });
            });
            weights += S * W;
            for_each<typename Phase::sources>([&]<class Source>(
                                                  std::type_identity<Source>) XRNN_INLINE_LAMBDA {
                using fed = typename Phase::template fed<Source>;
                T const* from = math::template source<Source>(padded(units), x, prev, cur);
                std::size_t const stride = std::is_same_v<Source, x_t> ? x_stride : record;
                std::size_t const n = math::template width<Source>(units, features);
                for (std::size_t k = 0; k < n; ++k) {
                    vec in[R];
                    unroll<R>([&](auto r)
                                  XRNN_INLINE_LAMBDA { in[r] = vec(from[r * stride + k]); });
                    for_each<fed>([&]<class Sum>(std::type_identity<Sum>) XRNN_INLINE_LAMBDA {
                        constexpr std::size_t s = index_of<typename Phase::sums, Sum>;
                        vec const w =
                            simd::in_register(simd::load<vec>(weights + index_of<fed, Sum> * W));
                        unroll<R>([&](auto r) XRNN_INLINE_LAMBDA {
                            acc[r][s] = simd::fma(w, in[r], acc[r][s]);
                        });
                    });
                    weights += fed::size * W;
                }
            });
            unroll<R>([&](auto r) XRNN_INLINE_LAMBDA {
                unroll<S>([&](auto s) XRNN_INLINE_LAMBDA { sum[r][s] = acc[r][s]; });
            });
        }
    }

    /// The equations of a phase, for R rows of one tile. A function of its own, with all that the cell
    /// calls in it: so no activation is a call, however large the program around it.
    template <pass Pass, class Phase, std::size_t R, std::size_t S>
    XRNN_FLATTEN XRNN_NOINLINE static void equations(std::size_t units, std::size_t tile,
                                                     vec const (&sum)[R][S], T const* prev, T* cur,
                                                     T* extra) {
        std::size_t const record = record_size(units);
        for (std::size_t r = 0; r < R; ++r) {
            for_each<typename Phase::lane_nodes>([&]<class Node>(std::type_identity<Node>) {
                apply<Pass, Phase, Node>(units, tile, sum[r], prev + r * record, cur + r * record,
                                         extra);
            });
            if constexpr (Pass == pass::train)
                extra += partials::total * W;
            else if constexpr (Pass == pass::trace)
                extra += plan::shown::size * padded(units);
        }
    }

    /// The equations of one lane node, for one row and one tile.
    template <pass Pass, class Phase, class Node>
    static void apply(std::size_t units, std::size_t tile, vec const* sum, T const* prev, T* cur,
                      T* extra) {
        auto const in = [&]<class Name>(std::type_identity<Name>) -> vec {
            if constexpr (contains<typename Phase::sums, Name>)
                return sum[index_of<typename Phase::sums, Name>];
            else
                return simd::load<vec>(
                    math::template source<Name>(padded(units), nullptr, prev, cur) + tile * W);
        };
        auto const results = [&]<class... Ins>(list<Ins...>) {
            if constexpr (Pass == pass::train) {
                using jacobian = jacobian_of<Node, vec>;
                return Node::next(typename jacobian::template seed<Ins>{
                    in(std::type_identity<Ins>{}), {vec(T(1))}}...);
            } else
                return Node::next(in(std::type_identity<Ins>{})...);
        }(typename Node::ins{});
        keep<Pass, Node>(units, tile, results, cur, extra);
    }

    template <pass Pass, class Node, class Results>
    static void keep(std::size_t units, std::size_t tile, Results const& results, T* cur,
                     T* extra) {
        for_each<typename Node::outs>([&]<class Out>(std::type_identity<Out>) {
            constexpr std::size_t j = index_of<typename Node::outs, Out>;
            T* const to = cur + index_of<stored, Out> * padded(units) + tile * W;
            auto const& result = std::get<j>(results);
            simd::store<vec>(to, simd::detail::value_of<vec>(result));
            if constexpr (Pass == pass::train) {
                using jacobian = jacobian_of<Node, vec>;
                T* const partial =
                    extra + (partials::template of<Node> + jacobian::template offset<j>()) * W;
                if constexpr (simd::Dual<std::remove_cvref_t<decltype(result)>>)
                    for (std::size_t p = 0; p < result.partials.size(); ++p)
                        simd::store<vec>(partial + p * W, result.partials[p]);
            }
        });
        if constexpr (Pass == pass::trace)
            for_each<typename Node::shown>([&]<class Shown>(std::type_identity<Shown>) {
                constexpr std::size_t j = Node::outs::size + index_of<typename Node::shown, Shown>;
                simd::store<vec>(extra + index_of<typename plan::shown, Shown> * padded(units),
                                 std::get<j>(results));
            });
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
