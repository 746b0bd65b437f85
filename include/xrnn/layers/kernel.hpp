// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of any cell, for any number of rows: the forward half of the engine under every
// layer. Streams, predictions and training run this one text.
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

#include <xrnn/layers/flow.hpp>
#include <xrnn/simd/batch.hpp>

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
struct cell_kernel {
    using plan = detail::plan<Cell>;
    using vec = simd::batch<T, W>;
    using stored = typename plan::stored;
    using partials = partials_before<vec, typename plan::phases>;

    static constexpr std::size_t padded(std::size_t units) { return round_up(units, W); }
    static constexpr std::size_t tiles(std::size_t units) { return padded(units) / W; }
    static constexpr std::size_t record_size(std::size_t units) {
        return stored::size * padded(units);
    }

    // ---- weights ---------------------------------------------------------------------------------

    template <class Source>
    static constexpr std::size_t width(std::size_t units, std::size_t features) {
        return std::is_same_v<Source, x_t> ? features : units;
    }

    /// Values of one tile's weights in a phase.
    template <class Phase>
    static constexpr std::size_t tile_size(std::size_t units, std::size_t features) {
        std::size_t size = Phase::sums::size * W;
        for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
            size += width<Source>(units, features) * Phase::template fed<Source>::size * W;
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
                        *to++ = lane < n ? bias<Sum>(from, units, u0 + lane) : T(0);
                });
                for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
                    for (std::size_t k = 0; k < width<Source>(units, features); ++k)
                        for_each<typename Phase::template fed<Source>>(
                            [&]<class Sum>(std::type_identity<Sum>) {
                                T const* row = weight_row<Source, Sum>(from, units, k) + u0;
                                for (std::size_t lane = 0; lane < W; ++lane)
                                    *to++ = lane < n ? row[lane] : T(0);
                            });
                });
            }
        });
    }

    /// Row k of the block of kernel (or recurrent_kernel) that leads from Source to Sum.
    template <class Source, class Sum, class P>
    static P* weight_row(cell_parameters<P> const& parameters, std::size_t units, std::size_t k) {
        using columns =
            std::conditional_t<std::is_same_v<Source, x_t>, typename plan::kernel_columns,
                               typename plan::recurrent_columns>;
        P* const matrix =
            std::is_same_v<Source, x_t> ? parameters.kernel : parameters.recurrent_kernel;
        return matrix + (k * columns::size + index_of<columns, Sum>)*units;
    }

    template <class Sum>
    static T bias(cell_parameters<T const> const& from, std::size_t units, std::size_t unit) {
        if (from.bias == nullptr)
            return T(0);
        if constexpr (plan::two_biases) {
            using above = typename plan::kernel_columns;
            using below = typename plan::recurrent_columns;
            T sum(0);
            if constexpr (contains<above, Sum>)
                sum += from.bias[index_of<above, Sum> * units + unit];
            if constexpr (contains<below, Sum>)
                sum += from.bias[(above::size + index_of<below, Sum>)*units + unit];
            return sum;
        } else
            return from.bias[index_of<typename plan::sums, Sum> * units + unit];
    }

    // ---- one step --------------------------------------------------------------------------------

    /// Rows that are computed side by side, so that a weight is read once for all of them.
    static constexpr std::size_t row_block = 4;

    /// One step of `batch` rows. x: row b at x + b * x_stride. prev, cur: records, one behind the
    /// other. extra: the partials ((tile, row) major) of a training pass, or the shown vectors
    /// (rows of shown::size * P) of a trace.
    ///
    /// Units and Features are std::size_t, or std::integral_constant where they are known at
    /// compile time: then loops unroll.
    template <pass Pass, class Units, class Features>
    static void step(T const* weights, Units units, Features features, T const* x,
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
                    row_forward(Node{}, units, cur + b * record);
            });
        });
    }

    /// Row 0 of the vector that a source names.
    template <class Source, class Units>
    static T const* source(Units units, T const* x, T const* prev, T const* cur) {
        if constexpr (std::is_same_v<Source, x_t>)
            return x;
        else if constexpr (is_prev<Source>)
            return prev + index_of<stored, typename Source::state> * padded(units);
        else {
            static_assert(contains<stored, Source>,
                          "xrnn: equations read a vector that no node before them has computed; "
                          "sums are visible up to the next affine node only");
            return cur + index_of<stored, Source> * padded(units);
        }
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

    template <pass Pass, class Phase, std::size_t R, class Units, class Features>
    static void rows(T const* weights, Units units, Features features, std::size_t tile, T const* x,
                     std::size_t x_stride, T const* prev, T* cur, T* extra) {
        constexpr std::size_t sums = Phase::sums::size;
        std::size_t const record = record_size(units);
        vec sum[R][sums == 0 ? 1 : sums];
        accumulate<Phase, R>(weights, units, features, x, x_stride, prev, cur, record, sum);
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

    /// sum[r][s] = bias_s + over all sources: W · source. The accumulators are locals whose
    /// indices are constants, so that they stay in registers; a function of its own, so that nothing
    /// around it takes registers away.
    template <class Phase, std::size_t R, class Units, class Features, std::size_t S>
    XRNN_NOINLINE static void accumulate(T const* weights, Units units, Features features,
                                         T const* x, std::size_t x_stride, T const* prev,
                                         T const* cur, std::size_t record, vec (&sum)[R][S]) {
        if constexpr (Phase::sums::size > 0) {
            vec acc[R][S];
            unroll<S>([&](auto s) XRNN_INLINE_LAMBDA {
                vec const b = simd::load<vec>(weights + s * W);
                unroll<R>([&](auto r) XRNN_INLINE_LAMBDA { acc[r][s] = b; });
            });
            weights += S * W;
            for_each<typename Phase::sources>(
                [&]<class Source>(std::type_identity<Source>) XRNN_INLINE_LAMBDA {
                    using fed = typename Phase::template fed<Source>;
                    T const* from = source<Source>(units, x, prev, cur);
                    std::size_t const stride = std::is_same_v<Source, x_t> ? x_stride : record;
                    std::size_t const n = width<Source>(units, features);
                    for (std::size_t k = 0; k < n; ++k) {
                        vec in[R];
                        unroll<R>([&](auto r)
                                      XRNN_INLINE_LAMBDA { in[r] = vec(from[r * stride + k]); });
                        for_each<fed>([&]<class Sum>(std::type_identity<Sum>) XRNN_INLINE_LAMBDA {
                            constexpr std::size_t s = index_of<typename Phase::sums, Sum>;
                            vec const w = simd::load<vec>(weights + index_of<fed, Sum> * W);
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

    /// The equations of one lane node, for one row and one tile.
    template <pass Pass, class Phase, class Node, class Units>
    static void apply(Units units, std::size_t tile, vec const* sum, T const* prev, T* cur,
                      T* extra) {
        auto const in = [&]<class Name>(std::type_identity<Name>) -> vec {
            if constexpr (contains<typename Phase::sums, Name>)
                return sum[index_of<typename Phase::sums, Name>];
            else
                return simd::load<vec>(source<Name>(units, nullptr, prev, cur) + tile * W);
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

    template <pass Pass, class Node, class Units, class Results>
    static void keep(Units units, std::size_t tile, Results const& results, T* cur, T* extra) {
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

    /// y_k = e^(x_k - max x) / sum_j e^(x_j - max x).
    template <class In, class Out>
    static void row_forward(softmax_over<In, Out>, std::size_t units, T* cur) {
        T const* const x = cur + index_of<stored, In> * padded(units);
        T* const y = cur + index_of<stored, Out> * padded(units);
        T largest = x[0];
        for (std::size_t k = 1; k < units; ++k)
            largest = x[k] > largest ? x[k] : largest;
        T total(0);
        for (std::size_t k = 0; k < units; ++k)
            total += y[k] = simd::exp(x[k] - largest);
        for (std::size_t k = 0; k < units; ++k)
            y[k] /= total;
        for (std::size_t k = units; k < padded(units); ++k)
            y[k] = T(0);
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
