// SPDX-License-Identifier: BSD-3-Clause
//
// Backpropagation through time for any cell: the backward half of the engine. Nothing here knows a
// cell: lane nodes are contracted with the partial derivatives that the forward pass left behind
// (see simd/dual.hpp), affine nodes are matrix products.
//
// Legend as in kernel.hpp; besides, with s sums and R rows, those of some steps:
//   gradient of a record   (S, P), one for the step and one for the step before
//   dz        (R, s, P)    gradients of the sums
//   weights   packed for the way back, for each phase, source and fed sum: (U, width of source)
//             as gemm wants its right factor
#pragma once

#include <algorithm>

#include <xrnn/layers/kernel.hpp>
#include <xrnn/layers/recurrent_dropout.hpp>
#include <xrnn/simd/gemm.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Cell, class T, std::size_t W>
struct cell_adjoint {
    using kernel = cell_kernel<Cell, T, W>;
    using plan = detail::plan<Cell>;
    using vec = simd::batch<T, W>;
    using stored = typename plan::stored;
    using sums = typename plan::sums;
    using partials = typename kernel::partials;
    using dropped = recurrent_dropout<Cell, T, W>;
    /// Rows of x are wide where the input is; the widest vectors serve them best.
    static constexpr std::size_t x_lanes = simd::max_lanes<T>;

    static constexpr std::size_t padded(std::size_t units) { return kernel::padded(units); }
    static constexpr std::size_t dz_size(std::size_t units) { return sums::size * padded(units); }

    template <class Source>
    static constexpr std::size_t lanes_of = std::is_same_v<Source, x_t> ? x_lanes : W;

    template <class Source>
    static constexpr std::size_t padded_width(std::size_t units, std::size_t features) {
        return round_up(kernel::template width<Source>(units, features), lanes_of<Source>);
    }

    /// Rows of the transposed weights from the sums of a phase to Source.
    template <class Phase, class Source>
    static constexpr std::size_t rows_to(std::size_t units) {
        return total_width(typename Phase::template fed<Source>{}, units);
    }

    // ---- weights, transposed ---------------------------------------------------------------------

    static constexpr std::size_t packed_size(std::size_t units, std::size_t features) {
        std::size_t size = 0;
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
                size += rows_to<Phase, Source>(units) * padded_width<Source>(units, features);
            });
        });
        return size;
    }

    static void pack(cell_parameters<T const> from, std::size_t units, std::size_t features,
                     T* to) {
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
                std::size_t const n = kernel::template width<Source>(units, features);
                std::size_t const stride = padded_width<Source>(units, features);
                for_each<typename Phase::template fed<Source>>([&]<class Sum>(
                                                                   std::type_identity<Sum>) {
                    std::size_t const rows = width_of<Sum>(units);
                    auto const block = kernel::template weight_rows<Source, Sum>(from, units);
                    simd::pack_right_transposed<T>(block.data, block.stride, rows, n, stride, to);
                    to += rows * stride;
                });
            });
        });
    }

    // ---- one step, backwards ---------------------------------------------------------------------

    /// From the gradient of this step's record (which it completes) to the gradients of its sums
    /// (written to dz, row b at dz + b * dz_size) and of the record before (added to before). A row
    /// that the step has passed over (mask: 0; null: none) hands the gradient of its record on; what
    /// the equations made of it, NaN perhaps, is not looked at. drop: masks of what the recurrent
    /// products read, or null; then `product` has room for (batch, P).
    static void step(T const* weights, std::size_t units, std::size_t features, T const* jacobian,
                     T const* cur, T* gradient, T* before, T* dz, std::size_t batch,
                     std::uint8_t const* mask, T const* drop = nullptr, T* product = nullptr) {
        std::size_t const record = kernel::record_size(units);
        weights += packed_size(units, features);
        auto const counts = [&](std::size_t b) { return mask == nullptr || mask[b] != 0; };
        for (std::size_t b = 0; b < batch; ++b)
            if (!counts(b)) {
                std::copy_n(gradient + b * record, record, before + b * record);
                std::fill_n(dz + b * dz_size(units), dz_size(units), T(0));
            }
        for_each_reversed<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each_reversed<typename Phase::row_nodes>([&]<class N>(std::type_identity<N>) {
                for (std::size_t b = 0; b < batch; ++b)
                    if (counts(b))
                        row_backward(N{}, units, cur + b * record, gradient + b * record);
            });
            for (std::size_t tile = 0; tile < kernel::template tiles_of<Phase>(units); ++tile)
                for (std::size_t b = 0; b < batch; ++b)
                    if (counts(b))
                        for_each_reversed<typename Phase::lane_nodes>(
                            [&]<class Node>(std::type_identity<Node>) {
                                contract<Node>(units, tile,
                                               jacobian + (tile * batch + b) * partials::total * W,
                                               gradient + b * record, before + b * record,
                                               dz + b * dz_size(units));
                            });
            for_each_reversed<typename Phase::sources>(
                [&]<class Source>(std::type_identity<Source>) {
                    std::size_t const wide = padded_width<Source>(units, features);
                    weights -= rows_to<Phase, Source>(units) * wide;
                    if constexpr (!std::is_same_v<Source, x_t>) {
                        T* const to = destination<Source>(units, gradient, before);
                        if constexpr (dropped::possible)
                            if (drop != nullptr)
                                return dropped::template source_gradient<Phase, Source>(
                                    weights, drop, units, batch, dz, to, product);
                        add_products<Phase, Source>(weights, units, wide, dz, batch, to, record);
                    }
                });
        });
    }

    // ---- several steps at once -------------------------------------------------------------------

    /// dx (rows, stride) += dz · kernel^T. Requires: stride is a multiple of x_lanes.
    static void input_gradient(T const* weights, std::size_t units, std::size_t features,
                               T const* dz, std::size_t rows, T* dx, std::size_t stride) {
        for_each<typename plan::phases>([&]<class Phase>(std::type_identity<Phase>) {
            for_each<typename Phase::sources>([&]<class Source>(std::type_identity<Source>) {
                std::size_t const wide = padded_width<Source>(units, features);
                if constexpr (std::is_same_v<Source, x_t>)
                    add_products<Phase, Source>(weights, units, wide, dz, rows, dx, stride);
                weights += rows_to<Phase, Source>(units) * wide;
            });
        });
    }

  private:
    /// to (rows, wide) += dz of the sums that Source feeds · their weights, transposed; dz beyond the
    /// width of a sum is not looked at.
    template <class Phase, class Source>
    static void add_products(T const* weights, std::size_t units, std::size_t wide, T const* dz,
                             std::size_t rows, T* to, std::size_t stride) {
        for_each<typename Phase::template fed<Source>>([&]<class Sum>(std::type_identity<Sum>) {
            std::size_t const n = width_of<Sum>(units);
            simd::gemm<T>(rows, wide, n, {dz + index_of<sums, Sum> * padded(units), dz_size(units)},
                          weights, {to, stride});
            weights += n * wide;
        });
    }

    /// gradient of in_k += sum_j gradient of out_j · ∂out_j/∂in_k, for one row and one tile.
    template <class Node>
    static void contract(std::size_t units, std::size_t tile, T const* jacobian, T* gradient,
                         T* before, T* dz) {
        using ins = typename Node::ins;
        using outs = typename Node::outs;
        using partial = jacobian_of<Node, vec>;
        T const* const values = jacobian + partials::template of<Node> * W;
        vec out[outs::size];
        for_each<outs>([&]<class Out>(std::type_identity<Out>) {
            out[index_of<outs, Out>] =
                simd::load<vec>(gradient + index_of<stored, Out> * padded(units) + tile * W);
        });
        for_each<ins>([&]<class In>(std::type_identity<In>) {
            constexpr std::size_t k = index_of<ins, In>;
            vec sum(T(0));
            unroll<outs::size>([&](auto j) {
                constexpr simd::dual_mask mask = partial::template mask<j>;
                if constexpr ((mask >> k) & 1u) {
                    constexpr std::size_t position =
                        partial::template offset<j>() + simd::dual<int, mask>::position(k);
                    sum = simd::fma(out[j], simd::load<vec>(values + position * W), sum);
                }
            });
            if constexpr (contains<sums, In>)
                simd::store<vec>(dz + index_of<sums, In> * padded(units) + tile * W, sum);
            else {
                T* const to = destination<In>(units, gradient, before) + tile * W;
                simd::store<vec>(to, simd::load<vec>(to) + sum);
            }
        });
    }

    template <class Source>
    static T* destination(std::size_t units, T* gradient, T* before) {
        if constexpr (is_prev<Source>)
            return before + index_of<stored, typename Source::state> * padded(units);
        else
            return gradient + index_of<stored, Source> * padded(units);
    }

    /// dx_k += scale · (dy_k - mean dy - y_k · mean(dy∘y)).
    template <class In, class Out>
    static void row_backward(normalized_over<In, Out>, std::size_t units, T const* cur,
                             T* gradient) {
        T const* const y = cur + index_of<stored, Out> * padded(units);
        T const* const dy = gradient + index_of<stored, Out> * padded(units);
        T* const dx = gradient + index_of<stored, In> * padded(units);
        T const* const x = cur + index_of<stored, In> * padded(units);
        units = width_of<In>(units);
        typename kernel::math::spread const over(x, units);
        T sum(0), dot(0);
        for (std::size_t k = 0; k < units; ++k) {
            sum += dy[k];
            dot += dy[k] * y[k];
        }
        T const n = static_cast<T>(units);
        for (std::size_t k = 0; k < units; ++k)
            dx[k] += over.scale * (dy[k] - sum / n - y[k] * (dot / n));
    }

    /// dx_k += y_k · (dy_k - sum_j dy_j · y_j).
    template <class In, class Out>
    static void row_backward(softmax_over<In, Out>, std::size_t units, T const* cur, T* gradient) {
        T const* const y = cur + index_of<stored, Out> * padded(units);
        T const* const dy = gradient + index_of<stored, Out> * padded(units);
        T* const dx = gradient + index_of<stored, In> * padded(units);
        units = width_of<In>(units);
        T dot(0);
        for (std::size_t k = 0; k < units; ++k)
            dot += dy[k] * y[k];
        for (std::size_t k = 0; k < units; ++k)
            dx[k] += y[k] * (dy[k] - dot);
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
