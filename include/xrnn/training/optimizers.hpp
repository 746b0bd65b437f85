// SPDX-License-Identifier: BSD-3-Clause
//
// Optimizers by Keras's names, defaults and exact formulas. An optimizer is a set of settings and
// one formula for one parameter; the trainer owns the moments (up to `slots` buffers, parallel to the
// parameters, of which `slots_in_use()` are needed) and counts the steps t = 1, 2, ...
//
// All have settings of their own kind beside these, in Keras's order and with its meaning; 0 is Keras's
// None, off:
//
//     weight_decay       w <- w - w·weight_decay·rate, before the formula (decoupled, all parameters)
//     clipnorm           each parameter tensor's gradient is shortened to this length, if it is longer
//     clipvalue          each entry of the gradient is kept within ±clipvalue
//     global_clipnorm    the whole gradient is shortened to this length, if it is longer
//     gradient_accumulation_steps    batches whose gradients' mean makes one step; 1: each its own
//
// At most one of the three ways to clip may be set. check() throws value_error for settings out of
// their range.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <xrnn/errors.hpp>
#include <xrnn/simd/math.hpp>
#include <xrnn/training/schedules.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

template <class Optimizer>
XRNN_COLD void check_common(Optimizer const& o) {
    auto const not_negative = [](char const* setting, double value) {
        if (!(value >= 0 && std::isfinite(value)))
            throw value_error(
                messages::text({Optimizer::name, ": ", setting,
                                " must be at least 0 (off) and finite, not ", value}));
    };
    not_negative("weight_decay", o.weight_decay);
    not_negative("clipnorm", o.clipnorm);
    not_negative("clipvalue", o.clipvalue);
    not_negative("global_clipnorm", o.global_clipnorm);
    if ((o.clipnorm > 0) + (o.clipvalue > 0) + (o.global_clipnorm > 0) > 1)
        throw value_error(std::string(Optimizer::name) +
                          ": set one of clipnorm, clipvalue and global_clipnorm, not several");
    if (o.gradient_accumulation_steps == 0)
        throw value_error(std::string(Optimizer::name) +
                          ": gradient_accumulation_steps must be at least 1");
}

} // namespace detail

/// Gradient descent. m <- momentum·m - rate·g; w <- w + m, or with nesterov
/// w + momentum·m - rate·g. Source: Keras's SGD.
struct sgd {
    learning_rate_setting learning_rate = 0.01;
    double momentum = 0.0;
    bool nesterov = false;
    double weight_decay = 0.0;
    double clipnorm = 0.0;
    double clipvalue = 0.0;
    double global_clipnorm = 0.0;
    std::size_t gradient_accumulation_steps = 1;

    static constexpr std::string_view name = "sgd";
    static constexpr std::size_t slots = 1;
    static constexpr std::size_t slots_in_use() { return 1; }

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
    formula<V> at(std::size_t, double rate) const {
        return {simd::constant<V>(rate), simd::constant<V>(momentum), nesterov};
    }
    void check() const { detail::check_common(*this); }
};

/// v <- rho·v + (1 - rho)·g²; m <- momentum·m + rate·g / sqrt(v + epsilon); w <- w - m. With
/// centered a <- rho·a + (1 - rho)·g and v - a² under the root in v's place.
/// Sources: Tieleman and Hinton 2012; Graves 2013 (centered); Keras's RMSprop (epsilon under the root).
struct rmsprop {
    learning_rate_setting learning_rate = 0.001;
    double rho = 0.9;
    double momentum = 0.0;
    double epsilon = 1e-7;
    bool centered = false;
    double weight_decay = 0.0;
    double clipnorm = 0.0;
    double clipvalue = 0.0;
    double global_clipnorm = 0.0;
    std::size_t gradient_accumulation_steps = 1;

    static constexpr std::string_view name = "rmsprop";
    static constexpr std::size_t slots = 3;
    std::size_t slots_in_use() const { return centered ? 3 : 2; }

    template <class V>
    struct formula {
        V rate, rho, one_minus_rho, momentum, epsilon;
        template <std::size_t N>
        void operator()(V& w, V const& g, std::array<V, N>& moments) const {
            V& v = moments[0];
            V& m = moments[1];
            v = rho * v + one_minus_rho * (g * g);
            V spread = v;
            if constexpr (N == 3) {
                V& mean = moments[2];
                mean = rho * mean + one_minus_rho * g;
                spread = v - mean * mean;
            }
            m = momentum * m + rate * g / simd::sqrt(V(spread + epsilon));
            w = w - m;
        }
    };
    template <class V>
    formula<V> at(std::size_t, double rate) const {
        return {simd::constant<V>(rate), simd::constant<V>(rho), simd::constant<V>(1 - rho),
                simd::constant<V>(momentum), simd::constant<V>(epsilon)};
    }
    void check() const { detail::check_common(*this); }
};

namespace detail {

/// One parameter's step of adam and adamw; N = 3: amsgrad, which divides by the largest v so far.
template <class V>
struct adam_formula {
    V rate, one_minus_beta_1, one_minus_beta_2, epsilon;
    template <std::size_t N>
    void operator()(V& w, V const& g, std::array<V, N>& moments) const {
        V& m = moments[0];
        V& v = moments[1];
        m = m + (g - m) * one_minus_beta_1;
        v = v + (g * g - v) * one_minus_beta_2;
        if constexpr (N == 3) {
            moments[2] = simd::max(moments[2], v);
            w = w - rate * m / (simd::sqrt(moments[2]) + epsilon);
        } else
            w = w - rate * m / (simd::sqrt(v) + epsilon);
    }
};
template <class V, class Settings>
adam_formula<V> adam_at(Settings const& s, std::size_t t, double rate) {
    double const n = static_cast<double>(t);
    return {simd::constant<V>(rate * std::sqrt(1 - std::pow(s.beta_2, n)) /
                              (1 - std::pow(s.beta_1, n))),
            simd::constant<V>(1 - s.beta_1), simd::constant<V>(1 - s.beta_2),
            simd::constant<V>(s.epsilon)};
}

} // namespace detail

/// m <- m + (1 - beta_1)·(g - m); v <- v + (1 - beta_2)·(g² - v);
/// w <- w - rate·sqrt(1 - beta_2^t) / (1 - beta_1^t) · m / (sqrt(v) + epsilon); with amsgrad v there is
/// the largest so far.
/// Sources: Kingma and Ba 2015, the form before section 2.1; Reddi, Kale and Kumar 2018 (amsgrad);
/// Keras's Adam. (PyTorch adds epsilon after the bias correction, which gives other numbers.)
struct adam {
    learning_rate_setting learning_rate = 0.001;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    bool amsgrad = false;
    double weight_decay = 0.0;
    double clipnorm = 0.0;
    double clipvalue = 0.0;
    double global_clipnorm = 0.0;
    std::size_t gradient_accumulation_steps = 1;

    static constexpr std::string_view name = "adam";
    static constexpr std::size_t slots = 3;
    std::size_t slots_in_use() const { return amsgrad ? 3 : 2; }

    template <class V>
    detail::adam_formula<V> at(std::size_t t, double rate) const {
        return detail::adam_at<V>(*this, t, rate);
    }
    void check() const { detail::check_common(*this); }
};

/// adam with weight_decay from the start. Sources: Loshchilov and Hutter 2019; Keras's AdamW.
struct adamw {
    learning_rate_setting learning_rate = 0.001;
    double weight_decay = 0.004;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    bool amsgrad = false;
    double clipnorm = 0.0;
    double clipvalue = 0.0;
    double global_clipnorm = 0.0;
    std::size_t gradient_accumulation_steps = 1;

    static constexpr std::string_view name = "adamw";
    static constexpr std::size_t slots = 3;
    std::size_t slots_in_use() const { return amsgrad ? 3 : 2; }

    template <class V>
    detail::adam_formula<V> at(std::size_t t, double rate) const {
        return detail::adam_at<V>(*this, t, rate);
    }
    void check() const { detail::check_common(*this); }
};

/// adam with Nesterov's momentum: with u_t = beta_1·(1 - 0.96^t / 2), U_t = u_1·…·u_t, m and v as of
/// adam,
///
///     m̂ = u_{t+1}·m / (1 - U_{t+1}) + (1 - u_t)·g / (1 - U_t)
///     w <- w - rate·m̂ / (sqrt(v / (1 - beta_2^t)) + epsilon)
///
/// U_t is computed from t, so that there is no state beside the moments. Sources: Dozat 2016; Keras's
/// Nadam.
struct nadam {
    learning_rate_setting learning_rate = 0.001;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    double weight_decay = 0.0;
    double clipnorm = 0.0;
    double clipvalue = 0.0;
    double global_clipnorm = 0.0;
    std::size_t gradient_accumulation_steps = 1;

    static constexpr std::string_view name = "nadam";
    static constexpr std::size_t slots = 2;
    static constexpr std::size_t slots_in_use() { return 2; }

    template <class V>
    struct formula {
        V of_m, of_g, one_minus_beta_1, one_minus_beta_2, of_v, epsilon;
        void operator()(V& w, V const& g, std::array<V, slots>& moments) const {
            V& m = moments[0];
            V& v = moments[1];
            m = m + (g - m) * one_minus_beta_1;
            v = v + (g * g - v) * one_minus_beta_2;
            w = w - (of_m * m + of_g * g) / (simd::sqrt(V(v * of_v)) + epsilon);
        }
    };
    template <class V>
    formula<V> at(std::size_t t, double rate) const {
        double const u = momentum_at(t), next = momentum_at(t + 1), product = momenta_until(t);
        return {simd::constant<V>(rate * next / (1 - product * next)),
                simd::constant<V>(rate * (1 - u) / (1 - product)),
                simd::constant<V>(1 - beta_1),
                simd::constant<V>(1 - beta_2),
                simd::constant<V>(1 / (1 - std::pow(beta_2, static_cast<double>(t)))),
                simd::constant<V>(epsilon)};
    }
    void check() const { detail::check_common(*this); }

  private:
    double momentum_at(std::size_t t) const {
        return beta_1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t)));
    }
    /// U_t. Behind 1000 steps 0.96^t is below 1e-17, and u_t is beta_1.
    double momenta_until(std::size_t t) const {
        double product = std::pow(beta_1, static_cast<double>(t)), power = 1;
        for (std::size_t k = 1; k <= std::min<std::size_t>(t, 1000); ++k) {
            power *= 0.96;
            product *= 1 - 0.5 * power;
        }
        return product;
    }
};

namespace detail {

template <class O>
concept Optimizer = requires(O const& optimizer, std::size_t t) {
    { O::slots } -> std::convertible_to<std::size_t>;
    { optimizer.slots_in_use() } -> std::convertible_to<std::size_t>;
    optimizer.template at<simd::batch<float, simd::max_lanes<float>>>(t, 0.5);
};

/// One step of an optimizer that uses N slots over n parameters: one loop over parallel buffers. What
/// is left behind the last whole vector goes through one, too, so that the formula is compiled once and
/// no result depends on where a parameter lies.
template <std::size_t N, class Optimizer, class T, class Slots>
void update_with(Optimizer const& optimizer, std::size_t t, double rate, std::size_t n, T* w,
                 T const* g, Slots& slots) {
    constexpr std::size_t lanes = simd::max_lanes<T>;
    using vec = simd::batch<T, lanes>;
    auto const formula = optimizer.template at<vec>(t, rate);
    auto const apply = [&](T* weight, T const* gradient, std::array<T*, N> const& at) {
        std::array<vec, N> moments;
        for (std::size_t s = 0; s < N; ++s)
            moments[s] = simd::load<vec>(at[s]);
        vec value = simd::load<vec>(weight);
        formula(value, simd::load<vec>(gradient), moments);
        simd::store<vec>(weight, value);
        for (std::size_t s = 0; s < N; ++s)
            simd::store<vec>(at[s], moments[s]);
    };
    std::array<T*, N> at;
    for (std::size_t s = 0; s < N; ++s)
        at[s] = slots[s].data();
    std::size_t const rest = n % lanes;
    for (T const* const end = w + (n - rest); w != end; w += lanes, g += lanes) {
        apply(w, g, at);
        for (T*& moment : at)
            moment += lanes;
    }
    if (rest == 0)
        return;
    std::array<std::array<T, lanes>, N + 2> last{};
    std::copy_n(w, rest, last[N].data());
    std::copy_n(g, rest, last[N + 1].data());
    std::array<T*, N> rows;
    for (std::size_t s = 0; s < N; ++s) {
        rows[s] = last[s].data();
        std::copy_n(at[s], rest, rows[s]);
    }
    apply(last[N].data(), last[N + 1].data(), rows);
    std::copy_n(last[N].data(), rest, w);
    for (std::size_t s = 0; s < N; ++s)
        std::copy_n(rows[s], rest, at[s]);
}

/// Step t = 1, 2, … of an optimizer over n parameters, gradient clipped and weights decayed.
template <class Optimizer, class T, class Slots>
void update(Optimizer const& optimizer, std::size_t t, std::size_t n, T* w, T const* g,
            Slots& slots) {
    double const rate = optimizer.learning_rate.at(t - 1);
    constexpr std::size_t most = Optimizer::slots;
    if constexpr (most > 2) // those of which the last is there on demand
        if (optimizer.slots_in_use() < most)
            return update_with<most - 1>(optimizer, t, rate, n, w, g, slots);
    update_with<most>(optimizer, t, rate, n, w, g, slots);
}

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
