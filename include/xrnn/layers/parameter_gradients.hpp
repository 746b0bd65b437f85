// SPDX-License-Identifier: BSD-3-Clause
//
// From the gradients of the sums to those of the parameters, for any cell: a part of the backward half
// of the engine.
//
//     dW_s = sum over steps and rows: x_t^T · dz_s        dU_s = the same with what U_s is multiplied with
//     db_s = sum over steps and rows: dz_s
//
// They are added up over some steps at a time, from the last steps to the first: so dz need not be kept,
// and is still in a cache when it is read.
//
// Legend as in kernel.hpp and adjoint.hpp.
#pragma once

#include <array>

#include <xrnn/layers/adjoint.hpp>
#include <xrnn/threads.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Sources of a phase that feed Sum, in order.
template <class Phase, class Sum, class Sources>
struct feeding;
template <class Phase, class Sum, class... Sources>
struct feeding<Phase, Sum, list<Sources...>> {
    using type = concat_t<std::conditional_t<contains<typename Phase::template fed<Sources>, Sum>,
                                             list<Sources>, list<>>...>;
};

/// Sums side by side that the same sources feed: their weight gradients are one product.
template <class Sources, class Sums>
struct fed_block {
    using sources = Sources;
    using sums = Sums;
};

/// A phase's sums in such blocks; those that nothing feeds are in none.
template <class Done, class Block>
using with_block =
    concat_t<Done, std::conditional_t<Block::sources::size == 0, list<>, list<Block>>>;
template <class Phase, class Done, class Block, class... Sums>
struct fed_blocks {
    using type = with_block<Done, Block>;
};
template <class Phase, class Done, class Sources, class... Before, class Sum, class... Rest>
struct fed_blocks<Phase, Done, fed_block<Sources, list<Before...>>, Sum, Rest...> {
    using here = fed_block<Sources, list<Before...>>;
    using its = typename feeding<Phase, Sum, typename Phase::sources>::type;
    using type = typename std::conditional_t<
        std::is_same_v<Sources, its>,
        fed_blocks<Phase, Done, fed_block<Sources, list<Before..., Sum>>, Rest...>,
        fed_blocks<Phase, with_block<Done, here>, fed_block<its, list<Sum>>, Rest...>>::type;
};
template <class Phase, class Sums>
struct fed_blocks_of;
template <class Phase, class... Sums>
struct fed_blocks_of<Phase, list<Sums...>> {
    using type = typename fed_blocks<Phase, list<>, fed_block<list<>, list<>>, Sums...>::type;
};

/// One of `parts` parts of the gradients: some columns of each, and in the end some rows.
///
/// sums: for each block and each of its sources (width of source, P of each sum), then those of the
/// biases (s, P); all parts share it, zeros at first.
template <class Cell, class T, std::size_t W>
struct parameter_gradients {
    using kernel = cell_kernel<Cell, T, W>;
    using adjoint = cell_adjoint<Cell, T, W>;
    using plan = detail::plan<Cell>;
    using dropped = recurrent_dropout<Cell, T, W>;

    std::size_t units, features;
    T* sums;
    cell_parameters<T> to;
    std::size_t part = 0, parts = 1;

    static constexpr std::size_t sums_size(std::size_t units, std::size_t features) {
        std::size_t size = adjoint::dz_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<blocks_of<Phase>>([&]<class Block>(std::type_identity<Block>) {
                for_each<typename Block::sources>([&]<class Source>(std::type_identity<Source>) {
                    size += kernel::template width<Source>(units, features) * columns<Block>(units);
                });
            });
        });
        return size;
    }
    /// Values that each part's `add` needs room for.
    static constexpr std::size_t scratch_size(std::size_t units) {
        return simd::gemm_scratch_size(adjoint::dz_size(units));
    }

    /// Adds what some steps contribute, `rows` rows in all. x: row r at x + r * x_stride. records:
    /// those before each step, `batch` rows each, and behind them those of the last. drop: masks of what
    /// the recurrent products read, or null; then `masked`, which all parts share, has room for (rows, U).
    void add(T const* x, std::size_t x_stride, T const* records, T const* dz, std::size_t rows,
             std::size_t batch, T* scratch, T const* drop = nullptr, T* masked = nullptr) const {
        std::size_t const record = kernel::record_size(units);
        std::size_t const dz_size = adjoint::dz_size(units);
        T* totals = sums;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            using blocks = blocks_of<Phase>;
            using sources = typename Phase::sources;
            if constexpr (blocks::size > 0) {
                std::array<simd::matrix_columns<T>, sources::size> left;
                std::array<simd::matrix_columns<T>, blocks::size> right;
                std::array<simd::matrix_rows<T>, sources::size * blocks::size> products{};
                for_each<sources>([&]<class Source>(std::type_identity<Source>) {
                    left[index_of<sources, Source>] = {
                        kernel::template source<Source>(kernel::padded(units), x, records,
                                                        records + batch * record),
                        std::is_same_v<Source, x_t> ? x_stride : record,
                        kernel::template width<Source>(units, features)};
                });
                totals = over_blocks<Phase>(totals, [&]<class Block, class Source>(
                                                        block_of<Block, Source>,
                                                        simd::matrix_rows<T> c) {
                    constexpr std::size_t i = index_of<sources, Source>,
                                          j = index_of<blocks, Block>;
                    std::size_t const first = place<Block>() * kernel::padded(units);
                    slice const mine(columns<Block>(units), part, parts, simd::max_lanes<T>);
                    right[j] = {dz + first + mine.first, dz_size, mine.size()};
                    if constexpr (dropped::possible && !std::is_same_v<Source, x_t>)
                        if (drop != nullptr)
                            return dropped::template weight_gradients<Source, typename Block::sums>(
                                drop, units, batch, left[i], entries<Source>(), rows, dz, masked,
                                scratch, c);
                    products[i * blocks::size + j] = {c.data + mine.first, c.stride};
                });
                simd::gemm_transposed<T>(left, right, rows, products.data(), scratch);
            }
        });
        if (!has_biases())
            return;
        slice const mine = bias_columns();
        for (std::size_t r = 0; r < rows; ++r, dz += dz_size)
            for (std::size_t k = mine.first; k < mine.last; k += W)
                simd::store<vec>(totals + k, simd::load<vec>(totals + k) + simd::load<vec>(dz + k));
    }

    /// Adds the sums to the gradients of the parameters.
    void finish() const {
        T* totals = sums;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            totals =
                over_blocks<Phase>(totals, [&]<class Block, class Source>(block_of<Block, Source>,
                                                                          simd::matrix_rows<T> c) {
                    slice const rows = entries<Source>();
                    c.data = c[rows.first];
                    for_each<typename Block::sums>([&]<class Sum>(std::type_identity<Sum>) {
                        std::size_t const first =
                            index_of<typename Block::sums, Sum> * kernel::padded(units);
                        auto const matrix = kernel::template weight_rows<Source, Sum>(to, units);
                        simd::add_rows<T>({c.data + first, c.stride}, rows.size(),
                                          width_of<Sum>(units),
                                          {matrix[rows.first], matrix.stride});
                    });
                });
        });
        if (!has_biases())
            return;
        slice const mine = bias_columns();
        for_each<typename plan::sums>([&]<class Sum>(std::type_identity<Sum>) {
            std::size_t const first = index_of<typename plan::sums, Sum> * kernel::padded(units);
            std::size_t const begin = std::max(first, mine.first);
            std::size_t const end = std::min(first + width_of<Sum>(units), mine.last);
            for (T* const bias : kernel::template biases<Sum>(to, units))
                if (bias != nullptr && begin < end)
                    simd::add_row(totals + begin, end - begin, bias + (begin - first));
        });
    }

  private:
    using vec = simd::batch<T, W>;

    bool has_biases() const { return to.bias != nullptr || plan::unit_weights::size > 0; }
    slice bias_columns() const { return {adjoint::dz_size(units), part, parts, W}; }

    template <class Source>
    slice entries() const {
        return {kernel::template width<Source>(units, features), part, parts};
    }

    template <class Phase>
    using blocks_of = typename fed_blocks_of<Phase, typename Phase::sums>::type;
    /// The rows of a block's gradients that belong to one source.
    template <class Block, class Source>
    struct block_of {};

    /// Where a block begins in dz, in vectors.
    template <class Block>
    static constexpr std::size_t place() {
        return index_of<typename plan::sums, typename first_of<typename Block::sums>::type>;
    }

    template <class Block>
    static constexpr std::size_t columns(std::size_t units) {
        return [&]<class... Sums>(list<Sums...>) {
            std::size_t const widths[] = {width_of<Sums>(units)...};
            return (sizeof...(Sums) - 1) * kernel::padded(units) +
                   kernel::padded(widths[sizeof...(Sums) - 1]);
        }(typename Block::sums{});
    }

    /// f(block_of<Block, Source>{}, its gradients) for all blocks of a phase and all their sources; returns
    /// what lies behind.
    template <class Phase, class F>
    T* over_blocks(T* at, F&& f) const {
        for_each<blocks_of<Phase>>([&]<class Block>(std::type_identity<Block>) {
            std::size_t const stride = columns<Block>(units);
            for_each<typename Block::sources>([&]<class Source>(std::type_identity<Source>) {
                f(block_of<Block, Source>{}, simd::matrix_rows<T>{at, stride});
                at += kernel::template width<Source>(units, features) * stride;
            });
        });
        return at;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
