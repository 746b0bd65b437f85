// SPDX-License-Identifier: BSD-3-Clause
//
// Metrics by Keras's names, thresholds and formulas, over all rows of an epoch or an evaluation. Beside
// them every loss is a metric.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <type_traits>

#include <xrnn/errors.hpp>
#include <xrnn/training/confusion_matrix.hpp>
#include <xrnn/training/metric.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

template <class T>
bool same_class(T const* y, T const* p, std::size_t n) {
    return argmax(y, n) == argmax(p, n);
}
template <class T>
bool label_is_largest(T label, T const* p, std::size_t n) {
    return label == static_cast<T>(argmax(p, n));
}

inline void check_threshold(std::string_view name, double threshold) {
    if (!(threshold >= 0 && threshold <= 1))
        throw value_error(messages::text(
            {name, ": threshold must be at least 0 and at most 1, not ", threshold}));
}

/// a / b, 0 where b is 0.
inline double ratio(double a, double b) {
    return b == 0 ? 0 : a / b;
}

} // namespace detail

/// Keras's `accuracy`: with one output, binary accuracy, (p > 0.5) == y; with several and one-hot
/// targets, categorical accuracy, argmax p == argmax y; with several and class numbers, sparse
/// categorical accuracy, argmax p == y.
struct accuracy {
    static constexpr std::string_view name = "accuracy";
    static constexpr bool higher_is_better = true;
    static constexpr bool fits(std::size_t targets, std::size_t outputs) {
        return targets == outputs || targets == 1;
    }
    template <class T>
    static double value(T const* y, T const* p, std::size_t n) {
        if (n == 1)
            return static_cast<T>(p[0] > T(0.5) ? 1 : 0) == y[0] ? 1.0 : 0.0;
        return detail::same_class(y, p, n) ? 1.0 : 0.0;
    }
    static constexpr std::size_t sums(std::size_t) { return 2; }
    template <class T>
    static void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) {
        sums[0] += y.size() == p.size() ? value(y.data(), p.data(), p.size())
                   : detail::label_is_largest(y[0], p.data(), p.size()) ? 1.0
                                                                        : 0.0;
        sums[1] += 1;
    }
    static double result(std::span<double const> sums) { return sums[0] / sums[1]; }
};

/// The part of all outputs for which (p > threshold) == y. Keras's BinaryAccuracy.
struct binary_accuracy {
    double threshold = 0.5;

    static constexpr std::string_view name = "binary_accuracy";
    static constexpr bool higher_is_better = true;
    template <class T>
    double value(T const* y, T const* p, std::size_t n) const {
        double same = 0;
        for (std::size_t k = 0; k < n; ++k)
            same += static_cast<T>(static_cast<double>(p[k]) > threshold ? 1 : 0) == y[k] ? 1 : 0;
        return same / static_cast<double>(n);
    }
    void check() const { detail::check_threshold(name, threshold); }
};

/// The part of the rows in which argmax p == argmax y. Keras's CategoricalAccuracy.
struct categorical_accuracy {
    static constexpr std::string_view name = "categorical_accuracy";
    static constexpr bool higher_is_better = true;
    template <class T>
    static double value(T const* y, T const* p, std::size_t n) {
        return detail::same_class(y, p, n) ? 1.0 : 0.0;
    }
};

/// The part of the rows in which argmax p == y, the class's number. Keras's
/// SparseCategoricalAccuracy.
struct sparse_categorical_accuracy {
    static constexpr std::string_view name = "sparse_categorical_accuracy";
    static constexpr bool higher_is_better = true;
    static constexpr bool fits(std::size_t targets, std::size_t) { return targets == 1; }
    template <class T>
    static double value(T const* y, T const* p, std::size_t n) {
        return detail::label_is_largest(y[0], p, n) ? 1.0 : 0.0;
    }
};

namespace detail {

/// Counts over all outputs: predicted and true, predicted and not true, not predicted and true.
/// Predicted is p > threshold, true is y != 0, as Keras's conversion to a truth value.
template <class T>
void count_hits(double threshold, std::span<double> sums, std::span<T const> y,
                std::span<T const> p) {
    for (std::size_t k = 0; k < p.size(); ++k) {
        bool const said = static_cast<double>(p[k]) > threshold, is = y[k] != T(0);
        sums[0] += said && is ? 1 : 0;
        sums[1] += said && !is ? 1 : 0;
        sums[2] += !said && is ? 1 : 0;
    }
}

} // namespace detail

/// True positives / all that is predicted positive (p > threshold), over all outputs; 0 where nothing
/// is. check() throws value_error unless 0 <= threshold <= 1. Keras's Precision.
struct precision {
    double threshold = 0.5;

    static constexpr std::string_view name = "precision";
    static constexpr bool higher_is_better = true;
    static constexpr std::size_t sums(std::size_t) { return 3; }
    template <class T>
    void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) const {
        detail::count_hits(threshold, sums, y, p);
    }
    static double result(std::span<double const> s) { return detail::ratio(s[0], s[0] + s[1]); }
    void check() const { detail::check_threshold(name, threshold); }
};

/// True positives / all that is positive, over all outputs; 0 where nothing is. Keras's Recall.
struct recall {
    double threshold = 0.5;

    static constexpr std::string_view name = "recall";
    static constexpr bool higher_is_better = true;
    static constexpr std::size_t sums(std::size_t) { return 3; }
    template <class T>
    void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) const {
        detail::count_hits(threshold, sums, y, p);
    }
    static double result(std::span<double const> s) { return detail::ratio(s[0], s[0] + s[2]); }
    void check() const { detail::check_threshold(name, threshold); }
};

/// 2·precision·recall / (precision + recall). With one output predicted is p > threshold. With
/// several, it is the largest output of a row (all of equals, none that is 0), and the result is the mean
/// over the outputs (average="macro"); targets are one-hot or class numbers. Keras's F1Score, with the
/// 1e-7 that it adds to each denominator.
struct f1_score {
    double threshold = 0.5; // of one output

    static constexpr std::string_view name = "f1_score";
    static constexpr bool higher_is_better = true;
    static constexpr bool fits(std::size_t targets, std::size_t outputs) {
        return targets == outputs || targets == 1;
    }
    static constexpr std::size_t sums(std::size_t outputs) { return 3 * outputs; }
    template <class T>
    void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) const {
        T const top = p[detail::argmax(p.data(), p.size())];
        for (std::size_t k = 0; k < p.size(); ++k) {
            double const size = std::abs(static_cast<double>(p[k]));
            bool const said =
                p.size() == 1 ? static_cast<double>(p[k]) > threshold : p[k] >= top && size > 1e-9;
            double const is = y.size() == p.size()        ? static_cast<double>(y[k])
                              : y[0] == static_cast<T>(k) ? 1
                                                          : 0;
            sums[3 * k] += said ? is : 0;
            sums[3 * k + 1] += said ? 1 - is : 0;
            sums[3 * k + 2] += said ? 0 : is;
        }
    }
    static double result(std::span<double const> sums) {
        constexpr double epsilon = 1e-7;
        double total = 0;
        for (std::size_t k = 0; k < sums.size(); k += 3) {
            double const precision = sums[k] / (sums[k] + sums[k + 1] + epsilon);
            double const recall = sums[k] / (sums[k] + sums[k + 2] + epsilon);
            total += 2 * (precision * recall / (precision + recall + epsilon));
        }
        return total / static_cast<double>(sums.size() / 3);
    }
    void check() const { detail::check_threshold(name, threshold); }
};

/// The area under the curve of recall over the rate of false positives, by trapezoids between
/// num_thresholds thresholds: -1e-7, 1 / (num_thresholds - 1), …, 1 + 1e-7; over all outputs, which are
/// probabilities (what lies outside [0, 1] counts as 0 or 1). check() throws value_error unless there are
/// two thresholds. Keras's AUC.
struct auc {
    std::size_t num_thresholds = 200;

    static constexpr std::string_view name = "auc";
    static constexpr bool higher_is_better = true;
    /// How many positives, and negatives, lie between two thresholds.
    std::size_t sums(std::size_t) const { return 2 * num_thresholds; }
    template <class T>
    void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) const {
        for (std::size_t k = 0; k < p.size(); ++k) {
            double const place =
                std::ceil(static_cast<double>(p[k]) * static_cast<double>(num_thresholds - 1)) - 1;
            double const last = static_cast<double>(num_thresholds - 2);
            auto const bucket = static_cast<std::size_t>(place > 0 ? std::min(place, last) : 0.0);
            sums[2 * bucket + (y[k] != T(0) ? 0 : 1)] += 1;
        }
    }
    double result(std::span<double const> sums) const {
        double positives = 0, negatives = 0;
        for (std::size_t k = 0; k < num_thresholds; ++k) {
            positives += sums[2 * k];
            negatives += sums[2 * k + 1];
        }
        double area = 0, hits = 0, alarms = 0, recall = 0, rate = 0; // above the threshold
        for (std::size_t k = num_thresholds; k-- > 0;) {
            hits += sums[2 * k];
            alarms += sums[2 * k + 1];
            double const higher = detail::ratio(hits, positives);
            double const wider = detail::ratio(alarms, negatives);
            area += (wider - rate) * (higher + recall) / 2;
            recall = higher;
            rate = wider;
        }
        return area;
    }
    void check() const {
        if (num_thresholds < 2)
            throw value_error(
                messages::text({"auc: num_thresholds must be at least 2, not ", num_thresholds}));
    }
};

/// 1 - sum (y - p)² / sum (y - mean y)², the mean over the outputs; 0 for an output whose targets
/// are all the same. Keras's R2Score.
struct r2_score {
    static constexpr std::string_view name = "r2_score";
    static constexpr bool higher_is_better = true;
    /// For each output: rows, sum of y, of y², of (y - p)².
    static constexpr std::size_t sums(std::size_t outputs) { return 4 * outputs; }
    template <class T>
    static void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) {
        for (std::size_t k = 0; k < p.size(); ++k) {
            double const truth = static_cast<double>(y[k]);
            double const error = truth - static_cast<double>(p[k]);
            sums[4 * k] += 1;
            sums[4 * k + 1] += truth;
            sums[4 * k + 2] += truth * truth;
            sums[4 * k + 3] += error * error;
        }
    }
    static double result(std::span<double const> sums) {
        double total = 0;
        for (std::size_t k = 0; k < sums.size(); k += 4) {
            double const spread = sums[k + 2] - sums[k + 1] * (sums[k + 1] / sums[k]);
            double const score = 1 - sums[k + 3] / spread;
            total += std::isinf(score) ? 0 : score;
        }
        return total / static_cast<double>(sums.size() / 4);
    }
};

/// The root of the mean of (p - y)². Keras's RootMeanSquaredError.
struct root_mean_squared_error {
    static constexpr std::string_view name = "root_mean_squared_error";
    static constexpr bool higher_is_better = false;
    static constexpr std::size_t sums(std::size_t) { return 2; }
    template <class T>
    static void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) {
        sums[0] += detail::row_loss(mean_squared_error{}, y.data(), p.data(), p.size(), nullptr);
        sums[1] += 1;
    }
    static double result(std::span<double const> sums) { return std::sqrt(sums[0] / sums[1]); }
};

} // namespace xrnn::inline XRNN_ABI
