// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/layers/cell_layer.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

template <class T, shape In>
struct layer_normalization_layer {
    static_assert(In.features != dynamic,
                  "xrnn: layer_normalization has parameters for each feature, so their number must "
                  "be known: write input<Features>, or put it behind a recurrent or dense layer");
    static constexpr std::size_t features = In.features == dynamic ? 1 : In.features;

    using value_type = T;
    static constexpr shape input = In;
    static constexpr shape output = In;
    static constexpr std::size_t state_count = 0;
    static constexpr std::size_t parameter_count = 2;
    static constexpr std::array<parameter_info, 2> parameters(std::size_t) {
        return {{{"gamma", {features, 0}}, {"beta", {features, 0}}}};
    }
    template <class P>
    using pointers = std::array<P*, 2>;

    /// Mean and 1 / sqrt(variance + epsilon) of a row.
    struct spread {
        T mean, scale;
    };

    /// What a row needs: the same for batches and for steps, so that both give the same bits.
    struct packed_weights {
        double epsilon = 0;
        std::array<T, features> gamma{}, beta{};

        XRNN_NOINLINE spread apply(T const* x, T* y) const {
            T const mean = sum([x](auto at) { return at(x); }) / T(features);
            T const squares = sum([x, mean](auto at) {
                auto const v = at(x) - decltype(at(x))(mean);
                return v * v;
            });
            T const scale = T(1) / std::sqrt(squares / T(features) + static_cast<T>(epsilon));
            for (std::size_t k = 0; k < features; ++k)
                y[k] = gamma[k] * ((x[k] - mean) * scale) + beta[k];
            return {mean, scale};
        }
    };

    struct workspace {
        double epsilon = 0;
        packed_weights weights;
        simd::aligned_vector<T> y, dx;
        std::vector<spread> spreads; // of each row, for the way back
        sequence_view<T> x{};
    };

    static void load(pointers<T const> const& at, std::size_t, workspace& w) {
        w.weights = pack<full_precision>(at, features);
        w.weights.epsilon = w.epsilon;
    }

    template <pass Pass>
    static sequence_view<T> forward(sequence_view<T> const& x, workspace& w, pass_context const&,
                                    T const* = nullptr) {
        w.x = x;
        w.y.resize(x.rows() * features);
        if constexpr (Pass == pass::train)
            w.spreads.resize(x.rows());
        for (std::size_t r = 0; r < x.rows(); ++r) {
            spread const of_row = w.weights.apply(x.data + r * x.stride, w.y.data() + r * features);
            if constexpr (Pass == pass::train)
                w.spreads[r] = of_row;
        }
        return {w.y.data(), features, x.time, x.batch, features, x.mask};
    }

    /// With n_k = (x_k - mean) · scale and d_k = γ_k · dy_k:
    /// dx_k = scale · (d_k - mean d - n_k · mean(d∘n)), dγ_k = dy_k · n_k, dβ_k = dy_k.
    static sequence_view<T> backward(pointers<T const> const&, sequence_view<T> const& dy,
                                     workspace& w, pointers<T> const& gradients, bool want_dx) {
        if (want_dx)
            w.dx.resize(dy.rows() * features);
        std::array<T, features> n, d;
        for (std::size_t r = 0; r < dy.rows(); ++r) {
            T const* const x = w.x.data + r * w.x.stride;
            T const* const g = dy.data + r * dy.stride;
            auto const [mean, scale] = w.spreads[r];
            for (std::size_t k = 0; k < features; ++k) {
                n[k] = (x[k] - mean) * scale;
                d[k] = w.weights.gamma[k] * g[k];
                gradients[0][k] += g[k] * n[k];
                gradients[1][k] += g[k];
            }
            if (!want_dx)
                continue;
            T const mean_d = sum([&d](auto at) { return at(d.data()); }) / T(features);
            T const mean_dn =
                sum([&d, &n](auto at) { return at(d.data()) * at(n.data()); }) / T(features);
            for (std::size_t k = 0; k < features; ++k)
                w.dx[r * features + k] = scale * (d[k] - mean_d - n[k] * mean_dn);
        }
        if (!want_dx)
            return {};
        return {w.dx.data(), features, dy.time, dy.batch, features};
    }

    static void final_states(workspace const&, T*) {}
    static void initial_state_gradient(workspace const&, T*) {}

    template <class Weights>
    static packed_weights pack(pointers<T const> const& at, std::size_t) {
        packed_weights weights;
        std::copy_n(at[0], features, weights.gamma.begin());
        std::copy_n(at[1], features, weights.beta.begin());
        return weights;
    }
    struct step_state {
        std::array<T, features> y{};
    };
    template <class Weights, class Features>
    static T const* step(packed_weights const& weights, step_state& s, Features,
                         T const* x) noexcept {
        weights.apply(x, s.y.data());
        return s.y.data();
    }

  private:
    /// The sum over the features of f, which is given what reads feature k of a row, for as many k at
    /// a time as there are lanes.
    template <class F>
    XRNN_INLINE static T sum(F const& f) {
        constexpr std::size_t lanes = simd::max_lanes<T>;
        using vec = simd::batch<T, lanes>;
        std::size_t k = 0;
        T total(0);
        if constexpr (lanes > 1 && features >= lanes) {
            vec totals(T(0));
            for (; k + lanes <= features; k += lanes)
                totals = totals + f([k](T const* row) { return simd::load<vec>(row + k); });
            total = simd::sum(totals);
        }
        if constexpr (features % lanes != 0 || lanes == 1)
            for (; k < features; ++k)
                total += f([k](T const* row) { return row[k]; });
        return total;
    }
};

} // namespace detail

/// Layer normalisation over the features, for each row and each step by itself:
///
///     y = γ∘(x - μ) / sqrt(σ² + ε) + β      μ, σ²: mean and variance of x's features
///
/// (batch, features) -> the same, (batch, time, features) -> the same. Parameters: gamma (features),
/// which starts at 1, and beta (features), at 0. The number of features must be known at compile
/// time. Throws value_error when the model is composed, unless epsilon > 0.
/// Sources: Ba, Kiros and Hinton 2016, arXiv:1607.06450; Keras's LayerNormalization.
struct layer_normalization {
    double epsilon = 1e-3; // Keras's; PyTorch has 1e-5

    static constexpr std::string_view name = "layer_normalization";
    static constexpr bool needs_sequence = false;

    template <class T, shape In>
    using layer = detail::layer_normalization_layer<T, In>;

    void check() const {
        if (!(epsilon > 0))
            throw value_error(messages::text(
                {"layer_normalization: epsilon must be greater than 0, not ", epsilon}));
    }
    template <class Layer, class T>
    void initialize(std::size_t, typename Layer::template pointers<T> const& at, std::uint64_t,
                    std::uint64_t) const {
        std::fill_n(at[0], Layer::features, T(1));
        std::fill_n(at[1], Layer::features, T(0));
    }
    void configure(auto& settings) const requires requires { settings.epsilon; }
    { settings.epsilon = epsilon; }
};

} // namespace xrnn::inline XRNN_ABI
