// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <xrnn/errors.hpp>
#include <xrnn/layers/cell_layer.hpp>
#include <xrnn/layers/plain_layer.hpp>
#include <xrnn/random.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

template <class T, shape In>
struct dropout_layer : plain_layer<T, In> {
    template <class P>
    using pointers = typename plain_layer<T, In>::template pointers<P>;

    struct workspace {
        double rate = 0;
        simd::aligned_vector<T> mask, y, dx; // mask: 0, or 1 / (1 - rate)
    };

    template <pass Pass>
    static sequence_view<T> forward(sequence_view<T> const& x, workspace& w,
                                    pass_context const& context, T const* = nullptr) {
        w.mask.clear();
        if (!context.training || w.rate == 0)
            return x;
        std::size_t const size = x.rows() * x.features;
        w.mask.resize(size);
        w.y.resize(size);
        // One stream a layer and batch; this process may have but some rows of it.
        random_stream const random(context.seed, (context.step << 16) + context.layer + 1);
        if (context.all_rows == 0 || context.all_rows == x.batch)
            draw_mask(random, w.rate, 0, size, w.mask.data());
        else
            for (std::size_t t = 0; t < x.time; ++t)
                draw_mask(random, w.rate, (t * context.all_rows + context.first_row) * x.features,
                          x.batch * x.features, w.mask.data() + t * x.batch * x.features);
        apply(x, w.mask, w.y);
        return {w.y.data(), x.features, x.time, x.batch, x.features, x.mask};
    }

    static sequence_view<T> backward(pointers<T const> const&, sequence_view<T> const& dy,
                                     workspace& w, pointers<T> const&, bool want_dx) {
        if (w.mask.empty() || !want_dx)
            return dy;
        w.dx.resize(dy.rows() * dy.features);
        apply(dy, w.mask, w.dx);
        return {w.dx.data(), dy.features, dy.time, dy.batch, dy.features};
    }

    using packed_weights = std::array<T, 0>;
    template <class Weights>
    static packed_weights pack(pointers<T const> const&, std::size_t) {
        return {};
    }

  private:
    static void apply(sequence_view<T> const& from, simd::aligned_vector<T> const& mask,
                      simd::aligned_vector<T>& to) {
        for (std::size_t r = 0; r < from.rows(); ++r)
            for (std::size_t k = 0; k < from.features; ++k)
                to[r * from.features + k] =
                    from.data[r * from.stride + k] * mask[r * from.features + k];
    }
};

} // namespace detail

/// Inverted dropout: in training each value is set to 0 with probability `rate`, the others are
/// divided by 1 - rate; in inference nothing happens. Each step of a sequence has its own mask.
/// Throws value_error when the model is composed, unless 0 <= rate < 1.
/// Sources: Srivastava et al. 2014; Keras's Dropout.
struct dropout {
    double rate = 0.5;

    static constexpr std::string_view name = "dropout";
    static constexpr bool needs_sequence = false;

    template <class T, shape In>
    using layer = detail::dropout_layer<T, In>;

    void check() const { detail::check_rate(rate, name, "rate"); }
    template <class Layer, class T>
    void initialize(std::size_t, typename Layer::template pointers<T> const&, std::uint64_t,
                    std::uint64_t) const {}
    void configure(auto& settings) const requires requires { settings.rate; }
    { settings.rate = rate; }
};

} // namespace xrnn::inline XRNN_ABI
