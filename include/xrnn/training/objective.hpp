// SPDX-License-Identifier: BSD-3-Clause
//
// What the outputs of a batch are worth: loss, its gradient, metrics.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/training/history.hpp>
#include <xrnn/training/losses.hpp>
#include <xrnn/training/metrics.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Running sums over rows; one step of one sequence is a row here. All that is summed lies in one
/// array, so that the sums of two parts of the data add up element by element.
struct running_sums {
    std::vector<double>
        values; // of the losses, rows, then what each metric sums; empty before the first
    double loss() const { return values.empty() ? 0 : values[0]; }
    double rows() const { return values.empty() ? 0 : values[1]; }

    void add(running_sums const& other) {
        values.resize(other.values.size());
        for (std::size_t k = 0; k < values.size(); ++k)
            values[k] += other.values[k];
    }
    void archive(auto& a) { a("sums", values); }
};

template <class Model, class Loss, class... Metrics>
struct objective {
    using T = typename Model::value_type;
    using sums = running_sums;
    static constexpr std::size_t units = Model::output_shape.features;
    static constexpr std::size_t target_units = detail::target_units<Loss>(units); // width of y
    static_assert(
        (metric_fits<Metrics>(target_units, units) && ...),
        "xrnn: a metric reads other targets than the loss: beside "
        "sparse_categorical_crossentropy there are accuracy, "
        "sparse_categorical_accuracy and f1_score; beside the others, metrics whose targets "
        "are as wide as the outputs");

    Loss loss;
    std::tuple<Metrics...> metrics;

    /// Throws value_error where a setting of the loss or a metric is out of its range.
    void check() const {
        check_settings(loss);
        std::apply([](Metrics const&... metric) { (check_settings(metric), ...); }, metrics);
    }

    /// Rows of p that count.
    static std::size_t counted(sequence_view<T> const& p) {
        std::size_t rows = 0;
        for (std::size_t r = 0; r < p.rows(); ++r)
            rows += p.counts(r) ? 1 : 0;
        return rows;
    }

    void clear(sums& to) const { to.values.assign(number_of_sums(), 0.0); }

    /// Adds loss and metrics of all rows of p that count to `to`. The gradient of the sum of their losses,
    /// times scale, goes to dy unless that is null. y: the targets, target_units a row; weights: one a
    /// row, which multiplies its loss and gradient but no metric and not the number of rows (Keras's
    /// sum_over_batch_size), or null; both in the order of p's rows. Returns the sum of the losses.
    double add(sequence_view<T> const& p, T const* y, T const* weights, T scale, T* dy,
               sums& to) const {
        if (to.values.empty())
            clear(to);
        double total = 0;
        for (std::size_t r = 0; r < p.rows(); ++r) {
            if (!p.counts(r)) {
                if (dy != nullptr)
                    std::fill_n(dy + r * units, units, T(0));
                continue;
            }
            T const* const truth = y + r * target_units;
            T const* const out = p.data + r * p.stride;
            T* const d = dy == nullptr ? nullptr : dy + r * units;
            T const weight = weights == nullptr ? T(1) : weights[r];
            total += static_cast<double>(weight) * row_loss(loss, truth, out, units, d);
            if (d != nullptr)
                for (std::size_t k = 0; k < units; ++k)
                    d[k] *= scale * weight;
            add_metrics({truth, target_units}, {out, units}, to.values);
            to.values[1] += 1;
        }
        to.values[0] += total;
        return total;
    }

    /// Adds what regularisers say of the weights to the mean loss of so many rows.
    static void add_penalty(double penalty, double rows, sums& to) {
        to.values[0] += penalty * rows;
    }

    XRNN_COLD logs means(sums const& from) const {
        logs result;
        result.at_or_add("loss") = from.loss() / from.rows();
        std::size_t first = 2;
        unroll<sizeof...(Metrics)>([&](auto k) {
            std::size_t const n = metric_sums<T>(std::get<k>(metrics), units);
            std::span<double const> const all(from.values);
            result.at_or_add(metric_name(k)) =
                metric_result<T>(std::get<k>(metrics), all.subspan(first, n));
            first += n;
        });
        return result;
    }

    /// As Keras numbers metrics of one name: "auc", "auc_1".
    static std::string metric_name(std::size_t k) {
        std::size_t before = 0;
        for (std::size_t j = 0; j < k; ++j)
            before += names[j] == names[k] ? 1 : 0;
        return before == 0 ? std::string(names[k]) : messages::text({names[k], "_", before});
    }

    /// Whether more of a logged value is better: of "loss", "accuracy", "val_auc_1". Nothing where its
    /// metric does not say, or there is none of that name.
    static std::optional<bool> higher_is_better(std::string_view name) {
        if (name.starts_with("val_"))
            name.remove_prefix(4);
        if (name == "loss")
            return false;
        std::optional<bool> result;
        std::size_t k = 0;
        ((metric_name(k++) == name && has_direction<Metrics>
              ? void(result = detail::higher_is_better<Metrics>())
              : void()),
         ...);
        return result;
    }

  private:
    static constexpr std::array<std::string_view, sizeof...(Metrics)> names{Metrics::name...};

    std::size_t number_of_sums() const {
        std::size_t total = 2;
        unroll<sizeof...(Metrics)>(
            [&](auto k) { total += metric_sums<T>(std::get<k>(metrics), units); });
        return total;
    }

    void add_metrics(std::span<T const> y, std::span<T const> p, std::span<double> all) const {
        [[maybe_unused]] std::size_t first = 2;
        unroll<sizeof...(Metrics)>([&](auto k) {
            std::size_t const n = metric_sums<T>(std::get<k>(metrics), units);
            metric_add<T>(std::get<k>(metrics), all.subspan(first, n), y, p);
            first += n;
        });
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
