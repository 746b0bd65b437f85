// SPDX-License-Identifier: BSD-3-Clause
//
// The parameters of a cell laid out for the step of a stream.
//
// Legend: U units, P = U rounded up to the narrowest vector, G units of a group (all of them, or so
// few that the sums of a group stay in registers), F sums that a run feeds, n entries of its
// sources.
//   run      sources of a phase that feed the same sums
//   piece    of the sums of a run and group, so many that are one product: N of F · G
//   weights  for each phase, group, run and piece: biases (N), then for each entry k: (N)
//            bfloat16 weights lie in pairs in the place of floats: two vectors of the same entry,
//            whose pairs overlap, or for bfloat16_dot two entries of the same source; an odd one is
//            paired with zero
// A layer without states and with fewer units than lanes (a dense head) is computed unit by unit
// instead, as scalar products: weights (U, F, 1 + n).
#pragma once

#include <algorithm>
#include <array>

#include <xrnn/layers/cell_math.hpp>
#include <xrnn/layers/packing.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

// ---- runs ----------------------------------------------------------------------------------------

template <class Fed, class Sources>
struct run_of_sources {
    using fed = Fed;
    using sources = Sources;
};

/// Sources of a phase, those behind each other that feed the same sums put together.
template <class Phase, class Done, class... Sources>
struct runs_of {
    using type = Done;
};
template <class Phase, class... Done, class Source, class... Rest>
struct runs_of<Phase, list<Done...>, Source, Rest...>
    : runs_of<Phase,
              list<Done..., run_of_sources<typename Phase::template fed<Source>, list<Source>>>,
              Rest...> {};
template <class Phase, class... Done, class Fed, class... Before, class Source, class... Rest>
requires(std::is_same_v<Fed, typename Phase::template fed<Source>>) //
    struct runs_of<Phase, list<run_of_sources<Fed, list<Before...>>, Done...>, Source, Rest...>
    : runs_of<Phase, list<run_of_sources<Fed, list<Before..., Source>>, Done...>, Rest...> {
};
/// The sums of a phase that nothing feeds are a run of their own, without sources.
template <class Phase, class Sources, class Sums>
struct runs_of_list;
template <class Phase, class... Sources, class... Sums>
struct runs_of_list<Phase, list<Sources...>, list<Sums...>> {
    using fed = concat_t<typename Phase::template fed<Sources>...>;
    using unfed = concat_t<std::conditional_t<contains<fed, Sums>, list<>, list<Sums>>...>;
    using type =
        concat_t<typename runs_of<Phase, list<>, Sources...>::type,
                 std::conditional_t<unfed::size == 0, list<>, list<run_of_sources<unfed, list<>>>>>;
};

template <class Runs, class Sum>
struct runs_with;
template <class... Runs, class Sum>
struct runs_with<list<Runs...>, Sum> {
    using type =
        concat_t<std::conditional_t<contains<typename Runs::fed, Sum>, list<Runs>, list<>>...>;
};

/// Sums First ... First + Size - 1 of those that a run feeds, the units of a group counted: one
/// product.
template <class Run, std::size_t First, std::size_t Size>
struct piece_of_run {
    using run = Run;
    static constexpr std::size_t first = First;
    static constexpr std::size_t size = Size;
};
template <class Run, std::size_t Sums, std::size_t Size, std::size_t First = 0>
struct pieces_of_run {
    using type = concat_t<list<piece_of_run<Run, First, Size>>,
                          typename pieces_of_run<Run, Sums, Size, First + Size>::type>;
};
template <class Run, std::size_t Sums, std::size_t Size, std::size_t First>
requires(Sums <= First + Size) struct pieces_of_run<Run, Sums, Size, First> {
    using type = list<piece_of_run<Run, First, Sums - First>>;
};

// ---- weights -------------------------------------------------------------------------------------

/// Features: as far as they are known at compile time, else zero; nothing but the order of the weights
/// depends on it.
template <class Cell, class T, std::size_t Units, class Weights = full_precision,
          std::size_t Features = 0>
struct step_weights : cell_math<Cell, T> {
    static_assert(std::is_same_v<Weights, full_precision> || std::is_same_v<T, float>,
                  "xrnn: pack a model of float: input<Features>; bfloat16 is half a float");
    using plan = detail::plan<Cell>;
    using math = cell_math<Cell, T>;
    using stored = typename plan::stored;
    template <class Phase>
    using runs = typename runs_of_list<Phase, typename Phase::sources, typename Phase::sums>::type;

    static constexpr std::size_t narrow = simd::min_lanes<T>;
    static constexpr bool unit_by_unit = Cell::states::size == 0 && Units < narrow;
    static constexpr std::size_t padded = unit_by_unit ? Units : round_up(Units, narrow);
    static constexpr std::size_t record_size = stored::size * padded;
    /// Units that a phase computes, padded: fewer where all its vectors have a width of their own.
    template <class Phase>
    static constexpr std::size_t padded_of = unit_by_unit ? Phase::width(Units)
                                                          : round_up(Phase::width(Units), narrow);
    /// A layer computed unit by unit is small: its weights stay as they are.
    static constexpr bool halved = !std::is_same_v<Weights, full_precision> && !unit_by_unit;
    static constexpr bool dotted = halved && std::is_same_v<Weights, bfloat16_dot>;

    static constexpr std::size_t weight_bytes = halved ? sizeof(T) / 2 : sizeof(T);

    /// Whether a step reads more weights than the first cache holds. Then groups and pieces are small
    /// and every other step runs through them backwards: what the step before has read last is still
    /// in the cache.
    static constexpr bool beyond_cache =
        !unit_by_unit &&
        plan::sums::size * Units * (Units + Features) * weight_bytes > simd::first_cache;

    /// Units of a group. Weights that stay in the first cache: as many as registers take, since the
    /// more sums there are side by side, the less one waits for the other. Else as many as fill 64
    /// bytes with weights, one to four vectors: so weights are fetched while the equations of a group are
    /// computed, which on one narrow vector would wait for each other. Weights of half the size arrive
    /// in half the time, in which the equations of twice as many units can be computed.
    static constexpr std::size_t group = [] {
        std::size_t sums = 1;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<runs<Phase>>([&]<class Run>(std::type_identity<Run>) {
                sums = sums < Run::fed::size ? Run::fed::size : sums;
            });
        });
        std::size_t const most = simd::accumulators * simd::max_lanes<T> / sums;
        if (beyond_cache) {
            std::size_t units = 64 / weight_bytes;
            while (units > narrow && units >= most)
                units /= 2;
            return units;
        }
        std::size_t const groups = (padded + most - 1) / most;
        return round_up((padded + groups - 1) / groups, groups == 1 ? narrow : simd::max_lanes<T>);
    }();

    /// Of n sums of a run, those of a piece: all whose weights fit the first cache, else as many as
    /// fill two vectors with weights; with whole floats these have 32 bytes at most.
    template <class Run>
    static constexpr std::size_t piece_of(std::size_t n) {
        std::size_t entries = 0;
        for_each<typename Run::sources>([&]<class Source>(std::type_identity<Source>) {
            entries += math::template width<Source>(Units, Features);
        });
        std::size_t const lanes = halved ? lanes_of(n) : std::min(lanes_of(n), 32 / sizeof(T));
        std::size_t const most = (halved && !dotted ? 4 : 2) * lanes;
        return entries * n * weight_bytes <= simd::first_cache || n < most ? n : most;
    }
    template <class Runs, std::size_t G>
    struct all_pieces;
    template <class... Runs, std::size_t G>
    struct all_pieces<list<Runs...>, G> {
        using type = concat_t<typename pieces_of_run<Runs, Runs::fed::size * G,
                                                     piece_of<Runs>(G* Runs::fed::size)>::type...>;
    };
    template <class Phase, std::size_t G>
    using pieces_of_group = typename all_pieces<runs<Phase>, G>::type;

    static constexpr std::size_t packed_size(std::size_t features) {
        std::size_t size = 0;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            constexpr std::size_t step = unit_by_unit ? 1 : group;
            constexpr std::size_t end = padded_of<Phase>;
            for (std::size_t first = 0; first < end; first += step)
                size += group_size<Phase>(end - first < step ? end - first : step, features);
        });
        return size;
    }
    /// Values that the weights of a group of so many units take.
    template <class Phase>
    static constexpr std::size_t group_size(std::size_t units, std::size_t features) {
        std::size_t size = 0;
        for_each<runs<Phase>>([&]<class Run>(std::type_identity<Run>) {
            std::size_t const n = Run::fed::size * units;
            std::size_t const most = piece_of<Run>(n);
            for (std::size_t sum = 0; sum < n; sum += most)
                size += piece_size<Run>(n - sum < most ? n - sum : most, features);
        });
        return size;
    }

    /// Lays a cell's parameters out; `to` has room for packed_size values.
    static void pack(cell_parameters<T const> from, std::size_t features, T* to) {
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            constexpr std::size_t step = unit_by_unit ? 1 : group;
            constexpr std::size_t end = padded_of<Phase>;
            for (std::size_t first = 0; first < end; first += step) {
                std::size_t const size = end - first < step ? end - first : step;
                for_each<runs<Phase>>([&]<class Run>(std::type_identity<Run>) {
                    to = pack_run<Phase, Run>(from, features, first, size, to);
                });
            }
        });
    }

    /// Values that the weights of n sums of a piece take.
    template <class Run>
    static constexpr std::size_t piece_size(std::size_t n, std::size_t features) {
        std::size_t size = n;
        for_each<typename Run::sources>([&]<class Source>(std::type_identity<Source>) {
            size += source_size(n, math::template width<Source>(Units, features));
        });
        return size;
    }
    /// Of them, those of a source with `entries` entries.
    static constexpr std::size_t source_size(std::size_t n, std::size_t entries) {
        return dotted   ? (entries + 1) / 2 * n
               : halved ? entries * round_up(n, 2 * lanes_of(n)) / 2
                        : entries * n;
    }

    /// Lanes of the vectors that hold n sums without a rest. Of 64-byte vectors at least three: one or
    /// two are as much work as two or four of half the width, and wait for each other longer.
    static constexpr std::size_t lanes_of(std::size_t n) {
        constexpr std::size_t most = simd::max_lanes<T>;
        std::size_t lanes = most > 2 * narrow && n <= 2 * most ? most / 2 : most;
        while (n % lanes != 0)
            lanes /= 2;
        return lanes;
    }

    /// Units that the equations compute by vectors of one width, of so many that are left: those that
    /// fill the widest, or all, where a last vector that overlaps the one before costs no more than
    /// narrower ones for the rest. The sums of such a block lie together: so no vector of sums is read
    /// that two stores have written, for which a processor waits.
    static constexpr std::size_t block_of(std::size_t units) {
        std::size_t lanes = simd::max_lanes<T>;
        while (lanes > units)
            lanes /= 2;
        std::size_t const rest = units % lanes;
        return rest > lanes / 2 || simd::max_lanes<T> <= 2 * narrow ? units : units - rest;
    }

  private:
    template <class Phase, class Run>
    static T* pack_run(cell_parameters<T const> const& from, std::size_t features,
                       std::size_t first, std::size_t size, T* to) {
        std::size_t const n = Run::fed::size * size;
        std::size_t const most = piece_of<Run>(n);
        for (std::size_t sum = 0; sum < n; sum += most)
            to = pack_piece<Phase, Run>(from, features, first, size, sum,
                                        n - sum < most ? n - sum : most, to);
        return to;
    }

    /// The sums `begin` ... `begin + n - 1` of a run and group.
    template <class Phase, class Run>
    static T* pack_piece(cell_parameters<T const> const& from, std::size_t features,
                         std::size_t first, std::size_t size, std::size_t begin, std::size_t n,
                         T* to) {
        using row_type = std::array<T, Run::fed::size*(unit_by_unit ? 1 : group)>;
        row_type row, next;
        T* at = row.data();
        for_each<typename Run::fed>([&]<class Sum>(std::type_identity<Sum>) {
            // the first run that feeds a sum begins with its bias
            constexpr bool begins =
                std::is_same_v<typename first_of<typename runs_with<runs<Phase>, Sum>::type>::type,
                               Run>;
            if constexpr (begins)
                math::template copy_bias<Sum>(from, Units, first, size, at);
            else
                std::fill_n(at, size, T(0));
            at += size;
        });
        put_in_blocks<Run::fed::size>(row.data(), size);
        to = std::copy_n(row.data() + begin, n, to);
        for_each<typename Run::sources>([&]<class Source>(std::type_identity<Source>) {
            std::size_t const entries = math::template width<Source>(Units, features);
            auto const fill = [&](std::size_t k, row_type& values) {
                T* value = values.data();
                for_each<typename Run::fed>([&]<class Sum>(std::type_identity<Sum>) {
                    T const* const weights =
                        math::template weight_rows<Source, Sum>(from, Units)[k];
                    value = copy_units(weights, width_of<Sum>(Units), first, size, value);
                });
                put_in_blocks<Run::fed::size>(values.data(), size);
            };
            for (std::size_t k = 0; k < entries; ++k) {
                fill(k, row);
                T const* const values = row.data() + begin;
                if constexpr (dotted) {
                    if (++k < entries)
                        fill(k, next);
                    else
                        next.fill(T(0));
                    to = std::transform(values, values + n, next.data() + begin, to,
                                        simd::bfloat16_pair);
                } else if constexpr (halved)
                    to = pack_halves(values, n, to);
                else
                    to = std::copy_n(values, n, to);
            }
        });
        return to;
    }

    /// From sum by sum to block by block, and in each block sum by sum.
    template <std::size_t Sums>
    XRNN_NOINLINE static void put_in_blocks(T* row, std::size_t units) {
        if (block_of(units) == units)
            return;
        T from[Sums * group];
        std::copy_n(row, Sums * units, from);
        for (std::size_t u = 0, n = 0; u < units; u += n) {
            n = block_of(units - u);
            for (std::size_t sum = 0; sum < Sums; ++sum)
                row = std::copy_n(from + sum * units + u, n, row);
        }
    }

    /// Values of the units first ... first + size - 1, zero for those that do not exist. A whole group is
    /// copied by vectors; the rest, seldom and short, by a function that is compiled for size.
    XRNN_INLINE static T* copy_units(T const* from, std::size_t units, std::size_t first,
                                     std::size_t size, T* to) {
        if (size == group && first + group <= units)
            return std::copy_n(from + first, group, to);
        simd::copy_sum<T>(from, nullptr, first, size, units, to);
        return to + size;
    }

    /// Pairs of values that lie in vectors side by side.
    static T* pack_halves(T const* row, std::size_t n, T* to) {
        std::size_t const lanes = lanes_of(n);
        for (std::size_t v = 0; v < n; v += 2 * lanes)
            for (std::size_t lane = v; lane < v + lanes; ++lane)
                *to++ =
                    simd::overlapping_pair(row[lane], lane + lanes < n ? row[lane + lanes] : T(0));
        return to;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
