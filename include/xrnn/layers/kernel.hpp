// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of any cell, for any number of rows: the forward half of the engine under every
// layer. Predictions, training and trace run this one text; streams have a step of their own, see
// step_kernel.hpp.
//
// Legend: U units, P = U rounded up to the lanes W, F features of x, B rows, S stored vectors.
//   record   (S, P)      what a row keeps of one step: states first, then values
//   weights  packed by tile of W units, in the order in which the step reads them:
//            for each phase, for each tile
//              its head: biases (sums, W), then for each feature k: (fed sums, W)
//              its tail: for each other source of the phase (prev<h>, …) and each of its entries k:
//              (fed sums, W)
//   starts   (phase, row, tile, sums, W)  biases + W·x: what does not wait for the step before, and
//            so can be computed for many steps at once
// Padding units have zero weights; their lanes may hold anything, NaN included, and no result
// depends on them. The same holds for the units beyond the width of a vector that has one of its own.
#pragma once

#include <tuple>

#include <xrnn/layers/cell_math.hpp>
#include <xrnn/layers/jacobian.hpp>

namespace xrnn::inline XRNN_ABI {

/// What a forward pass leaves behind: nothing but the states, the partial derivatives for
/// backpropagation, or the gates for trace.
enum class pass { infer, train, trace };

namespace detail {

template <class Cell, class T, std::size_t W>
struct cell_kernel : cell_math<Cell, T> {
    using plan = detail::plan<Cell>;
    using math = cell_math<Cell, T>;
    using vec = simd::batch<T, W>;
    using stored = typename plan::stored;
    using partials = partials_before<vec, typename plan::phases>;

    static constexpr std::size_t padded(std::size_t units) { return round_up(units, W); }
    static constexpr std::size_t tiles(std::size_t units) { return padded(units) / W; }
    /// Tiles that a phase computes: fewer where all its vectors have a width of their own.
    template <class Phase>
    static constexpr std::size_t tiles_of(std::size_t units) {
        return tiles(Phase::width(units));
    }
    static constexpr std::size_t record_size(std::size_t units) {
        return stored::size * padded(units);
    }

    // ---- weights ---------------------------------------------------------------------------------

    /// Sources of a phase besides x_t.
    template <class Phase>
    using other_sources = filter_t<is_not_x, typename Phase::sources>;

    /// Values of one tile's weights in a phase.
    template <class Phase>
    static constexpr std::size_t head_size(std::size_t features) {
        std::size_t size = Phase::sums::size * W;
        if constexpr (contains<typename Phase::sources, x_t>)
            size += features * Phase::template fed<x_t>::size * W;
        return size;
    }
    template <class Phase>
    static constexpr std::size_t tail_size(std::size_t units) {
        std::size_t size = 0;
        for_each<other_sources<Phase>>([&]<class Source>(std::type_identity<Source>) {
            size += width_of<Source>(units) * Phase::template fed<Source>::size * W;
        });
        return size;
    }

    template <class Phase>
    static constexpr std::size_t tile_size(std::size_t units, std::size_t features) {
        return head_size<Phase>(features) + tail_size<Phase>(units);
    }

    static constexpr std::size_t packed_size(std::size_t units, std::size_t features) {
        std::size_t size = 0;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            size += tiles_of<Phase>(units) * tile_size<Phase>(units, features);
        });
        return size;
    }

    /// Lays a cell's parameters out for `step`.
    static void pack(cell_parameters<T const> from, std::size_t units, std::size_t features,
                     T* to) {
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for (std::size_t u0 = 0; u0 < Phase::width(units); u0 += W) {
                for_each<typename Phase::sums>([&]<class Sum>(std::type_identity<Sum>) {
                    math::template copy_bias<Sum>(from, units, u0, W, to);
                    to += W;
                });
                if constexpr (contains<typename Phase::sources, x_t>)
                    to = pack_source<Phase, x_t>(from, units, features, u0, to);
                for_each<other_sources<Phase>>([&]<class Source>(std::type_identity<Source>) {
                    to = pack_source<Phase, Source>(from, units, features, u0, to);
                });
            }
        });
    }

    // ---- one step --------------------------------------------------------------------------------

    /// Rows that are computed side by side, so that a weight is read once for all of them: as many as
    /// there are registers for their sums.
    static constexpr std::size_t row_block = [] {
        std::size_t sums = 1;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            sums = Phase::sums::size > sums ? Phase::sums::size : sums;
        });
        std::size_t const rows = simd::accumulators / sums;
        return rows < 2 ? std::size_t{2} : rows > 4 ? std::size_t{4} : rows;
    }();

    /// Calls f(first, rows) for block after block of rows, `rows` a constant. What remains is done two at
    /// a time, since the sums of a single row wait for each other; where a block has three, so are the
    /// last four.
    template <class F>
    XRNN_INLINE static void for_each_row_block(std::size_t rows, F&& f) {
        std::size_t b = 0;
        for (; b + row_block <= rows && !(row_block == 3 && b + 4 == rows); b += row_block)
            f(b, std::integral_constant<std::size_t, row_block>{});
        if constexpr (row_block > 2)
            for (; b + 2 <= rows; b += 2)
                f(b, std::integral_constant<std::size_t, 2>{});
        for (; b < rows; ++b)
            f(b, std::integral_constant<std::size_t, 1>{});
    }

    /// One step of `batch` rows. x: row b at x + b * x_stride. prev, cur: records, one behind the
    /// other. extra: the partials ((tile, row) major) of a training pass, or the shown vectors
    /// (rows of shown::size * P) of a trace.
    template <pass Pass>
    static void step(T const* weights, std::size_t units, std::size_t features, T const* x,
                     std::size_t x_stride, T const* prev, T* cur, std::size_t batch, T* extra) {
        std::size_t const record = record_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for (std::size_t tile = 0; tile < tiles_of<Phase>(units); ++tile) {
                for_each_row_block(batch, [&](std::size_t b, auto count) {
                    rows<Pass, Phase, count>(weights, units, features, tile, x + b * x_stride,
                                             x_stride, prev + b * record, cur + b * record,
                                             extra_at<Pass>(extra, units, tile, b, batch));
                });
                weights += tile_size<Phase>(units, features);
            }
            finish<Phase>(units, cur, batch);
        });
    }

    // ---- one step of one row: the part of x with it, or before it for many steps at once -----------

    /// One step of one row, whose weights stay in the first cache.
    static void step_of_row(T const* weights, std::size_t units, std::size_t features, T const* x,
                            T const* prev, T* cur) {
        for_each_phase([&]<class Phase>(std::type_identity<Phase>) XRNN_INLINE_LAMBDA {
            tiles_by<Phase, false, 2>(weights, units, features, x, prev, cur, false);
            finish<Phase>(units, cur, 1);
            weights += tiles_of<Phase>(units) * tile_size<Phase>(units, features);
        });
    }

    /// Values of the starts of one row.
    static constexpr std::size_t starts_size(std::size_t units) {
        return plan::sums::size * padded(units);
    }

    /// The starts of `count` rows. What `step` computes from them is the same to the last bit.
    static void starts(T const* weights, std::size_t units, std::size_t features, T const* x,
                       std::size_t x_stride, std::size_t count, T* to) {
        for_each_phase([&]<class Phase>(std::type_identity<Phase>) XRNN_INLINE_LAMBDA {
            std::size_t const stride = Phase::sums::size * padded(units);
            for (std::size_t tile = 0; tile < tiles_of<Phase>(units); ++tile) {
                T* const here = to + tile * Phase::sums::size * W;
                for_each_row_block(count, [&](std::size_t n, auto rows) XRNN_INLINE_LAMBDA {
                    starts_of<Phase, rows>(weights, features, x + n * x_stride, x_stride,
                                           here + n * stride, stride);
                });
                weights += tile_size<Phase>(units, features);
            }
            to += count * stride;
        });
    }

    /// One step of one row from its start, number n of `count`. backwards: through the tiles in the
    /// other order, which changes no result. Weights up to the second cache are read two tiles at a
    /// time, so that the sums do not wait for each other; those beyond it from as many places at a time
    /// as registers allow. With vectors of 64 bytes the sums of one tile already take what the second
    /// cache gives, and what tiles left in the first one counts more.
    static void step_from(T const* starts, std::size_t n, std::size_t count, T const* weights,
                          std::size_t units, std::size_t features, T const* prev, T* cur,
                          bool backwards) {
        for_each_phase([&]<class Phase>(std::type_identity<Phase>) XRNN_INLINE_LAMBDA {
            constexpr std::size_t sums = Phase::sums::size;
            constexpr std::size_t most = 4 * sums <= simd::accumulators ? 4 : 2;
            std::size_t const stride = sums * padded(units);
            std::size_t const bytes = tiles_of<Phase>(units) * tail_size<Phase>(units) * sizeof(T);
            T const* const from = starts + n * stride;
            if (bytes > simd::second_cache)
                tiles_by<Phase, true, most>(weights, units, features, from, prev, cur, backwards);
            else if (sizeof(vec) == 64 && bytes > simd::first_cache)
                tiles_by<Phase, true, 1>(weights, units, features, from, prev, cur, backwards);
            else
                tiles_by<Phase, true, 2>(weights, units, features, from, prev, cur, backwards);
            finish<Phase>(units, cur, 1);
            starts += count * stride;
            weights += tiles_of<Phase>(units) * tile_size<Phase>(units, features);
        });
    }

    /// The rest of a phase where its sums are known: row b at z + b * plan::sums::size * P.
    template <pass Pass, class Phase>
    static void from_sums(T const* z, std::size_t units, T const* prev, T* cur, std::size_t batch,
                          T* extra) {
        using sums = typename Phase::sums;
        std::size_t const record = record_size(units);
        for (std::size_t tile = 0; tile < tiles(units); ++tile)
            for (std::size_t b = 0; b < batch; ++b) {
                vec sum[1][sums::size == 0 ? 1 : sums::size];
                for_each<sums>([&]<class Sum>(std::type_identity<Sum>) {
                    sum[0][index_of<sums, Sum>] = simd::load<vec>(
                        z +
                        (b * plan::sums::size + index_of<typename plan::sums, Sum>)*padded(units) +
                        tile * W);
                });
                equations<Pass, Phase>(units, tile, 1, record, sum, prev + b * record,
                                       cur + b * record,
                                       extra_at<Pass>(extra, units, tile, b, batch));
            }
        finish<Phase>(units, cur, batch);
    }

    /// Where what a row and tile leave behind goes, of all rows of a step.
    template <pass Pass>
    static T* extra_at(T* extra, std::size_t units, std::size_t tile, std::size_t b,
                       std::size_t batch) {
        if constexpr (Pass == pass::train)
            return extra + (tile * batch + b) * partials::total * W;
        else if constexpr (Pass == pass::trace && plan::shown::size > 0)
            return extra + b * plan::shown::size * padded(units) + tile * W;
        else
            return extra;
    }

  private:
    template <class, class, std::size_t>
    friend struct scan_kernel; // for starts and equations

    template <class Phase, class Source>
    static T* pack_source(cell_parameters<T const> const& from, std::size_t units,
                          std::size_t features, std::size_t u0, T* to) {
        constexpr std::size_t fed = Phase::template fed<Source>::size;
        std::size_t const n = math::template width<Source>(units, features);
        T* const end = to + n * fed * W;
        for_each<typename Phase::template fed<Source>>([&]<class Sum>(std::type_identity<Sum>) {
            simd::copy_columns<T, W>(math::template weight_rows<Source, Sum>(from, units), n, u0,
                                     width_of<Sum>(units), {to, fed * W});
            to += W;
        });
        return end;
    }

    /// f is part of the function that runs it, and so are those around the sums and equations of a row:
    /// else what they are given goes through memory, which takes a tenth of the time of a small cell.
    template <class F>
    XRNN_INLINE static void for_each_phase(F const& f) {
        for_each<typename plan::phases>(f);
    }

    /// What looks at whole rows.
    template <class Phase>
    static void finish(std::size_t units, T* cur, std::size_t batch) {
        for_each<typename Phase::row_nodes>([&]<class Node>(std::type_identity<Node>) {
            for (std::size_t b = 0; b < batch; ++b)
                math::row_forward(Node{}, units, padded(units), cur + b * record_size(units));
        });
    }

    template <pass Pass, class Phase, std::size_t R>
    static void rows(T const* weights, std::size_t units, std::size_t features, std::size_t tile,
                     T const* x, std::size_t x_stride, T const* prev, T* cur, T* extra) {
        constexpr std::size_t sums = Phase::sums::size;
        vec sum[R][sums == 0 ? 1 : sums];
        accumulate<Phase, R>(weights, units, features, x, x_stride, prev, cur, sum);
        equations<Pass, Phase>(units, tile, R, record_size(units), sum, prev, cur, extra);
    }

    /// Indices 0 ... N - 1. What runs through them here folds over them instead of calling a lambda for
    /// each: that compiles several times as fast.
    template <std::size_t N>
    using all = std::make_index_sequence<N>;

    /// sum[r][s] = bias_s + over all sources: W · source. The accumulators are locals whose
    /// indices are constants, so that they stay in registers; a function of its own, so that nothing
    /// around it takes registers away.
    template <class Phase, std::size_t R, std::size_t S>
    XRNN_NOINLINE static void accumulate(T const* weights, std::size_t units, std::size_t features,
                                         T const* x, std::size_t x_stride, T const* prev,
                                         T const* cur, vec (&sum)[R][S]) {
        if constexpr (Phase::sums::size > 0) {
            vec acc[R][S];
            add_head<Phase>(weights, features, x, x_stride, acc, all<R * S>{});
            add_tails<Phase, R, 1>(weights + head_size<Phase>(features), 0, units, prev, cur, acc);
            copy(acc, sum, all<R * S>{});
        }
    }

    /// acc = biases + W·x.
    template <class Phase, std::size_t R, std::size_t S, std::size_t... I>
    XRNN_INLINE static void add_head(T const* head, std::size_t features, T const* x,
                                     std::size_t x_stride, vec (&acc)[R][S],
                                     std::index_sequence<I...>) {
        ((acc[I / S][I % S] = simd::load<vec>(head + I % S * W)), ...);
        if constexpr (contains<typename Phase::sources, x_t>)
            add_source<Phase, x_t, R, 1>(head + S * W, 0, features, x, x_stride, acc);
    }

    /// acc += W · source over all sources but x, for R rows of Q tiles: acc[r * Q + q].
    template <class Phase, std::size_t R, std::size_t Q, std::size_t S>
    XRNN_INLINE static void add_tails(T const* tail, std::size_t tile_stride, std::size_t units,
                                      T const* prev, T const* cur, vec (&acc)[R * Q][S]) {
        for_each<other_sources<Phase>>(
            [&]<class Source>(std::type_identity<Source>) XRNN_INLINE_LAMBDA {
                std::size_t const n = width_of<Source>(units);
                add_source<Phase, Source, R, Q>(
                    tail, tile_stride, n,
                    math::template source<Source>(padded(units), nullptr, prev, cur),
                    record_size(units), acc);
                tail += n * Phase::template fed<Source>::size * W;
            });
    }

    /// acc += W · one source. The entries of a single row are read by fours if the machine can.
    template <class Phase, class Source, std::size_t R, std::size_t Q, std::size_t S>
    XRNN_INLINE static void add_source(T const* weights, std::size_t tile_stride, std::size_t n,
                                       T const* from, std::size_t stride, vec (&acc)[R * Q][S]) {
        using fed = typename Phase::template fed<Source>;
        constexpr std::size_t row = fed::size * W;
        std::size_t k = 0;
        if constexpr (R == 1 && simd::has_four<vec>)
            for (; k + 4 <= n; k += 4, weights += 4 * row)
                add_four<Phase, Q>(fed{}, weights, tile_stride, simd::load_four<vec>(from + k), acc,
                                   all<4>{});
        for (; k < n; ++k, weights += row)
            [&]<std::size_t... r>(std::index_sequence<r...>) XRNN_INLINE_LAMBDA {
                vec const in[] = {vec(from[k + r * stride])...};
                add_entry<Phase, Q>(fed{}, weights, tile_stride, in, acc, all<Q * fed::size>{});
            }
        (all<R>{});
    }
    template <class Phase, std::size_t Q, class Fed, std::size_t S, std::size_t... e>
    XRNN_INLINE static void add_four(Fed, T const* weights, std::size_t tile_stride,
                                     vec const& four, vec (&acc)[Q][S], std::index_sequence<e...>) {
        vec const in[][1] = {{simd::spread_of_four<e>(four)}...};
        (add_entry<Phase, Q>(Fed{}, weights + e * Fed::size * W, tile_stride, in[e], acc,
                             all<Q * Fed::size>{}),
         ...);
    }
    /// One entry of the source, in[r] of row r, and the i-th weights, those of sum i % F of tile i / F.
    template <class Phase, std::size_t Q, class... Fed, std::size_t R, std::size_t N, std::size_t S,
              std::size_t... i>
    XRNN_INLINE static void add_entry(list<Fed...>, T const* weights, std::size_t tile_stride,
                                      vec const (&in)[R], vec (&acc)[N][S],
                                      std::index_sequence<i...>) {
        constexpr std::size_t F = sizeof...(Fed);
        constexpr std::array<std::size_t, F> place{index_of<typename Phase::sums, Fed>...};
        (add_product<Q>(for_rows<R>(simd::load<vec>(weights + i / F * tile_stride + i % F * W)), in,
                        i / F, place[i % F], acc, all<R>{}),
         ...);
    }
    /// Weights that several rows are multiplied with stay in a register; else their load is part of the
    /// multiplication, and a processor's queues hold twice as many.
    template <std::size_t R>
    XRNN_INLINE static vec for_rows(vec const& w) {
        if constexpr (R == 1)
            return w;
        else
            return simd::in_register(w);
    }
    template <std::size_t Q, std::size_t N, std::size_t S, std::size_t... r>
    XRNN_INLINE static void add_product(vec const& w, vec const* in, std::size_t q, std::size_t s,
                                        vec (&acc)[N][S], std::index_sequence<r...>) {
        ((acc[r * Q + q][s] = simd::fma(w, in[r], acc[r * Q + q][s])), ...);
    }

    template <std::size_t N, std::size_t S, std::size_t... I>
    XRNN_INLINE static void copy(vec const (&from)[N][S], vec (&to)[N][S],
                                 std::index_sequence<I...>) {
        ((to[I / S][I % S] = from[I / S][I % S]), ...);
    }

    template <class Phase, std::size_t R>
    XRNN_NOINLINE static void starts_of(T const* head, std::size_t features, T const* x,
                                        std::size_t x_stride, T* to, std::size_t stride) {
        constexpr std::size_t S = Phase::sums::size;
        if constexpr (S > 0) {
            vec acc[R][S];
            add_head<Phase>(head, features, x, x_stride, acc, all<R * S>{});
            [&]<std::size_t... I>(std::index_sequence<I...>) XRNN_INLINE_LAMBDA {
                (simd::store<vec>(to + I / S * stride + I % S * W, acc[I / S][I % S]), ...);
            }
            (all<R * S>{});
        }
    }

    /// All tiles of one row, Q side by side. `from`: where Started the starts of the row, else its x.
    template <class Phase, bool Started, std::size_t Q>
    XRNN_INLINE static void tiles_by(T const* weights, std::size_t units, std::size_t features,
                                     T const* from, T const* prev, T* cur, bool backwards) {
        std::size_t const count = tiles_of<Phase>(units) / Q;
        for (std::size_t n = 0; n < count; ++n)
            tiles_at<Phase, Started, Q>(weights, units, features,
                                        (backwards ? count - 1 - n : n) * Q, from, prev, cur);
        for (std::size_t tile = count * Q; tile < tiles_of<Phase>(units); ++tile)
            tiles_at<Phase, Started, 1>(weights, units, features, tile, from, prev, cur);
    }

    template <class Phase, bool Started, std::size_t Q>
    XRNN_INLINE static void tiles_at(T const* weights, std::size_t units, std::size_t features,
                                     std::size_t tile, T const* from, T const* prev, T* cur) {
        constexpr std::size_t sums = Phase::sums::size;
        vec sum[Q][sums == 0 ? 1 : sums];
        std::size_t const size = tile_size<Phase>(units, features);
        accumulate_row<Phase, Started>(weights + tile * size, size, units, features,
                                       Started ? from + tile * sums * W : from, prev, cur, sum);
        equations<pass::infer, Phase>(units, tile, Q, W, sum, prev, cur, nullptr);
    }

    /// sum[q][s] of one row, for tiles side by side, as `accumulate`.
    template <class Phase, bool Started, std::size_t Q, std::size_t S>
    XRNN_NOINLINE static void accumulate_row(T const* weights, std::size_t tile_stride,
                                             std::size_t units, std::size_t features, T const* from,
                                             T const* prev, T const* cur, vec (&sum)[Q][S]) {
        if constexpr (Phase::sums::size > 0) {
            vec acc[Q][S];
            T const* const first = Started ? from : weights;
            std::size_t const apart = Started ? S * W : tile_stride;
            [&]<std::size_t... I>(std::index_sequence<I...>) XRNN_INLINE_LAMBDA {
                ((acc[I / S][I % S] = simd::load<vec>(first + I / S * apart + I % S * W)), ...);
            }
            (all<Q * S>{});
            if constexpr (!Started && contains<typename Phase::sources, x_t>)
                add_source<Phase, x_t, 1, Q>(weights + S * W, tile_stride, features, from, 0, acc);
            add_tails<Phase, 1, Q>(weights + head_size<Phase>(features), tile_stride, units, prev,
                                   cur, acc);
            copy(acc, sum, all<Q * S>{});
        }
    }

    /// The equations of a phase, for some rows of one tile, `apart` a record, or some tiles of one row,
    /// `apart` W: one lane node after the other, each for all of them, since a node that reads what the
    /// one before has made would wait for it if it came right behind. A function of its own, with all
    /// that the cell calls in it: so no activation is a call, however large the program around it; and
    /// there is one for any number of rows, never a copy with other roundings (a compiler may fuse a
    /// multiplication with one of two additions).
    template <pass Pass, class Phase, std::size_t S>
    XRNN_FLATTEN XRNN_NOINLINE static void
    equations(std::size_t units, std::size_t tile, std::size_t count, std::size_t apart,
              vec const (*sum)[S], T const* prev, T* cur, T* extra) {
        std::size_t const extra_apart = Pass == pass::train   ? partials::total * W
                                        : Pass == pass::trace ? plan::shown::size * padded(units)
                                                              : 0;
        for_each<typename Phase::lane_nodes>([&]<class Node>(std::type_identity<Node>) {
            for (std::size_t n = 0; n < count; ++n)
                apply<Pass, Phase, Node>(units, tile, sum[n], prev + n * apart, cur + n * apart,
                                         extra + n * extra_apart);
        });
    }

    /// What a lane node makes of its inputs: vectors, or duals in a training pass.
    template <pass Pass, class Node, class In>
    static auto results(In const& in) {
        return [&]<class... Ins>(list<Ins...>) {
            if constexpr (Pass == pass::train) {
                using jacobian = jacobian_of<Node, vec>;
                return Node::next(typename jacobian::template seed<Ins>{
                    in(std::type_identity<Ins>{}), {vec(T(1))}}...);
            } else
                return Node::next(in(std::type_identity<Ins>{})...);
        }(typename Node::ins{});
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
        keep<Pass, Node>(units, tile, results<Pass, Node>(in), cur, extra);
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
