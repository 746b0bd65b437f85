// SPDX-License-Identifier: BSD-3-Clause
//
// Losses by Keras's names. A loss is a value with its settings and its formula for one output, over a
// lane type; the gradient is derived from it, and the mean over the outputs, the batch and the steps is
// taken by the trainer:
//
//     struct mean_squared_error {
//         static constexpr std::string_view name = "mean_squared_error";
//         static auto element(auto const& y, auto const& p) { return (p - y) * (p - y); }
//     };
//
// A loss that needs all outputs of a row has `row` instead, which returns the loss of the row and
// writes its gradient by p (see categorical_crossentropy). Both may be static or not. A loss whose
// targets are of another width than the outputs says so with target_units(outputs), and where they are
// class numbers with class_labels; one whose settings have a range has check(), which throws.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <xrnn/errors.hpp>
#include <xrnn/simd/dual.hpp>

namespace xrnn::inline XRNN_ABI {

/// Mean of (p - y)^2.
struct mean_squared_error {
    static constexpr std::string_view name = "mean_squared_error";
    static auto element(auto const& y, auto const& p) {
        auto const difference = p - y;
        return difference * difference;
    }
};

/// Mean of |p - y|; its derivative where p = y is 0.
struct mean_absolute_error {
    static constexpr std::string_view name = "mean_absolute_error";
    static auto element(auto const& y, auto const& p) { return simd::abs(p - y); }
};

namespace detail {
/// Keras's epsilon(): probabilities are kept within [epsilon, 1 - epsilon] before the logarithm.
inline constexpr double probability_epsilon = 1e-7;

auto clipped_probability(auto const& p) {
    return simd::min(simd::max(p, probability_epsilon), 1 - probability_epsilon);
}

inline void check_label_smoothing(std::string_view name, double smoothing) {
    if (!(smoothing >= 0 && smoothing <= 1))
        throw value_error(messages::text(
            {name, ": label_smoothing must be at least 0 and at most 1, not ", smoothing}));
}
} // namespace detail

/// Mean of e²/2 where |e| <= delta, else of delta·|e| - delta²/2, with e = p - y: its slope never
/// exceeds delta. check() throws value_error unless delta > 0.
/// Sources: Huber 1964; Keras's Huber.
struct huber {
    double delta = 1.0;

    static constexpr std::string_view name = "huber";
    template <class T, class P>
    P element(T const& y, P const& p) const {
        T const limit = static_cast<T>(delta);
        P const error = p - y;
        P const size = simd::abs(error);
        return simd::select(size <= limit, error * error / 2, limit * size - limit * limit / 2);
    }
    void check() const {
        if (!(delta > 0))
            throw value_error(messages::text({"huber: delta must be greater than 0, not ", delta}));
    }
};

/// Mean of -(y·log p + (1 - y)·log(1 - p)), p a probability, clipped to [1e-7, 1 - 1e-7] as in Keras;
/// with from_logits p is sigmoid of the output, nothing is clipped, and the form is that which neither
/// overflows nor cancels: y·softplus(-p) + (1 - y)·softplus(p). Label smoothing s puts y·(1 - s) + s/2 in
/// y's place. check() throws value_error unless 0 <= s <= 1. Source: Keras's BinaryCrossentropy.
struct binary_crossentropy {
    bool from_logits = false;
    double label_smoothing = 0.0;

    static constexpr std::string_view name = "binary_crossentropy";
    template <class T, class P>
    P element(T const& truth, P const& p) const {
        T const y =
            truth * static_cast<T>(1 - label_smoothing) + static_cast<T>(0.5 * label_smoothing);
        if (from_logits)
            return y * simd::softplus(-p) + (1 - y) * simd::softplus(p);
        P const q = detail::clipped_probability(p);
        return -(y * simd::log(q) + (1 - y) * simd::log(1 - q));
    }
    void check() const { detail::check_label_smoothing(name, label_smoothing); }
};

namespace detail {

/// -sum_k y(k)·log q_k of one row; its gradient by p to dp unless that is null. y(k): the target of
/// output k. q = p / sum p, clipped; or, from logits, softmax(p), whose logarithm is taken as
/// p_k - max - log sum e^(p - max), so that nothing overflows.
template <class T, class Target>
double crossentropy_of_logits(Target const& y, T const* p, std::size_t n, T* dp) {
    T const top = *std::max_element(p, p + n);
    T sum(0), weight(0);
    for (std::size_t k = 0; k < n; ++k) {
        sum += simd::exp(T(p[k] - top));
        weight += y(k);
    }
    T const log_sum = simd::log(sum);
    T loss(0);
    for (std::size_t k = 0; k < n; ++k) {
        loss -= y(k) == T(0) ? T(0) : y(k) * (p[k] - top - log_sum);
        if (dp != nullptr)
            dp[k] = weight * simd::exp(T(p[k] - top)) / sum - y(k);
    }
    return static_cast<double>(loss);
}
template <class T, class Target>
double crossentropy_of_probabilities(Target const& y, T const* p, std::size_t n, T* dp) {
    T sum(0);
    for (std::size_t k = 0; k < n; ++k)
        sum += p[k];
    T loss(0);
    T dot(0); // sum_k dL/dq_k · q_k
    for (std::size_t k = 0; k < n; ++k) {
        T const q = p[k] / sum;
        T const clipped = clipped_probability(q);
        loss -= y(k) * simd::log(clipped);
        T const dq = q == clipped ? -y(k) / q : T(0);
        dot += dq * q;
        if (dp != nullptr)
            dp[k] = dq;
    }
    if (dp != nullptr)
        for (std::size_t k = 0; k < n; ++k)
            dp[k] = (dp[k] - dot) / sum;
    return static_cast<double>(loss);
}

} // namespace detail

/// -sum_k y_k·log q_k with q = p / sum p, clipped to [1e-7, 1 - 1e-7] as in Keras, or with from_logits
/// q = softmax(p), not clipped; y one-hot (or any distribution) over the n outputs, p probabilities, such
/// as of dense<N, softmax>, or the outputs of dense<N>. Label smoothing s puts y·(1 - s) + s/n in y's
/// place. check() throws value_error unless 0 <= s <= 1. Source: Keras's CategoricalCrossentropy.
struct categorical_crossentropy {
    bool from_logits = false;
    double label_smoothing = 0.0;

    static constexpr std::string_view name = "categorical_crossentropy";

    /// The loss of one row of n outputs; its gradient by p goes to dp unless that is null.
    template <class T>
    double row(T const* y, T const* p, std::size_t n, T* dp) const {
        T const kept = static_cast<T>(1 - label_smoothing);
        T const spread = static_cast<T>(label_smoothing / static_cast<double>(n));
        auto const target = [=](std::size_t k) { return y[k] * kept + spread; };
        return from_logits ? detail::crossentropy_of_logits(target, p, n, dp)
                           : detail::crossentropy_of_probabilities(target, p, n, dp);
    }
    void check() const { detail::check_label_smoothing(name, label_smoothing); }
};

/// categorical_crossentropy of class numbers: y has width 1 and holds the class 0 … n - 1 of a row or
/// step, where the target of that output is 1 and of all others 0. Whoever trains checks the labels
/// beforehand (value_error). Source: Keras's SparseCategoricalCrossentropy.
struct sparse_categorical_crossentropy {
    bool from_logits = false;

    static constexpr std::string_view name = "sparse_categorical_crossentropy";
    static constexpr std::size_t target_units(std::size_t) { return 1; }
    static constexpr bool class_labels = true;

    template <class T>
    double row(T const* y, T const* p, std::size_t n, T* dp) const {
        auto const target = [y](std::size_t k) { return y[0] == static_cast<T>(k) ? T(1) : T(0); };
        return from_logits ? detail::crossentropy_of_logits(target, p, n, dp)
                           : detail::crossentropy_of_probabilities(target, p, n, dp);
    }
};

using mse = mean_squared_error;
using mae = mean_absolute_error;

namespace detail {

template <class L, class T>
concept ElementFormula = requires(L const& loss, T y, T p) {
    loss.element(y, p);
};
template <class L, class T>
concept RowFormula = requires(L const& loss, T const* y, std::size_t n, T* dp) {
    loss.row(y, y, n, dp);
};
template <class L>
concept OwnTargets = requires(std::size_t n) {
    { L::target_units(n) } -> std::convertible_to<std::size_t>;
};
template <class L>
concept ClassLabels = requires {
    requires L::class_labels;
};
template <class Settings>
concept Checked = requires(Settings const& settings) {
    settings.check();
};

/// Width of the targets that a loss takes for so many outputs.
template <class Loss>
constexpr std::size_t target_units(std::size_t outputs) {
    if constexpr (OwnTargets<Loss>)
        return Loss::target_units(outputs);
    else
        return outputs;
}

/// Throws value_error where settings (of a loss, a metric, an optimizer) are out of their range.
template <class Settings>
void check_settings(Settings const& settings) {
    if constexpr (Checked<Settings>)
        settings.check();
}

/// The loss of one row of n outputs: the mean of the elements, or what `row` says. The gradient by
/// p goes to dp unless that is null.
template <class Loss, class T>
double row_loss(Loss const& loss, T const* y, T const* p, std::size_t n,
                std::type_identity_t<T>* dp) {
    if constexpr (ElementFormula<Loss, T>) {
        double total = 0;
        for (std::size_t k = 0; k < n; ++k) {
            auto const one = loss.element(y[k], simd::dual<T, 1>{p[k], {T(1)}});
            total += static_cast<double>(one.value);
            if (dp != nullptr)
                dp[k] = one.partials[0] / static_cast<T>(n);
        }
        return total / static_cast<double>(n);
    } else
        return loss.row(y, p, n, dp);
}

} // namespace detail

/// What `compile` takes as a loss.
template <class L, class T>
concept Loss = detail::ElementFormula<L, T> || detail::RowFormula<L, T>;

} // namespace xrnn::inline XRNN_ABI
