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
#include <string_view>

#include <xrnn/errors.hpp>
#include <xrnn/layers/kernel.hpp>
#include <xrnn/random.hpp>
#include <xrnn/simd/gemm.hpp>

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

/// A mask of inverted dropout: 0 with probability `rate`, else 1 / (1 - rate). One number of the
/// stream an element: masks do not depend on who computes.
template <class T>
void draw_mask(random_stream const& random, double rate, std::size_t size, T* mask) {
    T const keep = static_cast<T>(1 / (1 - rate));
    auto const threshold = static_cast<std::uint64_t>(rate * 0x1p32);
    for (std::size_t k = 0; k < size; k += 4) {
        auto const words = random.block(k / 4);
        for (std::size_t j = k; j < std::min(size, k + 4); ++j)
            mask[j] = words[j - k] < threshold ? T(0) : keep;
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

template <class Cell, class T, std::size_t W>
struct recurrent_dropout {
    using kernel = cell_kernel<Cell, T, W>;
    using plan = detail::plan<Cell>;
    using sums = typename plan::sums;
    using masked_sums = typename plan::recurrent_columns;

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
                for (std::size_t s = 0; s < fed; ++s, to += n * kernel::padded(units))
                    simd::pack_right<T, W>(
                        n, kernel::padded(units),
                        [&](std::size_t k, std::size_t u) {
                            return from[u / W * tile_size + (k * fed + s) * W + u % W];
                        },
                        to);
                from += n * fed * W;
            });
            weights += kernel::tiles(units) * tile_size;
        });
    }

    /// to (rows, n) = from∘mask of Sum, columns first ... of a source. Row r of it belongs to row
    /// r % batch of the masks.
    template <class Sum>
    static void apply(T const* drop, std::size_t units, std::size_t batch, T const* from,
                      std::size_t stride, std::size_t rows, std::size_t first, std::size_t n,
                      T* to) {
        for (std::size_t r = 0; r < rows; ++r, from += stride, to += n) {
            T const* const mask = mask_of<Sum>(drop, units, r % batch) + first;
            for (std::size_t k = 0; k < n; ++k)
                to[k] = from[first + k] * mask[k];
        }
    }

    /// What kernel::step<pass::train> does, with the masks of its rows. z, masked: room for the sums
    /// of its rows and for one source.
    static void step(T const* right, T const* drop, std::size_t units, std::size_t features,
                     T const* x, std::size_t x_stride, T const* prev, T* cur, std::size_t batch,
                     T* extra, T* z, T* masked) {
        std::size_t const padded = kernel::padded(units);
        std::array<std::size_t, 1> const whole{0};
        for (std::size_t b = 0; b < batch; ++b)
            std::copy_n(right, z_size(units), z + b * z_size(units));
        right += z_size(units);
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<packed_sources<Phase>>([&]<class Source>(std::type_identity<Source>) {
                std::size_t const n = kernel::template width<Source>(units, features);
                T const* const from = kernel::template source<Source>(padded, x, prev, cur);
                for_each<typename Phase::template fed<Source>>(
                    [&]<class Sum>(std::type_identity<Sum>) {
                        simd::strided_matrix<T> left{from, x_stride, whole, n, 1};
                        if constexpr (!std::is_same_v<Source, x_t>) {
                            apply<Sum>(drop, units, batch, from, kernel::record_size(units), batch,
                                       0, n, masked);
                            left = {masked, n, whole, n, 1};
                        }
                        simd::gemm<T, W>(batch, padded, left, right,
                                         z + index_of<sums, Sum> * padded, z_size(units));
                        right += n * padded;
                    });
            });
            kernel::template from_sums<pass::train, Phase>(z, units, prev, cur, batch, extra);
        });
    }

    /// to += sum over the sums that Source feeds: mask∘(dz · U^T), for each row. weights: as the
    /// adjoint has packed them for Source. product: room for (batch, P).
    template <class Phase, class Source>
    static void source_gradient(T const* weights, T const* drop, std::size_t units,
                                std::size_t batch, T const* dz, T* to, T* product) {
        std::size_t const padded = kernel::padded(units);
        std::array<std::size_t, 1> const whole{0};
        for_each<typename Phase::template fed<Source>>([&]<class Sum>(std::type_identity<Sum>) {
            std::fill_n(product, batch * padded, T(0));
            simd::gemm<T, W>(batch, padded,
                             {dz + index_of<sums, Sum> * padded, z_size(units), whole, units, 1},
                             weights, product, padded);
            for (std::size_t b = 0; b < batch; ++b) {
                T const* const mask = mask_of<Sum>(drop, units, b);
                for (std::size_t k = 0; k < units; ++k)
                    to[b * kernel::record_size(units) + k] += mask[k] * product[b * padded + k];
            }
            weights += units * padded;
        });
    }

  private:
    /// In the order of the kernel's weights.
    template <class Phase>
    using packed_sources =
        concat_t<std::conditional_t<contains<typename Phase::sources, x_t>, list<x_t>, list<>>,
                 typename kernel::template other_sources<Phase>>;

    template <class Sum>
    static T const* mask_of(T const* drop, std::size_t units, std::size_t row) {
        return drop + (row * masked_sums::size + index_of<masked_sums, Sum>)*units;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
