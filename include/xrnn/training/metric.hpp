// SPDX-License-Identifier: BSD-3-Clause
//
// What a metric is. Either the value of one row, of which the trainer takes the mean over all rows:
//
//     struct largest_error {
//         static constexpr std::string_view name = "largest_error";
//         template <class T>
//         static double value(T const* y, T const* p, std::size_t n);
//     };
//
// or sums, which add up over rows, batches and machines, and a result made of them:
//
//     std::size_t sums(std::size_t outputs) const;                       // how many
//     void add(std::span<double> sums, std::span<T const> y, std::span<T const> p) const;   // a row
//     double result(std::span<double const> sums) const;
//
// Every loss is a metric too. `static constexpr bool higher_is_better` says which way is better; of a
// loss it is known. A metric whose targets may be of another width than the outputs says which with
// `static constexpr bool fits(std::size_t targets, std::size_t outputs)`.
#pragma once

#include <concepts>
#include <span>
#include <string_view>

#include <xrnn/training/losses.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

template <class M>
concept HasName = requires {
    { M::name } -> std::convertible_to<std::string_view>;
};
template <class M, class T>
concept RowMetric = requires(M const& metric, T const* y, std::size_t n) {
    { metric.value(y, y, n) } -> std::convertible_to<double>;
};
template <class M, class T>
concept SummedMetric = requires(M const& metric, std::span<double> sums,
                                std::span<double const> from, std::span<T const> row,
                                std::size_t n) {
    { metric.sums(n) } -> std::convertible_to<std::size_t>;
    metric.add(sums, row, row);
    { metric.result(from) } -> std::convertible_to<double>;
};
template <class M>
concept HasFits = requires(std::size_t n) {
    { M::fits(n, n) } -> std::convertible_to<bool>;
};
template <class M>
concept HasDirection = requires {
    { M::higher_is_better } -> std::convertible_to<bool>;
};

/// Whether a metric can read targets of that width.
template <class Metric>
constexpr bool metric_fits(std::size_t targets, std::size_t outputs) {
    if constexpr (HasFits<Metric>)
        return Metric::fits(targets, outputs);
    else
        return targets == target_units<Metric>(outputs);
}

/// Whether it is known which way a metric gets better, and which it is.
template <class Metric>
inline constexpr bool has_direction = HasDirection<Metric> || Loss<Metric, double>;
template <class Metric>
constexpr bool higher_is_better() {
    if constexpr (HasDirection<Metric>)
        return Metric::higher_is_better;
    else
        return false; // of a loss
}

/// A metric's value for one row of n outputs.
template <class Metric, class T>
double row_metric(Metric const& metric, T const* y, T const* p, std::size_t n) {
    if constexpr (RowMetric<Metric, T>)
        return metric.value(y, p, n);
    else
        return row_loss(metric, y, p, n, nullptr);
}

/// The three functions of a metric of sums, for every kind: a mean has two sums, total and rows.
template <class T, class Metric>
std::size_t metric_sums(Metric const& metric, std::size_t outputs) {
    if constexpr (SummedMetric<Metric, T>)
        return metric.sums(outputs);
    else
        return 2;
}
template <class T, class Metric>
void metric_add(Metric const& metric, std::span<double> sums, std::span<T const> y,
                std::span<T const> p) {
    if constexpr (SummedMetric<Metric, T>)
        metric.add(sums, y, p);
    else {
        sums[0] += row_metric(metric, y.data(), p.data(), p.size());
        sums[1] += 1;
    }
}
template <class T, class Metric>
double metric_result(Metric const& metric, std::span<double const> sums) {
    if constexpr (SummedMetric<Metric, T>)
        return metric.result(sums);
    else
        return sums[0] / sums[1];
}

} // namespace detail

/// What `compile` takes as a metric: a type with a name and a function value(y, p, n), the value of
/// one row of n outputs, or with sums, add and result; or a loss.
template <class M, class T>
concept Metric = detail::HasName<M> &&
    (detail::RowMetric<M, T> || detail::SummedMetric<M, T> || Loss<M, T>);

} // namespace xrnn::inline XRNN_ABI
