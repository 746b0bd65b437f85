// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/layers/cell_layer.hpp>
#include <xrnn/layers/plain_layer.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class T, shape In>
struct masking_layer : plain_layer<T, In> {
    static constexpr bool masks_steps = true;
    template <class P>
    using pointers = typename plain_layer<T, In>::template pointers<P>;

    struct workspace {
        T mask_value{};
        simd::aligned_vector<T> y;
        std::vector<std::uint8_t> mask;
    };

    template <pass Pass>
    static sequence_view<T> forward(sequence_view<T> const& x, workspace& w, pass_context const&,
                                    T const* = nullptr) {
        w.mask.resize(x.rows());
        w.y.assign(x.rows() * x.features, T(0)); // what does not count is 0, as in Keras
        for (std::size_t r = 0; r < x.rows(); ++r) {
            T const* const from = x.data + r * x.stride;
            w.mask[r] = x.counts(r) && !masked(w.mask_value, from, x.features) ? 1 : 0;
            if (w.mask[r] != 0)
                std::copy_n(from, x.features, w.y.data() + r * x.features);
        }
        return {w.y.data(), x.features, x.time, x.batch, x.features, w.mask.data()};
    }

    /// dy is 0 at steps that do not count: the layers above see to it.
    static sequence_view<T> backward(pointers<T const> const&, sequence_view<T> const& dy,
                                     workspace&, pointers<T> const&, bool) {
        return dy;
    }

    /// Whether all values of a step equal the one that marks a step to pass over.
    static bool masked(T mask_value, T const* x, std::size_t features) noexcept {
        for (std::size_t k = 0; k < features; ++k)
            if (x[k] != mask_value)
                return false;
        return true;
    }

    struct packed_weights {
        T mask_value{};
    };
    template <class Weights>
    static packed_weights pack(pointers<T const> const&, std::size_t) {
        return {};
    }
};

} // namespace detail

/// Passes over steps of which every feature equals mask_value: they carry the states of the recurrent
/// layers above, their output repeats the one before, and a loss over sequences leaves them out.
/// Features keep their shape; a step that does not count becomes 0. In a stream such a step changes
/// nothing and returns the output of the step before, at first 0. Keras's Masking.
struct masking {
    double mask_value = 0;

    static constexpr std::string_view name = "masking";
    static constexpr bool needs_sequence = true;

    template <class T, shape In>
    using layer = detail::masking_layer<T, In>;

    template <class Layer, class T>
    void initialize(std::size_t, typename Layer::template pointers<T> const&, std::uint64_t,
                    std::uint64_t) const {}
    void configure(auto& settings) const {
        settings.mask_value =
            static_cast<std::remove_cvref_t<decltype(settings.mask_value)>>(mask_value);
    }
};

} // namespace xrnn::inline XRNN_ABI
