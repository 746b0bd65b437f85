// SPDX-License-Identifier: BSD-3-Clause
//
// compile, fit, evaluate.
#pragma once

#include <cmath>
#include <optional>

#include <xrnn/errors.hpp>
#include <xrnn/training/callbacks.hpp>
#include <xrnn/training/fit_loop.hpp>
#include <xrnn/training/history.hpp>
#include <xrnn/training/progress.hpp>

namespace xrnn::inline XRNN_ABI {

/// A model in training: refers to the model, owns the optimizer's state and all scratch. Made by
/// `compile`. The model must outlive it.
template <class Model, class Loss, class Optimizer, class... Metrics>
class trainer {
    using engine = detail::engine<Model, Loss, Optimizer, Metrics...>;
    using objective = typename engine::objective_type;
    using rows = detail::labelled_rows<Model, Loss>;

  public:
    using T = typename Model::value_type;
    using model_type = Model;
    using totals = typename engine::totals;

    /// Throws value_error where a setting is out of its range.
    trainer(Model& model, Loss loss, Optimizer settings, Metrics... metrics)
        : optimizer(std::move(settings)), engine_(model, objective{loss, {metrics...}}) {
        engine_.formulas.check();
        detail::check_settings(optimizer);
    }

    Optimizer optimizer; // its settings may be changed between fits

    /// Trains. x: (rows, time, features), y: as the model's output (see predict), any xtensor
    /// expressions. A further call goes on where this one stopped: weights, moments, step count.
    /// In a model that returns sequences the loss is the mean over the steps that count.
    /// callbacks: see callbacks.hpp; variables keep what they have found out.
    ///
    /// Throws shape_error; value_error for options out of range; non_finite_error when the loss or the
    /// gradient of a batch is not finite, before it reaches the weights (see non_finite_policy).
    template <class X, class Y, class... Callbacks>
    requires(!detail::BatchRange<X>) history
        fit(X const& x, Y const& y, fit_options const& options = {}, Callbacks&&... callbacks) {
        require_sequences<X>();
        rows const all(x, y, options.lengths, options.sample_weight, &options.class_weight);
        check(all, options, "fit");
        std::size_t const count = all.rows();
        // Keras: split_at = floor(rows * (1 - split)), validation is what lies behind
        auto const kept = static_cast<std::size_t>(
            std::floor(static_cast<double>(count) * (1 - options.validation_split)));
        if (kept == 0)
            throw value_error(messages::text({"fit: validation_split = ", options.validation_split,
                                              " leaves none of ", count, " rows for training"}));
        model().build(all.x.shape(2));
        rows const held_back(x, y, options.lengths, options.sample_weight);
        return fit_rows(all, kept, kept == count ? nullptr : &held_back, kept, count - kept,
                        options, callbacks...);
    }

    /// The same with validation data of its own: adds val_loss, val_… to the history.
    template <class X, class Y, class XV, class YV, class... Callbacks>
    requires(!detail::BatchRange<X> && detail::HasShape<XV>) history
        fit(X const& x, Y const& y, XV const& x_validation, YV const& y_validation,
            fit_options const& options = {}, Callbacks&&... callbacks) {
        require_sequences<X>();
        require_sequences<XV>();
        rows const all(x, y, options.lengths, options.sample_weight, &options.class_weight);
        check(all, options, "fit");
        rows const validation(x_validation, y_validation, options.validation_lengths,
                              options.validation_sample_weight);
        validation.check(all.x.shape(2), "fit (validation)");
        refuse_split(options);
        model().build(all.x.shape(2));
        return fit_rows(all, all.rows(), &validation, 0, validation.rows(), options, callbacks...);
    }

    /// Trains on the batches of a range, which is gone through once an epoch: data larger than memory, or
    /// made as it goes (data/timeseries_dataset.hpp, data/prefetch.hpp). An element has x, (rows, time,
    /// features), and y, and may have sample_weight and lengths. What the options say of rows in memory
    /// (batch_size, shuffle, validation_split, lengths, sample_weight) is the range's own affair; those
    /// that are set throw value_error.
    template <detail::BatchRange Batches, class... Callbacks>
    history fit(Batches&& batches, fit_options const& options = {}, Callbacks&&... callbacks) {
        return fit_range(
            batches, options, [](auto const&) {}, callbacks...);
    }
    /// The same with validation data, a range too.
    template <detail::BatchRange Batches, detail::BatchRange Validation, class... Callbacks>
    history fit(Batches&& batches, Validation&& validation, fit_options const& options = {},
                Callbacks&&... callbacks) {
        return fit_range(
            batches, options,
            [&](logs& values) {
                fit_options const plain{.stateful = options.stateful}; // no class weights
                detail::range_source<Model, Loss, std::remove_reference_t<Validation>> source(
                    validation, model(), plain);
                add_validation(values, engine_.evaluated(source, options.threads));
            },
            callbacks...);
    }
    /// The same with validation data in memory.
    template <detail::BatchRange Batches, class XV, class YV, class... Callbacks>
    requires detail::HasShape<XV> history fit(Batches&& batches, XV const& x_validation,
                                              YV const& y_validation,
                                              fit_options const& options = {},
                                              Callbacks&&... callbacks) {
        require_sequences<XV>();
        rows const validation(x_validation, y_validation, options.validation_lengths,
                              options.validation_sample_weight);
        validation.check(model().features(), "fit (validation)");
        return fit_range(
            batches, options,
            [&](logs& values) {
                add_validation(values, evaluated_rows(validation, 0, validation.rows(), options));
            },
            callbacks...);
    }

    /// Loss and metrics over all rows, dropout off. Throws shape_error, value_error.
    template <class X, class Y>
    requires(!detail::BatchRange<X>) logs
        evaluate(X const& x, Y const& y, evaluate_options const& options = {}) {
        require_sequences<X>();
        detail::require_built(model(), "evaluate");
        rows const all(x, y, options.lengths, options.sample_weight);
        all.check(model().features(), "evaluate");
        if (options.batch_size == 0)
            throw value_error("evaluate: batch_size must be at least 1");
        if (options.stateful)
            check_stateful(all.rows(), options.batch_size, "evaluate");
        return engine_.formulas.means(evaluated_rows(
            all, 0, all.rows(), {.batch_size = options.batch_size, .stateful = options.stateful}));
    }
    /// Over all batches of a range.
    template <detail::BatchRange Batches>
    logs evaluate(Batches&& batches, evaluate_options const& options = {}) {
        detail::require_built(model(), "evaluate");
        fit_options const as_fit{.stateful = options.stateful};
        detail::range_source<Model, Loss, std::remove_reference_t<Batches>> source(batches, model(),
                                                                                   as_fit);
        return engine_.formulas.means(engine_.evaluated(source, 1));
    }

    /// One step of the optimizer on just these rows; returns their loss and metrics, as they were
    /// before the step. Throws as fit.
    template <class X, class Y>
    logs train_on_batch(X const& x, Y const& y, std::uint64_t seed = 0, std::size_t threads = 1) {
        require_sequences<X>();
        detail::check_threads(threads, "train_on_batch");
        rows const all(x, y);
        all.check(model().features(), "train_on_batch");
        model().build(all.x.shape(2));
        all.take({0, all.rows()}, 0, all.time(), engine_.batch);
        detail::callback_list<> nothing;
        engine_.backpropagate({.seed = seed, .threads = threads}, nothing);
        if (std::string_view const fault = engine_.fault(); !fault.empty())
            throw non_finite_error(messages::text({"train_on_batch: ", detail::not_finite(fault)}),
                                   {});
        engine_.step(optimizer);
        return engine_.formulas.means(engine_.batch_sums);
    }

    Model& model() const { return engine_.model(); }

    /// Steps of the optimizer so far.
    std::size_t steps() const { return engine_.steps(); }

    /// Batches so far, also those that made no step.
    std::size_t batches_seen() const { return engine_.passes(); }

    /// Of the next step.
    double learning_rate() const { return optimizer.learning_rate.at(engine_.steps()); }
    /// Throws value_error where the rate follows a schedule.
    void set_learning_rate(double rate) {
        static_cast<void>(static_cast<double>(optimizer.learning_rate));
        optimizer.learning_rate = rate;
    }

    logs means_of(totals const& sums) const { return engine_.formulas.means(sums); }
    /// Whether more (1) or less (-1) of a logged value is better; 0 where it is not known.
    static int direction(std::string_view name) {
        auto const higher = objective::higher_is_better(name);
        return !higher ? 0 : *higher ? 1 : -1;
    }

    /// Optimizer, loss and metrics by name, a line each.
    static std::string signature() {
        std::string text =
            messages::text({"optimizer ", Optimizer::name, "\nloss ", Loss::name, "\nmetrics"});
        for (std::size_t k = 0; k < sizeof...(Metrics); ++k)
            text += messages::text({" ", objective::metric_name(k)});
        return text;
    }

    // ---- what a checkpoint holds -----------------------------------------------------------------

    /// All numbers that a further fit depends on, but the buffers.
    saved_values state() {
        saved_values values;
        state_writer writer(values, "trainer");
        archive(writer);
        return values;
    }
    /// Takes them over. resume: if they were saved during a fit, the next fit goes on with that one, where
    /// it was: same data, options and callbacks. Throws value_error.
    void restore(saved_values const& values, bool resume) {
        state_reader const reader(values, "trainer");
        archive(reader);
        resumed_.reset();
        if (resume && values.contains("run.epoch"))
            resumed_ = values;
    }
    /// f(name, buffer) for each buffer that a further fit depends on, but the parameters. They have the
    /// sizes that they have in training of a model with n parameters.
    template <class F>
    void buffers(std::size_t n, F&& f) {
        engine_.buffers(n, optimizer.slots_in_use(), f);
    }

  private:
    void archive(auto& a) {
        engine_.archive(a);
        if (optimizer.learning_rate.is_constant()) {
            double rate = optimizer.learning_rate;
            a("learning_rate", rate);
            optimizer.learning_rate = rate;
        }
    }

    template <class X>
    static constexpr void require_sequences() {
        static_assert(detail::may_have_rank<X, 3>,
                      "xrnn: x must be a batch of sequences, (rows, time, features)");
    }

    // ---- checks ----------------------------------------------------------------------------------

    XRNN_COLD void check(rows const& all, fit_options const& options, std::string const& where) {
        all.check(model().features(), where);
        if (options.batch_size == 0)
            throw value_error("fit: batch_size must be at least 1");
        if (!(options.validation_split >= 0 && options.validation_split < 1))
            throw value_error(
                messages::text({"fit: validation_split must be at least 0 and less than 1, not ",
                                options.validation_split}));
        check_any(options);
    }
    XRNN_COLD static void check_any(fit_options const& options) {
        detail::check_threads(options.threads, "fit");
        if (options.truncated_bptt_steps != 0 && !Model::output_shape.sequence)
            throw value_error("fit: truncated_bptt_steps needs a target for each step: a model "
                              "that returns sequences");
    }
    XRNN_COLD static void refuse_split(fit_options const& options) {
        if (options.validation_split != 0)
            throw value_error("fit: give validation data or validation_split, not both");
    }
    XRNN_COLD static void check_range(fit_options const& options) {
        check_any(options);
        if (options.validation_split != 0 || !options.lengths.empty() ||
            !options.sample_weight.empty() || options.truncated_bptt_steps != 0)
            throw value_error("fit: validation_split, lengths, sample_weight and "
                              "truncated_bptt_steps are for rows in memory; a range of batches "
                              "brings its own");
    }
    XRNN_COLD static void check_stateful(std::size_t rows, std::size_t batch_size,
                                         std::string const& where) {
        if (rows % batch_size != 0)
            throw value_error(
                messages::text({where, ": stateful needs whole batches, but ", rows,
                                " rows are no multiple of batch_size = ", batch_size}));
    }

    // ---- fit -------------------------------------------------------------------------------------

    template <class... Callbacks>
    history fit_rows(rows const& train, std::size_t count, rows const* validation, std::size_t from,
                     std::size_t validation_rows, fit_options const& options,
                     Callbacks&... callbacks) {
        if (options.stateful) {
            if (options.shuffle)
                throw value_error("fit: stateful needs shuffle = false: row k of a batch goes on "
                                  "where row k of the batch before has ended");
            check_stateful(count, options.batch_size, "fit");
            if (validation != nullptr)
                check_stateful(validation_rows, options.batch_size, "fit (validation)");
        }
        detail::callback_list<Callbacks...> list(callbacks...);
        std::array<std::size_t, 2> share{0, 1};
        list.distribution([&](auto& all) { share = {all.rank(), all.size()}; });
        detail::rows_source<Model, Loss> source(train, 0, count, options, share);
        return run(
            source, options, share[0] == 0,
            [&](logs& values) {
                if (validation != nullptr)
                    add_validation(values,
                                   evaluated_rows(*validation, from, validation_rows, options));
            },
            callbacks...);
    }

    template <class Batches, class Validate, class... Callbacks>
    history fit_range(Batches& batches, fit_options const& options, Validate&& validate,
                      Callbacks&... callbacks) {
        check_range(options);
        detail::callback_list<Callbacks...> list(callbacks...);
        std::array<std::size_t, 2> share{0, 1};
        list.distribution([&](auto& all) { share = {all.rank(), all.size()}; });
        detail::range_source<Model, Loss, Batches> source(batches, model(), options, share);
        return run(source, options, share[0] == 0, validate, callbacks...);
    }

    /// The loop over epochs and batches.
    template <class Source, class Validate, class... Callbacks>
    history run(Source& source, fit_options const& options, bool first, Validate&& validate,
                Callbacks&... callbacks) {
        using this_run = training_run<trainer>;
        progress_bar bar{first ? options.verbose : 0};
        detail::callback_list<Callbacks..., progress_bar> list(callbacks..., bar);
        static_assert(decltype(list)::template are_callbacks<this_run>,
                      "xrnn: what follows fit's options must be callbacks: early_stopping{}, "
                      "model_checkpoint{}, ..., or a type with one of the hooks of "
                      "training/callback_list.hpp, such as on_epoch_end(auto& run, std::size_t "
                      "epoch, logs& values)");
        detail::fit_loop<trainer, engine, decltype(list)> loop(*this, engine_, options, list,
                                                               source.batches(), first);
        return loop.run(source, validate, resumed_);
    }

    // ---- evaluate --------------------------------------------------------------------------------

    totals evaluated_rows(rows const& from, std::size_t first, std::size_t count,
                          fit_options const& options) {
        fit_options in_order{.batch_size = options.batch_size,
                             .shuffle = false,
                             .threads = options.threads,
                             .stateful = options.stateful};
        detail::rows_source<Model, Loss> source(from, first, count, in_order);
        return engine_.evaluated(source, options.threads);
    }

    XRNN_COLD void add_validation(logs& values, totals const& sums) const {
        for (auto const& [name, value] : engine_.formulas.means(sums))
            values.at_or_add(messages::text({"val_", name})) = value;
    }

    engine engine_;
    std::optional<saved_values> resumed_; // a run to go on with
};

/// Makes a model ready for training:
///
///     auto trainer = compile(model, mean_squared_error{}, adam{.learning_rate = 1e-3}, accuracy{});
///     history h = trainer.fit(x, y, {.epochs = 5});
///
/// The trainer refers to the model, which must outlive it.
template <class Input, class... Parts, class L, class Optimizer, class... Metrics>
auto compile(sequential<Input, Parts...>& model, L loss, Optimizer optimizer, Metrics... metrics) {
    using Model = sequential<Input, Parts...>;
    using T = typename Model::value_type;
    constexpr bool is_loss = Loss<L, T>; // not the concepts: their notes are long
    constexpr bool is_optimizer = detail::Optimizer<Optimizer>;
    constexpr bool are_metrics = (Metric<Metrics, T> && ...);
    static_assert(
        is_loss,
        "xrnn: the second argument of compile must be a loss: mean_squared_error{}, "
        "mean_absolute_error{}, huber{}, binary_crossentropy{}, categorical_crossentropy{}, "
        "sparse_categorical_crossentropy{}, or a type with a function element(y, p)");
    static_assert(is_optimizer, "xrnn: the third argument of compile must be an optimizer: sgd{}, "
                                "rmsprop{}, adam{}, adamw{}, nadam{}");
    static_assert(are_metrics, "xrnn: what follows the optimizer must be metrics: accuracy{}, a "
                               "loss, or a type with a name and a function value(y, p, n)");
    if constexpr (is_loss && is_optimizer && are_metrics)
        return trainer<Model, L, Optimizer, Metrics...>(model, loss, optimizer, metrics...);
    else // so that nothing else fails
        return trainer<Model, mean_squared_error, sgd>(model, {}, {});
}
template <class Input, class... Parts, class... Rest>
auto compile(sequential<Input, Parts...>&& model, Rest... rest) {
    static_assert(sizeof(sequential<Input, Parts...>) == 0,
                  "xrnn: make the model a variable: the trainer refers to it and it is gone after "
                  "this line");
    return compile(model, rest...);
}

} // namespace xrnn::inline XRNN_ABI
