// SPDX-License-Identifier: BSD-3-Clause
//
// Optimizers by Keras's names, defaults and exact formulas. An optimizer is a set of settings and
// one formula for one parameter; the trainer owns the moments (`slots` buffers, parallel to the
// parameters) and counts the steps t = 1, 2, ...
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>

#include <xrnn/simd/math.hpp>

namespace xrnn::inline XRNN_ABI {

/// Gradient descent. m <- momentum·m - learning_rate·g; w <- w + m, or with nesterov
/// w + momentum·m - learning_rate·g. Source: Keras's SGD.
struct sgd {
    double learning_rate = 0.01;
    double momentum = 0.0;
    bool nesterov = false;

    static constexpr std::string_view name = "sgd";
    static constexpr std::size_t slots = 1;

    template <class V>
    struct formula {
        V rate, momentum;
        bool nesterov;
        void operator()(V& w, V const& g, std::array<V, slots>& moments) const {
            V& m = moments[0];
            m = momentum * m - rate * g;
            w = nesterov ? V(w + (momentum * m - rate * g)) : V(w + m);
        }
    };
    template <class V>
    formula<V> at(std::size_t) const {
        return {simd::constant<V>(learning_rate), simd::constant<V>(momentum), nesterov};
    }
};

/// v <- rho·v + (1 - rho)·g²; m <- momentum·m + learning_rate·g / sqrt(v + epsilon); w <- w - m.
/// Sources: Tieleman and Hinton 2012; Keras's RMSprop (epsilon under the root).
struct rmsprop {
    double learning_rate = 0.001;
    double rho = 0.9;
    double momentum = 0.0;
    double epsilon = 1e-7;

    static constexpr std::string_view name = "rmsprop";
    static constexpr std::size_t slots = 2;

    template <class V>
    struct formula {
        V rate, rho, one_minus_rho, momentum, epsilon;
        void operator()(V& w, V const& g, std::array<V, slots>& moments) const {
            V& v = moments[0];
            V& m = moments[1];
            v = rho * v + one_minus_rho * (g * g);
            m = momentum * m + rate * g / simd::sqrt(V(v + epsilon));
            w = w - m;
        }
    };
    template <class V>
    formula<V> at(std::size_t) const {
        return {simd::constant<V>(learning_rate), simd::constant<V>(rho),
                simd::constant<V>(1 - rho), simd::constant<V>(momentum),
                simd::constant<V>(epsilon)};
    }
};

/// m <- m + (1 - beta_1)·(g - m); v <- v + (1 - beta_2)·(g² - v);
/// w <- w - learning_rate·sqrt(1 - beta_2^t) / (1 - beta_1^t) · m / (sqrt(v) + epsilon).
/// Sources: Kingma and Ba 2015, the form before section 2.1; Keras's Adam. (PyTorch adds epsilon
/// after the bias correction, which gives other numbers.)
struct adam {
    double learning_rate = 0.001;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;

    static constexpr std::string_view name = "adam";
    static constexpr std::size_t slots = 2;

    template <class V>
    struct formula {
        V rate, one_minus_beta_1, one_minus_beta_2, epsilon;
        void operator()(V& w, V const& g, std::array<V, slots>& moments) const {
            V& m = moments[0];
            V& v = moments[1];
            m = m + (g - m) * one_minus_beta_1;
            v = v + (g * g - v) * one_minus_beta_2;
            w = w - rate * m / (simd::sqrt(v) + epsilon);
        }
    };
    template <class V>
    formula<V> at(std::size_t t) const {
        double const n = static_cast<double>(t);
        double const rate =
            learning_rate * std::sqrt(1 - std::pow(beta_2, n)) / (1 - std::pow(beta_1, n));
        return {simd::constant<V>(rate), simd::constant<V>(1 - beta_1),
                simd::constant<V>(1 - beta_2), simd::constant<V>(epsilon)};
    }
};

namespace detail {

template <class O>
concept Optimizer = requires(O const& optimizer, std::size_t t) {
    { O::slots } -> std::convertible_to<std::size_t>;
    optimizer.template at<float>(t);
};

/// One step of an optimizer over n parameters: one loop over parallel buffers.
template <class Optimizer, class T, class Slots>
void update(Optimizer const& optimizer, std::size_t t, std::size_t n, T* w, T const* g,
            Slots& slots) {
    constexpr std::size_t lanes = simd::max_lanes<T>;
    using vec = simd::batch<T, lanes>;
    auto const apply = [&]<class V>(auto const& formula, std::size_t k, std::type_identity<V>) {
        std::array<V, Optimizer::slots> moments;
        for (std::size_t s = 0; s < moments.size(); ++s)
            moments[s] = simd::load<V>(slots[s].data() + k);
        V weight = simd::load<V>(w + k);
        formula(weight, simd::load<V>(g + k), moments);
        simd::store<V>(w + k, weight);
        for (std::size_t s = 0; s < moments.size(); ++s)
            simd::store<V>(slots[s].data() + k, moments[s]);
    };
    auto const wide = optimizer.template at<vec>(t);
    auto const narrow = optimizer.template at<T>(t);
    std::size_t k = 0;
    for (; k + lanes <= n; k += lanes)
        apply(wide, k, std::type_identity<vec>{});
    for (; k < n; ++k)
        apply(narrow, k, std::type_identity<T>{});
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
