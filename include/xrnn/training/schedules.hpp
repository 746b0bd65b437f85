// SPDX-License-Identifier: BSD-3-Clause
//
// Learning rates that change from step to step, by Keras's names, defaults and formulas: functions of
// the number of steps that the optimizer has taken before this one, 0, 1, 2, … Plain values, outside the
// instruction-set namespace.
//
//     adam{.learning_rate = cosine_decay{.initial_learning_rate = 0.01, .decay_steps = 1000}}
//
// Any other function double(std::size_t) is a schedule too. One with check(), which throws value_error,
// is checked where it becomes a learning rate.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xrnn/errors.hpp>

namespace xrnn {

// not `detail`: where that of the instruction-set namespace is not yet there, it would be another one
namespace schedule_detail {

template <class S>
concept ScheduleFunction = requires(S const& schedule, std::size_t step) {
    { schedule(step) } -> std::convertible_to<double>;
};
template <class S>
concept CheckedSchedule = requires(S const& schedule) {
    schedule.check();
};

inline void require_positive(char const* schedule, char const* setting, double value) {
    if (!(value > 0))
        throw value_error(
            messages::text({schedule, ": ", setting, " must be greater than 0, not ", value}));
}

struct any_schedule {
    virtual ~any_schedule() = default;
    virtual double at(std::size_t step) const = 0;
    virtual any_schedule* copy() const = 0;
};
template <class S>
struct one_schedule final : any_schedule {
    explicit one_schedule(S s) : schedule(std::move(s)) {}
    double at(std::size_t step) const override { return static_cast<double>(schedule(step)); }
    any_schedule* copy() const override { return new one_schedule(schedule); }
    S schedule;
};

} // namespace schedule_detail

/// An optimizer's learning rate: a number, or a schedule. As a double it reads as the number; where
/// it is a schedule, that throws value_error, and at(step) has the rate of a step.
class learning_rate_setting {
  public:
    constexpr learning_rate_setting(double rate) : rate_(rate) {}
    /// Throws value_error where the schedule's settings are out of their range.
    template <class S>
    requires(schedule_detail::ScheduleFunction<S>) learning_rate_setting(S schedule) {
        if constexpr (schedule_detail::CheckedSchedule<S>)
            schedule.check();
        schedule_ = new schedule_detail::one_schedule<S>(std::move(schedule));
    }
    constexpr learning_rate_setting(learning_rate_setting const& other)
        : rate_(other.rate_),
          schedule_(other.schedule_ == nullptr ? nullptr : other.schedule_->copy()) {}
    constexpr learning_rate_setting(learning_rate_setting&& other) noexcept
        : rate_(other.rate_), schedule_(std::exchange(other.schedule_, nullptr)) {}
    constexpr learning_rate_setting& operator=(learning_rate_setting other) noexcept {
        std::swap(rate_, other.rate_);
        std::swap(schedule_, other.schedule_);
        return *this;
    }
    constexpr ~learning_rate_setting() { delete schedule_; }

    constexpr bool is_constant() const { return schedule_ == nullptr; }
    /// The rate of the step before which so many have been taken.
    double at(std::size_t step) const { return schedule_ == nullptr ? rate_ : schedule_->at(step); }
    constexpr operator double() const {
        if (schedule_ != nullptr)
            throw value_error("learning_rate: it is a schedule; ask for its value at(step), or set "
                              "it to a number");
        return rate_;
    }

  private:
    double rate_ = 0;
    schedule_detail::any_schedule const* schedule_ =
        nullptr; // owned; its functions are not constexpr
};

/// initial_learning_rate·decay_rate^(step / decay_steps), with staircase its quotient rounded down.
/// Keras's ExponentialDecay.
struct exponential_decay {
    double initial_learning_rate = 0.01;
    double decay_steps = 1000;
    double decay_rate = 0.96;
    bool staircase = false;

    double operator()(std::size_t step) const {
        double const p = static_cast<double>(step) / decay_steps;
        return initial_learning_rate * std::pow(decay_rate, staircase ? std::floor(p) : p);
    }
    void check() const {
        schedule_detail::require_positive("exponential_decay", "decay_steps", decay_steps);
        schedule_detail::require_positive("exponential_decay", "decay_rate", decay_rate);
    }
};

/// From initial_learning_rate to alpha times it along half a cosine in decay_steps steps, and there it
/// stays. With warmup_target, before that: from initial_learning_rate to it along a line in warmup_steps
/// steps, and it is where the cosine begins. Keras's CosineDecay.
struct cosine_decay {
    double initial_learning_rate = 0.01;
    double decay_steps = 1000;
    double alpha = 0.0;
    std::optional<double> warmup_target = {};
    double warmup_steps = 0;

    double operator()(std::size_t step) const {
        double s = static_cast<double>(step);
        double const top = warmup_target.value_or(initial_learning_rate);
        if (warmup_target && s < warmup_steps)
            return (top - initial_learning_rate) * (s / warmup_steps) + initial_learning_rate;
        s = std::min(warmup_target ? s - warmup_steps : s, decay_steps);
        double const cosine = 0.5 * (1 + std::cos(3.141592653589793 * (s / decay_steps)));
        return top * ((1 - alpha) * cosine + alpha);
    }
    void check() const {
        schedule_detail::require_positive("cosine_decay", "decay_steps", decay_steps);
        if (!(warmup_steps >= 0))
            throw value_error(messages::text(
                {"cosine_decay: warmup_steps must be at least 0, not ", warmup_steps}));
    }
};

/// cosine_decay again and again: each period has t_mul times as many steps as the one before, and
/// begins at m_mul times its rate. Source: Loshchilov and Hutter 2016; Keras's CosineDecayRestarts.
struct cosine_decay_restarts {
    double initial_learning_rate = 0.01;
    double first_decay_steps = 1000;
    double t_mul = 2.0;
    double m_mul = 1.0;
    double alpha = 0.0;

    double operator()(std::size_t step) const {
        double fraction = static_cast<double>(step) / first_decay_steps; // of the period
        double restarts = 0;
        if (t_mul == 1) {
            restarts = std::floor(fraction);
            fraction -= restarts;
        } else
            for (; fraction >= 1; ++restarts)
                fraction = (fraction - 1) / t_mul;
        double const cosine =
            0.5 * std::pow(m_mul, restarts) * (1 + std::cos(3.141592653589793 * fraction));
        return initial_learning_rate * ((1 - alpha) * cosine + alpha);
    }
    void check() const {
        schedule_detail::require_positive("cosine_decay_restarts", "first_decay_steps",
                                          first_decay_steps);
        if (!(t_mul >= 1 && std::isfinite(t_mul)))
            throw value_error(
                messages::text({"cosine_decay_restarts: t_mul must be at least 1, not ", t_mul}));
    }
};

/// values[k] up to and including step boundaries[k], the last value behind the last boundary. Keras's
/// PiecewiseConstantDecay.
struct piecewise_constant_decay {
    std::vector<std::size_t> boundaries = {};
    std::vector<double> values = {};

    double operator()(std::size_t step) const {
        auto const at = std::lower_bound(boundaries.begin(), boundaries.end(), step);
        return values[static_cast<std::size_t>(at - boundaries.begin())];
    }
    void check() const {
        if (values.size() != boundaries.size() + 1)
            throw value_error(messages::text(
                {"piecewise_constant_decay: needs one value more than boundaries, but has ",
                 values.size(), " values and ", boundaries.size(), " boundaries"}));
        if (!std::is_sorted(boundaries.begin(), boundaries.end()))
            throw value_error("piecewise_constant_decay: boundaries must not become smaller");
    }
};

/// (initial_learning_rate - end_learning_rate)·(1 - step / decay_steps)^power + end_learning_rate;
/// behind decay_steps that of decay_steps, or with cycle the same over the next multiple of decay_steps.
/// Keras's PolynomialDecay.
struct polynomial_decay {
    double initial_learning_rate = 0.01;
    double decay_steps = 1000;
    double end_learning_rate = 0.0001;
    double power = 1.0;
    bool cycle = false;

    double operator()(std::size_t step) const {
        double s = static_cast<double>(step), all = decay_steps;
        if (!cycle)
            s = std::min(s, decay_steps);
        else if (step > 0)
            all *= std::ceil(s / decay_steps);
        return (initial_learning_rate - end_learning_rate) * std::pow(1 - s / all, power) +
               end_learning_rate;
    }
    void check() const {
        schedule_detail::require_positive("polynomial_decay", "decay_steps", decay_steps);
    }
};

/// initial_learning_rate / (1 + decay_rate·step / decay_steps), with staircase its quotient rounded
/// down. Keras's InverseTimeDecay.
struct inverse_time_decay {
    double initial_learning_rate = 0.01;
    double decay_steps = 1000;
    double decay_rate = 0.5;
    bool staircase = false;

    double operator()(std::size_t step) const {
        double const p = static_cast<double>(step) / decay_steps;
        return initial_learning_rate / (1 + decay_rate * (staircase ? std::floor(p) : p));
    }
    void check() const {
        schedule_detail::require_positive("inverse_time_decay", "decay_steps", decay_steps);
        if (!(decay_rate >= 0))
            throw value_error(messages::text(
                {"inverse_time_decay: decay_rate must be at least 0, not ", decay_rate}));
    }
};

/// From 0 along a line in `steps` steps to where `then` begins, and from there on what `then` says, a
/// rate or a schedule, its steps counted anew. The step at rate 0 changes moments, not weights.
struct warm_up {
    std::size_t steps = 0;
    learning_rate_setting then = 0.001;

    double operator()(std::size_t step) const {
        return step < steps ? then.at(0) * (static_cast<double>(step) / static_cast<double>(steps))
                            : then.at(step - steps);
    }
};

} // namespace xrnn
