// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include <xrnn/training/saved_state.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {
template <class Trainer, class Engine, class List>
class fit_loop;
}

/// What a callback sees of a call of `fit`, and may change.
template <class Trainer>
class training_run {
  public:
    using model_type = typename Trainer::model_type;

    training_run(Trainer& trainer, fit_options const& options, std::size_t batches, bool first)
        : options_(&options), trainer_(&trainer), batches_(batches), first_(first) {}

    /// Set it to end the training behind this batch, or this epoch.
    bool stop_training = false;

    Trainer& trainer() const { return *trainer_; }
    model_type& model() const { return trainer_->model(); }
    fit_options const& options() const { return *options_; }
    /// Epochs that fit was asked for.
    std::size_t epochs() const { return options_->epochs; }
    /// Batches of an epoch; 0 where a range of batches does not say it.
    std::size_t batches() const { return batches_; }
    /// The epoch that is being trained, from 0.
    std::size_t epoch() const { return epoch_; }
    /// Batches that the trainer has seen, in this fit and those before.
    std::size_t batches_seen() const { return trainer_->batches_seen(); }
    /// Steps of the optimizer so far.
    std::size_t step() const { return trainer_->steps(); }
    /// Whether this process writes files and to the screen: with several there is but one.
    bool first() const { return first_; }

    /// Of the next step.
    double learning_rate() const { return trainer_->learning_rate(); }
    /// Throws value_error where the optimizer's rate follows a schedule.
    void set_learning_rate(double rate) { trainer_->set_learning_rate(rate); }

    /// Loss and metrics of this epoch so far.
    logs means() const { return trainer_->means_of(sums_); }
    /// Whether more (1) or less (-1) of a logged value is better; 0 where it is not known.
    int direction(std::string_view name) const { return Trainer::direction(name); }
    /// The epochs that are complete.
    history const& so_far() const { return logged_; }

    /// All of this run and of its trainer that is not in the trainer's buffers: what a checkpoint needs so
    /// that a later fit goes on from here, to the bit.
    saved_values state() {
        if (!save_callbacks_)
            throw value_error("training_run: a callback that saves the run must say `static "
                              "constexpr bool checkpoints = true`");
        saved_values values = trainer_->state();
        state_writer writer(values, "run");
        archive(writer);
        state_writer options(values, "options");
        archive_options(options);
        save_callbacks_(values);
        return values;
    }

  private:
    template <class, class, class>
    friend class detail::fit_loop;

    void archive(auto& a) {
        a("epoch", epoch_), a("batch", batch_), a("stop_training", stop_training);
        a("logged", logged_);
        std::vector<double> events;
        for (training_event const& e : logged_.events)
            events.insert(events.end(),
                          {static_cast<double>(e.epoch), static_cast<double>(e.batch),
                           e.loss ? 1.0 : 0.0, static_cast<double>(e.action), e.learning_rate});
        a("events", events);
        logged_.events.clear();
        for (std::size_t k = 0; k + 4 < events.size(); k += 5)
            logged_.events.push_back(
                {static_cast<std::size_t>(events[k]), static_cast<std::size_t>(events[k + 1]),
                 events[k + 2] != 0,
                 static_cast<non_finite_policy>(static_cast<int>(events[k + 3])), events[k + 4]});
        sums_.archive(a);
    }
    /// What must be the same in the run that goes on.
    void archive_options(auto& a) const {
        a("seed_high", options_->seed >> 32), a("seed_low", options_->seed & 0xffffffffu);
        a("batch_size", options_->batch_size), a("batches", batches_);
        a("shuffle", options_->shuffle), a("stateful", options_->stateful);
        a("truncated_bptt_steps", options_->truncated_bptt_steps);
    }

    fit_options const* options_;
    Trainer* trainer_;
    std::size_t batches_;
    bool first_;
    std::size_t epoch_ = 0; // the one that is being trained
    std::size_t batch_ = 0; // the next of it
    typename Trainer::totals sums_{};
    history logged_;
    std::function<void(saved_values&)> save_callbacks_;
};

} // namespace xrnn::inline XRNN_ABI
