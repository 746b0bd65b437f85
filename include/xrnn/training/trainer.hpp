// SPDX-License-Identifier: BSD-3-Clause
//
// compile, fit, evaluate.
#pragma once

#include <cmath>
#include <memory>
#include <numeric>
#include <optional>

#include <xrnn/models/predict.hpp>
#include <xrnn/training/history.hpp>
#include <xrnn/training/losses.hpp>
#include <xrnn/training/metrics.hpp>
#include <xrnn/training/optimizers.hpp>
#include <xrnn/training/progress.hpp>
#include <xrnn/training/targets.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

/// Running sums of loss and metrics over rows.
template <class... Metrics>
struct running_means {
    double loss = 0;
    std::array<double, sizeof...(Metrics)> metrics{};
    double rows = 0;

    logs means() const {
        logs result;
        result.at_or_add("loss") = loss / rows;
        std::size_t k = 0;
        ((result.at_or_add(Metrics::name) = metrics[k++] / rows), ...);
        return result;
    }
};

} // namespace detail

/// A model in training: refers to the model, owns the optimizer's state and all scratch. Made by
/// `compile`. The model must outlive it.
template <class Model, class Loss, class Optimizer, class... Metrics>
class trainer {
  public:
    using T = typename Model::value_type;

    trainer(Model& model, Optimizer settings) : optimizer(settings), model_(&model) {}

    Optimizer optimizer; // its settings may be changed between fits

    /// Trains. x: (rows, time, features), y: as the model's output (see predict), any xtensor
    /// expressions. A further call goes on where this one stopped: weights, moments, step count.
    /// In a model that returns sequences the loss is the mean over the steps that count.
    ///
    /// Throws shape_error; value_error for options out of range, or when the loss or the gradient is
    /// not finite, before it reaches the weights.
    template <class X, class Y>
    history fit(X const& x, Y const& y, fit_options const& options = {}) {
        require_sequences<X>();
        data const all(x, y, options.lengths);
        all.check(model_->features(), "fit");
        check(options);
        std::size_t const rows = all.x.shape(0);
        // Keras: split_at = floor(rows * (1 - split)), validation is what lies behind
        auto const kept = static_cast<std::size_t>(
            std::floor(static_cast<double>(rows) * (1 - options.validation_split)));
        if (kept == 0)
            throw value_error(
                "fit: validation_split = " + std::to_string(options.validation_split) +
                " leaves none of " + std::to_string(rows) + " rows for training");
        model_->build(all.x.shape(2));
        if (kept == rows)
            return run(all, rows, nullptr, 0, 0, options);
        return run(all, kept, &all, kept, rows - kept, options);
    }

    /// The same with validation data of its own: adds val_loss, val_… to the history.
    template <class X, class Y, class XV, class YV>
    history fit(X const& x, Y const& y, XV const& x_validation, YV const& y_validation,
                fit_options const& options = {}) {
        require_sequences<X>();
        require_sequences<XV>();
        data const all(x, y, options.lengths);
        all.check(model_->features(), "fit");
        data const validation(x_validation, y_validation, options.validation_lengths);
        validation.check(all.x.shape(2), "fit (validation)");
        check(options);
        if (options.validation_split != 0)
            throw value_error("fit: give validation data or validation_split, not both");
        model_->build(all.x.shape(2));
        return run(all, all.x.shape(0), &validation, 0, validation.x.shape(0), options);
    }

    /// Loss and metrics over all rows, dropout off. Throws shape_error, value_error.
    template <class X, class Y>
    logs evaluate(X const& x, Y const& y, evaluate_options const& options = {}) {
        require_sequences<X>();
        detail::require_built(*model_, "evaluate");
        data const all(x, y, options.lengths);
        all.check(model_->features(), "evaluate");
        if (options.batch_size == 0)
            throw value_error("evaluate: batch_size must be at least 1");
        if (options.stateful)
            check_stateful(all.x.shape(0), options.batch_size, "evaluate");
        return evaluated(all, 0, all.x.shape(0), options.batch_size, options.stateful).means();
    }

    /// One step of the optimizer on just these rows; returns their loss and metrics, as they were
    /// before the step. Throws as fit.
    template <class X, class Y>
    logs train_on_batch(X const& x, Y const& y, std::uint64_t seed = 0, std::size_t threads = 1) {
        require_sequences<X>();
        detail::check_threads(threads, "train_on_batch");
        data const all(x, y, {});
        all.check(model_->features(), "train_on_batch");
        model_->build(all.x.shape(2));
        totals sums;
        train_batch(
            all, [](std::size_t k) { return k; }, all.x.shape(0),
            {.seed = seed, .threads = threads}, sums, "train_on_batch");
        return sums.means();
    }

    /// Steps of the optimizer so far.
    std::size_t steps() const { return step_; }

  private:
    using net = detail::network<Model>;
    using totals = detail::running_means<Metrics...>;
    static constexpr std::size_t units = Model::output_shape.features;

    /// x and y as plain memory.
    struct data {
        template <class X, class Y>
        data(X const& x_, Y const& y_, std::span<std::size_t const> lengths_)
            : x(x_), y(y_), lengths(lengths_) {}
        /// features: of the model, 0 before it is built.
        void check(std::size_t features, std::string const& where) const {
            detail::check_sequences(x, features, where);
            detail::check_targets<Model>(y, x.shape(0), x.shape(1), where);
            if (!lengths.empty())
                detail::check_lengths(lengths, x.shape(0), x.shape(1), where);
        }
        std::size_t target_steps() const { return Model::output_shape.sequence ? x.shape(1) : 1; }
        detail::dense_values<T> x;
        detail::dense_values<T> y;
        std::span<std::size_t const> lengths; // empty: all steps count
    };

    template <class X>
    static constexpr void require_sequences() {
        static_assert(detail::may_have_rank<X, 3>,
                      "xrnn: x must be a batch of sequences, (rows, time, features)");
    }

    static void check(fit_options const& options) {
        if (options.batch_size == 0)
            throw value_error("fit: batch_size must be at least 1");
        detail::check_threads(options.threads, "fit");
        if (!(options.validation_split >= 0 && options.validation_split < 1))
            throw value_error("fit: validation_split must be at least 0 and less than 1, not " +
                              std::to_string(options.validation_split));
    }

    static void check_stateful(std::size_t rows, std::size_t batch_size, std::string const& where) {
        if (rows % batch_size != 0)
            throw value_error(
                where + ": stateful needs whole batches, but " + std::to_string(rows) +
                " rows are no multiple of batch_size = " + std::to_string(batch_size));
    }

    history run(data const& train, std::size_t rows, data const* validation, std::size_t from,
                std::size_t validation_rows, fit_options const& options) {
        if (options.stateful) {
            if (options.shuffle)
                throw value_error("fit: stateful needs shuffle = false: row k of a batch goes on "
                                  "where row k of the batch before has ended");
            check_stateful(rows, options.batch_size, "fit");
            if (validation != nullptr)
                check_stateful(validation_rows, options.batch_size, "fit (validation)");
        }
        history result;
        std::size_t const batches = (rows + options.batch_size - 1) / options.batch_size;
        detail::progress shown(options.verbose, options.epochs, batches);
        std::vector<std::size_t> order(rows);
        for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) {
            std::iota(order.begin(), order.end(), std::size_t{0});
            if (options.shuffle)
                shuffle(order, options.seed);
            shown.begin_epoch(epoch);
            if (options.stateful)
                states_.reset(options.batch_size);
            totals sums;
            for (std::size_t k = 0; k < batches; ++k) {
                std::size_t const first = k * options.batch_size;
                train_batch(
                    train, [&](std::size_t r) { return order[first + r]; },
                    std::min(options.batch_size, rows - first), options, sums,
                    [&] {
                        return "fit: epoch " + std::to_string(epoch + 1) + ", batch " +
                               std::to_string(k + 1);
                    });
                shown.batch(k + 1, [&] { return sums.means(); });
            }
            ++epoch_;
            logs values = sums.means();
            if (validation != nullptr)
                for (auto const& [name, value] : evaluated(*validation, from, validation_rows,
                                                           options.batch_size, options.stateful)
                                                     .means())
                    values.at_or_add("val_" + name) = value;
            shown.end_epoch(values);
            for (auto const& [name, value] : values)
                result.at_or_add(name).push_back(value);
        }
        return result;
    }

    /// Fisher and Yates; another order for each epoch of this trainer.
    void shuffle(std::vector<std::size_t>& order, std::uint64_t seed) const {
        random_stream const random(seed, (std::uint64_t{1} << 63) + epoch_);
        for (std::size_t k = order.size(); k > 1; --k)
            std::swap(order[k - 1], order[random.below(k, k)]);
    }

    /// Forward, loss, backward, update, on `rows` rows, the k-th of which is row(k) of the data.
    template <class Row, class Where>
    void train_batch(data const& from, Row&& row, std::size_t rows, fit_options const& options,
                     totals& sums, Where const& where) {
        net::load(*model_, scratch_);
        sequence_view<T> const y = predicted<pass::train>(
            from, row, rows,
            {.training = true, .seed = options.seed, .step = step_, .threads = options.threads},
            options.stateful);
        dy_.resize(y.rows() * units);
        double const loss = add_losses(y, dy_.data(), sums);
        gradient_.assign(model_->count_params(), T(0));
        net::backward(*model_, {dy_.data(), units, y.time, y.batch, units}, scratch_,
                      gradient_.data(), false);
        guard(loss, where);
        for (auto& slot : slots_)
            if (slot.size() != gradient_.size())
                slot.assign(gradient_.size(), T(0));
        detail::update(optimizer, step_ + 1, gradient_.size(), model_->flat().data(),
                       gradient_.data(), slots_);
        ++step_;
    }

    totals evaluated(data const& from, std::size_t first, std::size_t rows, std::size_t batch_size,
                     bool stateful) {
        net::load(*model_, scratch_);
        if (stateful)
            states_.reset(batch_size);
        totals sums;
        for (std::size_t begin = 0; begin < rows; begin += batch_size)
            add_losses(predicted<pass::infer>(
                           from, [&](std::size_t k) { return first + begin + k; },
                           std::min(batch_size, rows - begin), {}, stateful),
                       nullptr, sums);
        return sums;
    }

    /// The model's output for some rows; their targets lie in y_, in the same order.
    template <pass Pass, class Row>
    sequence_view<T> predicted(data const& from, Row&& row, std::size_t rows,
                               pass_context const& context, bool stateful) {
        detail::gather_time_major(from.y.data(), from.target_steps(), units, rows, row, y_);
        sequence_view<T> const y = net::template forward<Pass>(
            batch_.gather(from.x.data(), from.x.shape(1), model_->features(), rows, row,
                          from.lengths),
            scratch_, context,
            stateful ? detail::states_from(states_, 0) : typename net::initial_states{});
        if (stateful)
            detail::keep_states(scratch_, states_, 0);
        return y;
    }

    /// Adds loss and metrics of all rows of p that count to sums; the gradient of the mean loss goes to
    /// dy unless that is null. Returns the sum of the losses.
    double add_losses(sequence_view<T> const& p, T* dy, totals& sums) const {
        double total = 0;
        std::size_t rows = 0;
        for (std::size_t r = 0; r < p.rows(); ++r)
            rows += p.counts(r) ? 1 : 0;
        T const scale = T(1) / static_cast<T>(std::max<std::size_t>(rows, 1));
        for (std::size_t r = 0; r < p.rows(); ++r) {
            if (!p.counts(r)) {
                if (dy != nullptr)
                    std::fill_n(dy + r * units, units, T(0));
                continue;
            }
            T const* const truth = y_.data() + r * units;
            T const* const out = p.data + r * p.stride;
            T* const d = dy == nullptr ? nullptr : dy + r * units;
            total += detail::row_loss<Loss, T>(truth, out, units, d);
            if (d != nullptr)
                for (std::size_t k = 0; k < units; ++k)
                    d[k] *= scale;
            std::size_t m = 0;
            ((sums.metrics[m++] += detail::row_metric<Metrics, T>(truth, out, units)), ...);
        }
        sums.loss += total;
        sums.rows += static_cast<double>(rows);
        return total;
    }

    /// Nothing that is not finite reaches the weights.
    template <class Where>
    void guard(double loss, Where const& where) const {
        double norm = 0;
        for (T const g : gradient_)
            norm += static_cast<double>(g) * static_cast<double>(g);
        if (std::isfinite(loss) && std::isfinite(norm))
            return;
        std::string place;
        if constexpr (requires { where(); })
            place = where();
        else
            place = where;
        throw value_error(place + ": the " + (std::isfinite(loss) ? "gradient" : "loss") +
                          " is not finite; the weights are as before this batch. Look for NaN in x "
                          "and y, or lower the learning rate");
    }

    Model* model_;
    std::array<simd::aligned_vector<T>, Optimizer::slots> slots_;
    std::size_t step_ = 0;
    std::size_t epoch_ = 0;
    typename net::workspaces scratch_;
    model_states<Model> states_; // of a stateful fit
    detail::gathered_batch<T> batch_;
    simd::aligned_vector<T> y_, dy_, gradient_;
};

/// Makes a model ready for training:
///
///     auto trainer = compile(model, mean_squared_error{}, adam{.learning_rate = 1e-3}, accuracy{});
///     history h = trainer.fit(x, y, {.epochs = 5});
///
/// The trainer refers to the model, which must outlive it.
template <class Input, class... Parts, class L, class Optimizer, class... Metrics>
auto compile(sequential<Input, Parts...>& model, L, Optimizer optimizer, Metrics...) {
    using Model = sequential<Input, Parts...>;
    using T = typename Model::value_type;
    constexpr bool is_loss = Loss<L, T>; // not the concepts: their notes are long
    constexpr bool is_optimizer = detail::Optimizer<Optimizer>;
    constexpr bool are_metrics = (Metric<Metrics, T> && ...);
    static_assert(
        is_loss,
        "xrnn: the second argument of compile must be a loss: mean_squared_error{}, "
        "mean_absolute_error{}, binary_crossentropy{}, categorical_crossentropy{}, or a type "
        "with a static function element(y, p)");
    static_assert(is_optimizer, "xrnn: the third argument of compile must be an optimizer: sgd{}, "
                                "rmsprop{}, adam{}");
    static_assert(are_metrics, "xrnn: what follows the optimizer must be metrics: accuracy{}, a "
                               "loss, or a type with a name and a static function value(y, p, n)");
    if constexpr (is_loss && is_optimizer && are_metrics)
        return trainer<Model, L, Optimizer, Metrics...>(model, optimizer);
    else // so that nothing else fails
        return trainer<Model, mean_squared_error, sgd>(model, sgd{});
}
template <class Input, class... Parts, class... Rest>
auto compile(sequential<Input, Parts...>&& model, Rest... rest) {
    static_assert(sizeof(sequential<Input, Parts...>) == 0,
                  "xrnn: make the model a variable: the trainer refers to it and it is gone after "
                  "this line");
    return compile(model, rest...);
}

} // namespace xrnn::inline XRNN_ABI
