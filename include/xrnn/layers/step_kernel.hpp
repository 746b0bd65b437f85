// SPDX-License-Identifier: BSD-3-Clause
//
// One time step of one row, the form that streams run: everything is known at compile time, and
// latency is what counts. Legend: see step_weights.hpp; besides
//   sums     (F, G) of each run of a group, so that all gates share vectors however few units there
//            are; a sum that several runs feed is added up where the equations read it
// A layer without states and with fewer units than lanes (a dense head) is computed unit by unit
// instead, as scalar products: weights (U, F, 1 + n).
#pragma once

#include <tuple>

#include <xrnn/layers/step_weights.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Cell, class T, std::size_t Units, class Weights = full_precision,
          std::size_t Features = 0>
struct step_kernel : step_weights<Cell, T, Units, Weights, Features> {
    using layout = step_weights<Cell, T, Units, Weights, Features>;
    using math = typename layout::math;
    using plan = typename layout::plan;
    using stored = typename layout::stored;
    using layout::lanes_of;
    // not by using: g++ 12 does not find those in the lambdas below
    static constexpr std::size_t narrow = layout::narrow;
    static constexpr std::size_t padded = layout::padded;
    static constexpr std::size_t group = layout::group;
    static constexpr bool unit_by_unit = layout::unit_by_unit;
    static constexpr bool halved = layout::halved;
    static constexpr bool dotted = layout::dotted;
    template <class Phase>
    using runs = typename layout::template runs<Phase>;

    // ---- one step ------------------------------------------------------------------------------

    /// From the record before, prev, and x to the record cur. Size: std::size_t, or
    /// std::integral_constant where known at compile time. backwards: through the groups in the other
    /// order, which changes no result; see beyond_cache. All that the cell calls is part of the
    /// function: so no activation is a call, however large the program around it.
    template <class Size>
    XRNN_FLATTEN static void step(T const* weights, Size features, T const* x, T const* prev,
                                  T* cur, bool backwards = false) {
        for_each<typename plan::phases>(
            [&]<class Phase>(std::type_identity<Phase>) XRNN_INLINE_LAMBDA {
                if constexpr (unit_by_unit)
                    for (std::size_t u = 0; u < Phase::width(Units); ++u)
                        weights = unit<Phase>(weights, u, features, x, prev, cur);
                else
                    weights = groups<Phase>(weights, features, x, prev, cur, backwards);
                for_each<typename Phase::row_nodes>([&]<class Node>(std::type_identity<Node>) {
                    math::row_forward(Node{}, Units, padded, cur);
                });
            });
    }

  private:
    // ---- a group of units ----------------------------------------------------------------------

    /// All groups of a phase; returns where its weights end.
    template <class Phase, class Size>
    XRNN_INLINE static T const* groups(T const* weights, Size features, T const* x, T const* prev,
                                       T* cur, bool backwards) {
        [[maybe_unused]] rounded_inputs<Phase> inputs;
        T const* rounded = nullptr;
        if constexpr (rounded_inputs<Phase>::size > 0)
            rounded = inputs.round(x, prev, cur);
        constexpr std::size_t units_of = layout::template padded_of<Phase>;
        constexpr std::size_t whole = units_of / group, rest = units_of % group;
        std::size_t const size = layout::template group_size<Phase>(group, features);
        auto const rest_of_units = [&]<bool Backwards>(std::bool_constant<Backwards>) {
            if constexpr (rest > 0)
                units<Phase, rest, Backwards>(weights + whole * size, whole * group, features, x,
                                              prev, cur, rounded);
        };
        if constexpr (layout::beyond_cache)
            if (backwards) {
                rest_of_units(std::true_type{});
                for (std::size_t g = whole; g-- > 0;)
                    units<Phase, group, true>(weights + g * size, g * group, features, x, prev, cur,
                                              rounded);
            }
        if (!layout::beyond_cache || !backwards) {
            for (std::size_t g = 0; g < whole; ++g)
                units<Phase, group, false>(weights + g * size, g * group, features, x, prev, cur,
                                           rounded);
            rest_of_units(std::false_type{});
        }
        return weights + whole * size + layout::template group_size<Phase>(rest, features);
    }

    /// The inputs of a phase's products rounded for bfloat16_dot, once and not for each product: those
    /// whose number is known and takes 2 KiB at most. Others are rounded part by part, for each product.
    template <class Phase>
    struct rounded_inputs {
        template <class Source>
        static constexpr std::size_t width = math::template width<Source>(Units, Features);
        template <class Source>
        static constexpr bool has = dotted && 0 < width<Source>&& width<Source> <= 1024;

        template <class Source>
        static constexpr std::size_t offset() {
            std::size_t at = 0;
            bool before = true;
            for_each<typename Phase::sources>([&]<class S>(std::type_identity<S>) {
                before = before && !std::is_same_v<S, Source>;
                at += before && has<S> ? round_up((width<S> + 1) / 2, 16) : 0;
            });
            return at;
        }
        static constexpr std::size_t size = offset<void>();
        alignas(64) T pairs[size == 0 ? 1 : size];

        XRNN_INLINE T const* round(T const* x, T const* prev, T const* cur) {
            for_each<typename Phase::sources>(
                [&]<class S>(std::type_identity<S>) XRNN_INLINE_LAMBDA {
                    if constexpr (has<S>)
                        simd::to_bfloat16_pairs(math::template source<S>(padded, x, prev, cur),
                                                width<S>, pairs + offset<S>());
                });
            return pairs;
        }
    };

    /// The sums of a group, one run behind the other.
    template <class Phase, std::size_t G>
    struct sums_of_group {
        template <class Run>
        static constexpr std::size_t offset() {
            std::size_t at = 0;
            bool before = true;
            for_each<runs<Phase>>([&]<class R>(std::type_identity<R>) {
                before = before && !std::is_same_v<R, Run>;
                at += before ? R::fed::size * G : 0;
            });
            return at;
        }
        static constexpr std::size_t size = offset<void>();
        alignas(64) T values[size == 0 ? 1 : size];
    };

    /// Whether the sums of a group are so few (twelve vectors of 64 bytes) that they stay in registers
    /// from the product to the equations, if both are part of one function: a tenth of the time of 8
    /// units. More of them are stored and read again, by functions of their own: what surrounds a
    /// product would take registers away from its accumulators.
    template <class Phase, std::size_t G>
    static constexpr bool few_sums = sums_of_group<Phase, G>::size * sizeof(T) <= 12 * 64;

    template <class Phase, class Run, std::size_t N, class Size>
    XRNN_NOINLINE static void separate_product(T const* weights, Size features, T const* x,
                                               T const* prev, T const* cur, T const* rounded,
                                               T* to) {
        product<Phase, Run, N>(weights, features, x, prev, cur, rounded, to);
    }
    template <class Phase, std::size_t G>
    XRNN_FLATTEN XRNN_NOINLINE static void separate_equations(sums_of_group<Phase, G> const& sums,
                                                              T const* prev, T* cur) {
        equations<Phase, G>(sums, prev, cur);
    }

    /// Sums, then equations, of the units first ... first + G - 1.
    template <class Phase, std::size_t G, bool Backwards, class Size>
    XRNN_INLINE static void units(T const* weights, std::size_t first, Size features, T const* x,
                                  T const* prev, T* cur, T const* rounded) {
        sums_of_group<Phase, G> sums;
        auto const piece = [&]<class Piece>(std::type_identity<Piece>,
                                            T const* at) XRNN_INLINE_LAMBDA {
            using run = typename Piece::run;
            T* const to =
                sums.values + Piece::first + sums_of_group<Phase, G>::template offset<run>();
            if constexpr (few_sums<Phase, G>)
                product<Phase, run, Piece::size>(at, features, x, prev, cur, rounded, to);
            else
                separate_product<Phase, run, Piece::size>(at, features, x, prev, cur, rounded, to);
        };
        auto const size_of = [&]<class Piece>(std::type_identity<Piece>) XRNN_INLINE_LAMBDA {
            return layout::template piece_size<typename Piece::run>(Piece::size, features);
        };
        using pieces = typename layout::template pieces_of_group<Phase, G>;
        if constexpr (Backwards) {
            weights += layout::template group_size<Phase>(G, features);
            for_each<reversed_t<pieces>>([&](auto p) XRNN_INLINE_LAMBDA {
                weights -= size_of(p);
                piece(p, weights);
            });
        } else
            for_each<pieces>([&](auto p) XRNN_INLINE_LAMBDA {
                piece(p, weights);
                weights += size_of(p);
            });
        if constexpr (few_sums<Phase, G>)
            equations<Phase, G>(sums, prev + first, cur + first);
        else
            separate_equations<Phase, G>(sums, prev + first, cur + first);
    }

    /// Chains into which each sum is split, so that additions do not wait for each other.
    static constexpr std::size_t chains_of(std::size_t vectors) {
        return vectors >= 8 ? 1 : vectors >= 4 ? 2 : vectors >= 2 ? 4 : 8;
    }

    /// to[0 ... N-1] = biases + the sum over all entries of the run's sources.
    template <class Phase, class Run, std::size_t N, class Size>
    XRNN_INLINE static void product(T const* weights, Size features, T const* x, T const* prev,
                                    T const* cur, [[maybe_unused]] T const* rounded, T* to) {
        constexpr std::size_t W = lanes_of(N);
        constexpr std::size_t V = N / W;
        constexpr std::size_t C = chains_of(V);
        using vec = simd::batch<T, W>;
        vec acc[C][V];
        [&]<std::size_t... i>(std::index_sequence<i...>) XRNN_INLINE_LAMBDA {
            ((acc[i / V][i % V] = i < V ? simd::load<vec>(weights + i * W) : vec(T(0))), ...);
        }
        (std::make_index_sequence<C * V>{});
        weights += N;
        for_each<typename Run::sources>(
            [&]<class Source>(std::type_identity<Source>) XRNN_INLINE_LAMBDA {
                T const* const from = math::template source<Source>(padded, x, prev, cur);
                std::size_t const n = math::template width<Source>(Units, features);
                if constexpr (rounded_inputs<Phase>::template has<Source>) {
                    constexpr std::size_t at = rounded_inputs<Phase>::template offset<Source>();
                    add_terms<W>(weights, rounded + at, (n + 1) / 2, acc);
                    weights += layout::source_size(N, n);
                } else if constexpr (dotted) {
                    constexpr std::size_t chunk = 256; // entries that are rounded at a time
                    alignas(64) T pairs[chunk / 2];
                    for (std::size_t k = 0; k < n; k += chunk) {
                        std::size_t const size = n - k < chunk ? n - k : chunk;
                        simd::to_bfloat16_pairs(from + k, size, pairs);
                        add_terms<W>(weights, pairs, (size + 1) / 2, acc);
                        weights += (size + 1) / 2 * N;
                    }
                } else {
                    add_terms<W>(weights, from, n, acc);
                    weights += layout::source_size(N, n);
                }
            });
        [&]<std::size_t... v>(std::index_sequence<v...>) XRNN_INLINE_LAMBDA {
            (simd::store<vec>(to + v * W, pairwise<0, C>(acc, v)), ...);
        }
        (std::make_index_sequence<V>{});
    }

    /// acc[0] + ... + acc[C-1] += sum_k from_k · row k of the weights, n rows. Entries are read by fours if
    /// the machine can and the sums are not many: a product of few vectors has nearly as many loads of
    /// entries as of weights, and those of a state wait for the step before to store it.
    template <std::size_t W, std::size_t C, std::size_t V, class Vec>
    XRNN_INLINE static void add_terms(T const* weights, T const* from, std::size_t n,
                                      Vec (&acc)[C][V]) {
        constexpr bool fours = V <= 8 && (!halved || dotted) && simd::has_four<Vec> && 4 % C == 0;
        constexpr std::size_t rows = fours ? 4 : C; // at a time
        constexpr std::size_t row = halved && !dotted ? (V + 1) / 2 * W : V * W;
        constexpr std::make_index_sequence<row / W> vectors;
        std::size_t k = 0, end = n / rows * rows;
        if (n * V > 64) // copies for all entries would make programs large
            end = simd::unknown(end);
        for (; k < end; k += rows, weights += rows * row)
            [&]<std::size_t... r>(std::index_sequence<r...>) XRNN_INLINE_LAMBDA {
                if constexpr (fours) {
                    auto const four = simd::load_four<Vec>(from + k);
                    (add_term<W>(weights + r * row, simd::spread_of_four<r>(four), acc[r % C],
                                 vectors),
                     ...);
                } else
                    (add_term<W>(weights + r * row, Vec(from[k + r]), acc[r], vectors), ...);
            }
        (std::make_index_sequence<rows>{});
        if constexpr (rows > 1)
            for (std::size_t rest = n % rows; rest > 0; --rest, weights += row)
                add_term<W>(weights, Vec(from[n - rest]), acc[0], vectors);
    }

    /// The same for one entry; a fold over its vectors, which compiles faster than a lambda for each.
    template <std::size_t W, std::size_t V, class Vec, std::size_t... v>
    XRNN_INLINE static void add_term(T const* weights, Vec const& in, Vec (&acc)[V],
                                     std::index_sequence<v...>) {
        if constexpr (dotted)
            ((acc[v] = simd::dot_pairs(acc[v], simd::load<Vec>(weights + v * W), in)), ...);
        else if constexpr (halved)
            (add_pair(simd::in_register(simd::load<Vec>(weights + v * W)), in, acc, 2 * v), ...);
        else
            ((acc[v] = simd::fma(simd::load<Vec>(weights + v * W), in, acc[v])), ...);
    }
    template <std::size_t V, class Vec>
    XRNN_INLINE static void add_pair(Vec const& pairs, Vec const& in, Vec (&acc)[V],
                                     std::size_t v) {
        acc[v] = simd::fma(simd::lower_bfloat16(pairs), in, acc[v]);
        if (v + 1 < V)
            acc[v + 1] = simd::fma(pairs, in, acc[v + 1]);
    }

    /// Sum over chains First ... First + Count - 1, as a tree.
    template <std::size_t First, std::size_t Count, class Acc>
    XRNN_INLINE static auto pairwise(Acc const& acc, std::size_t v) {
        if constexpr (Count == 1)
            return acc[First][v];
        else
            return pairwise<First, Count / 2>(acc, v) +
                   pairwise<First + Count / 2, Count / 2>(acc, v);
    }

    /// The equations of a group: one lane node after the other, each for all units, since a node that
    /// reads what the one before has made would wait for it if it came right behind. Where a layer is a
    /// single vector of 64 bytes, it is two of half the width (but for bfloat16_dot, which would read what
    /// two stores have written).
    template <class Phase, std::size_t G>
    XRNN_INLINE static void equations(sums_of_group<Phase, G> const& sums, T const* prev, T* cur) {
        constexpr std::size_t most = simd::max_lanes<T>;
        constexpr bool halves =
            most > 2 * narrow && padded <= most && Phase::lane_nodes::size > 1 && !dotted;
        for_each<typename Phase::lane_nodes>(
            [&]<class Node>(std::type_identity<Node>) XRNN_INLINE_LAMBDA {
                tiles<Phase, Node, G, halves ? most / 2 : most, 0>(sums, prev, cur);
            });
    }

    /// Units From ... G - 1 of a group, block by block; a vector that overlaps the one before computes
    /// some units again, which changes nothing.
    template <class Phase, class Node, std::size_t G, std::size_t W, std::size_t From>
    XRNN_INLINE static void tiles(sums_of_group<Phase, G> const& sums, T const* prev, T* cur) {
        constexpr std::size_t block = layout::block_of(G - From);
        constexpr std::size_t whole = block / W;
        constexpr bool again = block % W != 0;
        if constexpr (W > block)
            tiles<Phase, Node, G, W / 2, From>(sums, prev, cur);
        else {
            std::size_t count = whole + again;
            if constexpr (whole + again > 2) // copies of so long a body would make programs large
                count = simd::unknown(count);
            for (std::size_t n = 0; n < count; ++n) {
                std::size_t const u = !again || n < whole ? n * W : block - W;
                tile<Phase, Node, W, G, From>(sums, u, prev + From + u, cur + From + u);
            }
            if constexpr (From + block < G)
                tiles<Phase, Node, G, W / 2, From + block>(sums, prev, cur);
        }
    }

    /// The units from `u` on of the block that begins with From.
    template <class Phase, class Node, std::size_t W, std::size_t G, std::size_t From>
    XRNN_INLINE static void tile(sums_of_group<Phase, G> const& sums, std::size_t u, T const* prev,
                                 T* cur) {
        using vec = simd::batch<T, W>;
        apply<Node, vec>(
            [&]<class Name>(std::type_identity<Name>) XRNN_INLINE_LAMBDA -> vec {
                if constexpr (contains<typename Phase::sums, Name>)
                    return sum_of<Phase, Name, G, From, vec>(sums, u);
                else
                    return simd::load<vec>(math::template source<Name>(padded, nullptr, prev, cur));
            },
            cur);
    }

    template <class Phase, class Sum, std::size_t G, std::size_t From, class V>
    XRNN_INLINE static V sum_of(sums_of_group<Phase, G> const& sums, std::size_t u) {
        return [&]<class... Runs>(list<Runs...>) XRNN_INLINE_LAMBDA {
            return (simd::load<V>(sums.values + sums_of_group<Phase, G>::template offset<Runs>() +
                                  Runs::fed::size * From +
                                  index_of<typename Runs::fed, Sum> * layout::block_of(G - From) +
                                  u) +
                    ...);
        }(typename runs_with<runs<Phase>, Sum>::type{});
    }

    /// Evaluates a lane node and stores what it gives.
    template <class Node, class V, class In>
    XRNN_INLINE static void apply(In const& in, T* cur) {
        auto const results = [&]<class... Ins>(list<Ins...>) XRNN_INLINE_LAMBDA {
            return Node::next(in(std::type_identity<Ins>{})...);
        }(typename Node::ins{});
        for_each<typename Node::outs>([&]<class Out>(std::type_identity<Out>) XRNN_INLINE_LAMBDA {
            simd::store<V>(cur + index_of<stored, Out> * padded,
                           std::get<index_of<typename Node::outs, Out>>(results));
        });
    }

    // ---- unit by unit --------------------------------------------------------------------------

    template <class Phase, class Size>
    XRNN_INLINE static T const* unit(T const* weights, std::size_t u, Size features, T const* x,
                                     T const* prev, T* cur) {
        std::array<T, Phase::sums::size + 1> sums{};
        for_each<runs<Phase>>([&]<class Run>(std::type_identity<Run>) XRNN_INLINE_LAMBDA {
            constexpr std::size_t fed = Run::fed::size;
            T const* row = weights + fed;
            unroll<fed>([&](auto s) XRNN_INLINE_LAMBDA { sums[s] = weights[s]; });
            for_each<typename Run::sources>(
                [&]<class Source>(std::type_identity<Source>) XRNN_INLINE_LAMBDA {
                    T const* const from = math::template source<Source>(padded, x, prev, cur);
                    std::size_t const n = math::template width<Source>(Units, features);
                    static_assert(fed == 1, "one sum a unit: rows of weights are contiguous");
                    sums[0] += scalar_product<simd::max_lanes<T>>(row, from, n);
                    row += n;
                });
            weights = row;
        });
        for_each<typename Phase::lane_nodes>([&]<class Node>(std::type_identity<Node>) {
            apply<Node, T>(
                [&]<class Name>(std::type_identity<Name>) -> T {
                    if constexpr (contains<typename Phase::sums, Name>)
                        return sums[index_of<typename Phase::sums, Name>];
                    else
                        return math::template source<Name>(padded, nullptr, prev, cur)[u];
                },
                cur + u);
        });
        return weights;
    }

    /// sum_k a_k · b_k, in vectors of W lanes as long as they fit, then in narrower ones.
    template <std::size_t W>
    XRNN_INLINE static T scalar_product(T const* a, T const* b, std::size_t n) {
        if constexpr (W == 1) {
            T sum(0);
            for (std::size_t k = 0; k < n; ++k)
                sum += a[k] * b[k];
            return sum;
        } else {
            using vec = simd::batch<T, W>;
            vec even(T(0)), odd(T(0));
            std::size_t k = 0;
            for (; k + 2 * W <= n; k += 2 * W) {
                even = simd::fma(simd::load<vec>(a + k), simd::load<vec>(b + k), even);
                odd = simd::fma(simd::load<vec>(a + k + W), simd::load<vec>(b + k + W), odd);
            }
            if (k + W <= n) {
                even = simd::fma(simd::load<vec>(a + k), simd::load<vec>(b + k), even);
                k += W;
            }
            T const sum = n < W ? T(0) : simd::sum(even + odd);
            return k == n ? sum : sum + scalar_product<next_narrower(W)>(a + k, b + k, n - k);
        }
    }
    static constexpr std::size_t next_narrower(std::size_t lanes) {
        return lanes / 2 < narrow ? 1 : lanes / 2;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
