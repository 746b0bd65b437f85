// SPDX-License-Identifier: BSD-3-Clause
//
// Losses by Keras's names. A loss is its formula for one output, over a lane type; the gradient is
// derived from it, and the mean over the outputs, the batch and the steps is taken by the trainer:
//
//     struct mean_squared_error {
//         static constexpr std::string_view name = "mean_squared_error";
//         static auto element(auto const& y, auto const& p) { return (p - y) * (p - y); }
//     };
//
// A loss that needs all outputs of a row has `row` instead, which returns the loss of the row and
// writes its gradient by p (see categorical_crossentropy).
#pragma once

#include <string_view>

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
} // namespace detail

/// Mean of -(y·log p + (1 - y)·log(1 - p)), p a probability, clipped to [1e-7, 1 - 1e-7] as in Keras.
struct binary_crossentropy {
    static constexpr std::string_view name = "binary_crossentropy";
    static auto element(auto const& y, auto const& p) {
        auto const q = detail::clipped_probability(p);
        return -(y * simd::log(q) + (1 - y) * simd::log(1 - q));
    }
};

/// -sum_k y_k·log q_k with q = p / sum p, clipped to [1e-7, 1 - 1e-7] as in Keras; y one-hot (or any
/// distribution) over the outputs, p probabilities, such as of dense<N, softmax>.
struct categorical_crossentropy {
    static constexpr std::string_view name = "categorical_crossentropy";

    /// The loss of one row of n outputs; its gradient by p goes to dp unless that is null.
    template <class T>
    static double row(T const* y, T const* p, std::size_t n, T* dp) {
        T sum(0);
        for (std::size_t k = 0; k < n; ++k)
            sum += p[k];
        T loss(0);
        T dot(0); // sum_k dL/dq_k · q_k
        for (std::size_t k = 0; k < n; ++k) {
            T const q = p[k] / sum;
            T const clipped = detail::clipped_probability(q);
            loss -= y[k] * simd::log(clipped);
            T const dq = q == clipped ? -y[k] / q : T(0);
            dot += dq * q;
            if (dp != nullptr)
                dp[k] = dq;
        }
        if (dp != nullptr)
            for (std::size_t k = 0; k < n; ++k)
                dp[k] = (dp[k] - dot) / sum;
        return static_cast<double>(loss);
    }
};

using mse = mean_squared_error;
using mae = mean_absolute_error;

namespace detail {

template <class L, class T>
concept ElementFormula = requires(T y, T p) {
    L::element(y, p);
};
template <class L, class T>
concept RowFormula = requires(T const* y, std::size_t n, T* dp) {
    L::row(y, y, n, dp);
};

/// The loss of one row of n outputs: the mean of the elements, or what `row` says. The gradient by
/// p goes to dp unless that is null.
template <class Loss, class T>
double row_loss(T const* y, T const* p, std::size_t n, T* dp) {
    if constexpr (ElementFormula<Loss, T>) {
        double total = 0;
        for (std::size_t k = 0; k < n; ++k) {
            auto const loss = Loss::element(y[k], simd::dual<T, 1>{p[k], {T(1)}});
            total += static_cast<double>(loss.value);
            if (dp != nullptr)
                dp[k] = loss.partials[0] / static_cast<T>(n);
        }
        return total / static_cast<double>(n);
    } else
        return Loss::row(y, p, n, dp);
}

} // namespace detail

/// What `compile` takes as a loss.
template <class L, class T>
concept Loss = detail::ElementFormula<L, T> || detail::RowFormula<L, T>;

} // namespace xrnn::inline XRNN_ABI
