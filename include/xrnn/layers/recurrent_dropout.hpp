// SPDX-License-Identifier: BSD-3-Clause
//
// Dropout of what the recurrent products read: a part of the engine that only training with
// recurrent_dropout takes.
//
//     z_s = b_s + W_s·x_t + U_s·(h_{t-1}∘m_s)         for each sum s that a product of h feeds
//     m_s = 0 with probability `rate`, else 1 / (1 - rate); the same at all steps of a sequence
//
// Each gate reads other values of h, so there is no one product for all of them: the sums of a step
// are computed one after the other, in memory. The equations see the states as they are.
//
// Legend as in kernel.hpp and adjoint.hpp; besides, with M sums that a product of h feeds:
//   drop      (B, M, U)    masks
//   right     biases (s, P), then for each phase, source and fed sum: (width of source, P) as gemm
//             wants its right factor
//   z         (B, s, P)    sums of a step
//
// Source: Gal and Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent Neural
// Networks, NIPS 2016, with a mask for each gate, as in Keras.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string_view>

#include <xrnn/errors.hpp>
#include <xrnn/layers/kernel.hpp>
#include <xrnn/random.hpp>
#include <xrnn/simd/gemm.hpp>
#include <xrnn/threads.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Throws value_error unless 0 <= rate < 1. Small, since every program with a recurrent layer has it.
XRNN_COLD inline void check_rate(double rate, std::string_view layer, char const* setting) {
    if (rate >= 0 && rate < 1)
        return;
    std::array<char, 160> text;
    std::snprintf(text.data(), text.size(), "%.*s: %s must be at least 0 and less than 1, not %f",
                  static_cast<int>(layer.size()), layer.data(), setting, rate);
    throw value_error(text.data());
}

/// Elements first ... first + size - 1 of a mask of inverted dropout: 0 with probability `rate`, else
/// 1 / (1 - rate). One number of the stream an element: masks do not depend on who computes.
template <class T>
void draw_mask(random_stream const& random, double rate, std::size_t first, std::size_t size,
               T* mask) {
    T const keep = static_cast<T>(1 / (1 - rate));
    auto const threshold = static_cast<std::uint64_t>(rate * 0x1p32);
    // from a multiple of four on, whatever came before, a block is four elements
    std::size_t const skipped = first % 4;
    std::size_t const end = size + skipped;
    for (std::size_t k = 0; k < end; k += 4) {
        auto const words = random.block((first - skipped + k) / 4);
        for (std::size_t j = std::max(k, skipped); j < std::min(end, k + 4); ++j)
            mask[j - skipped] = words[j - k] < threshold ? T(0) : keep;
    }
}

/// Streams of a layer's masks in one batch; see dropout_layer for the others.
inline constexpr std::uint64_t recurrent_dropout_streams = std::uint64_t{1} << 62;
/// Added to the layer's number for a second direction.
inline constexpr std::uint64_t other_direction = std::uint64_t{1} << 15;

/// For cells with a product of the state before, all of whose vectors are as wide as the layer.
template <class Cell>
inline constexpr bool
    may_drop = plan<Cell>::has_recurrent_kernel&& []<class... Vectors>(list<Vectors...>) {
        return ((declared_width<Vectors> == 0) && ...);
    }(concat_t<typename plan<Cell>::sums, typename plan<Cell>::stored>{});

/// The products between a source and the sums that it feeds, one after the other: the same code for all
/// cells, so that it is compiled once.
template <class T, std::size_t W>
struct masked_products {
    /// Vectors of sums in a row of z (or dz), and masks in a row of drop.
    struct rows {
        std::size_t units, padded, z_size, drop_size, batch;
    };
    /// Which vector of sums, and which mask.
    struct sum {
        std::size_t place, mask;
    };
    static constexpr std::size_t no_mask = ~std::size_t{0};
    using fed = std::span<sum const>;

    /// A source's part of the kernel's weights as right factors, one for each sum that it feeds.
    XRNN_NOINLINE static T* pack(T const* from, std::size_t tile_size, std::size_t sums,
                                 std::size_t n, std::size_t padded, T* to) {
        for (std::size_t s = 0; s < sums; ++s, to += n * padded)
            simd::pack_right<T>(
                n, padded,
                [&](std::size_t k, std::size_t u) {
                    return from[u / W * tile_size + (k * sums + s) * W + u % W];
                },
                to);
        return to;
    }

    /// to (count, n) = from∘mask. Row r of it belongs to row r % batch of the masks.
    XRNN_NOINLINE static void apply(rows const& r, T const* mask, T const* from, std::size_t stride,
                                    std::size_t count, std::size_t n, T* to) {
        for (std::size_t row = 0; row < count; ++row, from += stride, to += n)
            for (std::size_t k = 0; k < n; ++k)
                to[k] = from[k] * mask[row % r.batch * r.drop_size + k];
    }

    /// z += (from∘mask) · U, for each sum; returns what lies behind their right factors.
    XRNN_NOINLINE static T const* add(rows const& r, fed const& sums, T const* drop, T const* from,
                                      std::size_t stride, std::size_t n, T const* right, T* z,
                                      T* masked) {
        for (sum const& s : sums) {
            simd::matrix_rows<T const> left{from, stride};
            if (s.mask != no_mask) {
                apply(r, drop + s.mask * r.units, from, stride, r.batch, n, masked);
                left = {masked, n};
            }
            simd::gemm<T>(r.batch, r.padded, n, left, right, {z + s.place * r.padded, r.z_size});
            right += n * r.padded;
        }
        return right;
    }

    /// to += mask∘(dz · U^T), for each sum. weights: as the adjoint packs them for a source. product:
    /// room for (batch, P).
    XRNN_NOINLINE static void add_gradient(rows const& r, fed const& sums, T const* drop,
                                           T const* weights, T const* dz, T* to, std::size_t stride,
                                           T* product) {
        for (sum const& s : sums) {
            std::fill_n(product, r.batch * r.padded, T(0));
            simd::gemm<T>(r.batch, r.padded, r.units, {dz + s.place * r.padded, r.z_size}, weights,
                          {product, r.padded});
            // in its own place: rows only move towards the front
            apply(r, drop + s.mask * r.units, product, r.padded, r.batch, r.units, product);
            simd::add_rows<T>({product, r.units}, r.batch, r.units, {to, stride});
            weights += r.units * r.padded;
        }
    }

    /// to (width of from, sums' P side by side) += (from∘mask)^T · dz, for each sum. drop: mask of the
    /// first column of `from`; masked: room for (count, width); scratch: for gemm.
    XRNN_NOINLINE static void add_weight_gradients(rows const& r, fed const& sums, T const* drop,
                                                   simd::matrix_columns<T> const& from,
                                                   std::size_t count, T const* dz, T* masked,
                                                   T* scratch, simd::matrix_rows<T> to) {
        for (sum const& s : sums) {
            apply(r, drop + s.mask * r.units, from.data, from.stride, count, from.width, masked);
            simd::matrix_columns<T> const left{masked, from.width, from.width};
            simd::matrix_columns<T> const right{dz + s.place * r.padded, r.z_size, r.padded};
            simd::matrix_rows<T> const product{to.data + (s.place - sums.front().place) * r.padded,
                                               to.stride};
            simd::gemm_transposed<T>({&left, 1}, {&right, 1}, count, &product, scratch);
        }
    }
};

template <class Cell, class T, std::size_t W>
struct recurrent_dropout {
    using kernel = cell_kernel<Cell, T, W>;
    using plan = detail::plan<Cell>;
    using sums = typename plan::sums;
    using masked_sums = typename plan::recurrent_columns;
    using products = masked_products<T, W>;

    static constexpr bool possible = may_drop<Cell>;

    /// Values of the masks of one row.
    static constexpr std::size_t drop_size(std::size_t units) { return masked_sums::size * units; }
    static constexpr std::size_t z_size(std::size_t units) {
        return sums::size * kernel::padded(units);
    }

    static constexpr std::size_t packed_size(std::size_t units, std::size_t features) {
        std::size_t size = z_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
                size += Phase::template fed<Source>::size *
                        kernel::template width<Source>(units, features) * kernel::padded(units);
            });
        });
        return size;
    }

    /// From the weights that the kernel has packed to `right`.
    static void pack(T const* weights, std::size_t units, std::size_t features, T* to) {
        T* biases = to;
        to += z_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            std::size_t const tile_size = kernel::template tile_size<Phase>(units, features);
            for_each<typename Phase::sums>([&]<class Sum>(std::type_identity<Sum>) {
                T* const bias = biases + index_of<sums, Sum> * kernel::padded(units);
                for (std::size_t tile = 0; tile < kernel::tiles(units); ++tile)
                    std::copy_n(weights + tile * tile_size +
                                    index_of<typename Phase::sums, Sum> * W,
                                W, bias + tile * W);
            });
            T const* from = weights + Phase::sums::size * W;
            for_each<packed_sources<Phase>>([&]<class Source>(std::type_identity<Source>) {
                constexpr std::size_t fed = Phase::template fed<Source>::size;
                std::size_t const n = kernel::template width<Source>(units, features);
                to = products::pack(from, tile_size, fed, n, kernel::padded(units), to);
                from += n * fed * W;
            });
            weights += kernel::tiles(units) * tile_size;
        });
    }

    /// What kernel::step<pass::train> does, with the masks of its rows. z, masked: room for the sums
    /// of its rows and for one source.
    static void step(T const* right, T const* drop, std::size_t units, std::size_t features,
                     T const* x, std::size_t x_stride, T const* prev, T* cur, std::size_t batch,
                     T* extra, T* z, T* masked) {
        for (std::size_t b = 0; b < batch; ++b)
            std::copy_n(right, z_size(units), z + b * z_size(units));
        right += z_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<packed_sources<Phase>>([&]<class Source>(std::type_identity<Source>) {
                right = products::add(
                    rows(units, batch), fed<Phase, Source>(), drop,
                    kernel::template source<Source>(kernel::padded(units), x, prev, cur),
                    std::is_same_v<Source, x_t> ? x_stride : kernel::record_size(units),
                    kernel::template width<Source>(units, features), right, z, masked);
            });
            kernel::template from_sums<pass::train, Phase>(z, units, prev, cur, batch, extra);
        });
    }

    /// to += sum over the sums that Source feeds: mask∘(dz · U^T), for each row.
    template <class Phase, class Source>
    static void source_gradient(T const* weights, T const* drop, std::size_t units,
                                std::size_t batch, T const* dz, T* to, T* product) {
        products::add_gradient(rows(units, batch), fed<Phase, Source>(), drop, weights, dz, to,
                               kernel::record_size(units), product);
    }

    /// to += gradients of the weights from some entries of Source to Sums, which lie side by side, `count`
    /// rows. masked: room for all entries.
    template <class Source, class Sums>
    static void weight_gradients(T const* drop, std::size_t units, std::size_t batch,
                                 simd::matrix_columns<T> const& from, slice const& entries,
                                 std::size_t count, T const* dz, T* masked, T* scratch,
                                 simd::matrix_rows<T> to) {
        products::add_weight_gradients(
            rows(units, batch), table<Source, Sums>::value, drop + entries.first,
            {from.data + entries.first, from.stride, entries.size()}, count, dz,
            masked + count * entries.first, scratch, {to[entries.first], to.stride});
    }

  private:
    /// In the order of the kernel's weights.
    template <class Phase>
    using packed_sources =
        concat_t<std::conditional_t<contains<typename Phase::sources, x_t>, list<x_t>, list<>>,
                 typename kernel::template other_sources<Phase>>;

    static constexpr typename products::rows rows(std::size_t units, std::size_t batch) {
        return {units, kernel::padded(units), z_size(units), drop_size(units), batch};
    }

    template <class Source, class Sum>
    static constexpr std::size_t mask_of() {
        if constexpr (std::is_same_v<Source, x_t>)
            return products::no_mask;
        else
            return index_of<masked_sums, Sum>;
    }

    template <class Source, class Sums>
    struct table;
    template <class Source, class... Sums>
    struct table<Source, list<Sums...>> {
        static constexpr
            typename products::sum value[]{{index_of<sums, Sums>, mask_of<Source, Sums>()}...};
    };
    template <class Phase, class Source>
    static constexpr typename products::fed fed() {
        return table<Source, typename Phase::template fed<Source>>::value;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
