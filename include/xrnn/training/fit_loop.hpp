// SPDX-License-Identifier: BSD-3-Clause
//
// The loop of fit over epochs and batches, with its callbacks.
#pragma once

#include <optional>
#include <string>

#include <xrnn/errors.hpp>
#include <xrnn/training/callback_list.hpp>
#include <xrnn/training/engine.hpp>
#include <xrnn/training/run.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

XRNN_COLD inline std::string not_finite(std::string_view fault) {
    return messages::text(
        {"the ", fault,
         " is not finite; the weights are as before this batch. Look for NaN in x and y, or "
         "lower the learning rate"});
}

/// One call of fit. first: this process logs and saves.
template <class Trainer, class Engine, class List>
class fit_loop {
  public:
    fit_loop(Trainer& trainer, Engine& engine, fit_options const& options, List& list,
             std::size_t batches, bool first)
        : trainer_(trainer),
          engine_(engine),
          options_(options),
          list_(list),
          now_(trainer, options, batches, first) {}

    /// validate(logs&) adds the values of an epoch's validation. loaded: a run to go on with, if any.
    template <class Source, class Validate>
    history run(Source& source, Validate& validate, std::optional<saved_values>& loaded) {
        if constexpr (List::checkpoints)
            now_.save_callbacks_ = [this](saved_values& values) { list_.save(values); };
        list_.train_begin(now_);
        bool resumed = false;
        if constexpr (List::checkpoints)
            resumed = resume(loaded);
        try {
            train(source, validate, resumed);
        } catch (std::exception const& e) {
            list_.train_error(now_, e);
            throw;
        }
        list_.train_end(now_);
        return std::move(now_.logged_);
    }

  private:
    template <class Source, class Validate>
    void train(Source& source, Validate& validate, bool resumed) {
        for (; now_.epoch_ < options_.epochs && !now_.stop_training;) {
            if (!resumed || now_.batch_ == 0)
                list_.epoch_begin(now_, now_.epoch_);
            train_epoch(source);
            if (now_.stop_training && now_.sums_.rows() == 0)
                break; // not one batch to report
            now_.batch_ = 0;
            ++engine_.epochs;
            logs values = engine_.formulas.means(now_.sums_);
            now_.sums_ = {};
            validate(values);
            list_.epoch_end(now_, now_.epoch_, values);
            for (auto const& [name, value] : values)
                now_.logged_.at_or_add(name).push_back(value);
            std::size_t const done = now_.epoch_++;
            list_.epoch_complete(now_, done, values);
        }
    }

    /// Goes on with a run that was saved, if one was loaded. Throws value_error where it was another.
    XRNN_COLD bool resume(std::optional<saved_values>& loaded) {
        if (!loaded)
            return false;
        saved_values const saved = std::move(*loaded);
        loaded.reset();
        saved_values mine;
        state_writer writer(mine, "options");
        now_.archive_options(writer);
        std::string differences;
        for (auto const& [name, value] : mine)
            if (!saved.contains(name) || saved[name] != value)
                differences +=
                    messages::text({"\n  ", name.substr(8), ": now ", number_text(value), ", then ",
                                    saved.contains(name) ? number_text(saved[name]) : "unknown"});
        if (!differences.empty())
            throw value_error(messages::text(
                {"fit: the training that was loaded cannot go on with other options or data:",
                 differences}));
        state_reader const reader(saved, "run");
        now_.archive(reader);
        list_.restore(saved);
        return true;
    }

    template <class Source>
    void train_epoch(Source& source) {
        source.begin_epoch(engine_.epochs);
        while (!now_.stop_training && source.take(now_.batch_, engine_.batch)) {
            std::size_t const k = now_.batch_;
            list_.batch_begin(now_, k);
            train_batch();
            ++now_.batch_;
            list_.batch_end(now_, k);
            list_.batch_complete(now_, k);
        }
        if (now_.stop_training || now_.sums_.rows() > 0)
            return;
        refuse_epoch();
    }

    /// An epoch without one batch to report.
    [[noreturn]] XRNN_COLD void refuse_epoch() const {
        std::size_t const epoch = now_.epoch_ + 1;
        if (now_.batch_ == 0)
            throw value_error(
                messages::text({"fit: epoch ", epoch, ": the range of batches is empty"}));
        throw non_finite_error(
            messages::text({"fit: epoch ", epoch,
                            ": not one batch had a finite loss and gradient; the "
                            "weights are as before it"}),
            now_.logged_);
    }

    void train_batch() {
        engine_.backpropagate(options_, list_);
        if (std::string_view const fault = engine_.fault(); !fault.empty())
            return refuse(fault);
        engine_.step(trainer_.optimizer);
        now_.sums_.add(engine_.batch_sums);
    }

    /// A batch that is not finite: the weights stay as they are.
    XRNN_COLD void refuse(std::string_view fault) {
        training_event event{now_.epoch_, now_.batch_, fault == "loss", options_.non_finite,
                             trainer_.learning_rate()};
        list_.non_finite(now_, event);
        if (now_.stop_training)
            event.action = non_finite_policy::stop;
        else if (options_.non_finite == non_finite_policy::halve_learning_rate) {
            trainer_.set_learning_rate(trainer_.learning_rate() / 2);
            event.learning_rate = trainer_.learning_rate();
        }
        now_.logged_.events.push_back(event);
        if (!now_.stop_training && options_.non_finite == non_finite_policy::stop)
            throw non_finite_error(messages::text({"fit: epoch ", now_.epoch_ + 1, ", batch ",
                                                   now_.batch_ + 1, ": ", not_finite(fault)}),
                                   now_.logged_);
    }

    Trainer& trainer_;
    Engine& engine_;
    fit_options const& options_;
    List& list_;
    training_run<Trainer> now_;
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
