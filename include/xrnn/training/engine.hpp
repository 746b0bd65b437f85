// SPDX-License-Identifier: BSD-3-Clause
//
// A batch through a model and back, and a step of the optimizer: what training does between hooks.
#pragma once

#include <cmath>
#include <string_view>

#include <xrnn/errors.hpp>
#include <xrnn/training/feeding.hpp>
#include <xrnn/training/objective.hpp>
#include <xrnn/training/penalties.hpp>
#include <xrnn/training/saved_state.hpp>
#include <xrnn/training/updater.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Owns all scratch of a training, the optimizer's moments and the counters that random numbers are
/// functions of. A batch is computed first (backpropagate), then judged (fault), then used (step).
template <class Model, class Loss, class Optimizer, class... Metrics>
class engine {
    using net = network<Model>;
    static constexpr std::size_t units = Model::output_shape.features;
    static constexpr bool masks_steps = [] { // by a layer, whatever the lengths
        bool result = false;
        unroll<Model::size>(
            [&](auto i) { result = result || MasksSteps<typename Model::template layer<i>>; });
        return result;
    }();

  public:
    using T = typename Model::value_type;
    using objective_type = objective<Model, Loss, Metrics...>;
    using totals = typename objective_type::sums;

    engine(Model& model, objective_type loss_and_metrics)
        : formulas(std::move(loss_and_metrics)), model_(&model) {}

    objective_type formulas;
    std::size_t epochs = 0; // so far: each has its own order
    fed_batch<T> batch;     // a source puts it here
    totals batch_sums{};    // what backpropagate has found for it

    Model& model() const { return *model_; }
    std::size_t steps() const { return updater_.steps; }
    std::size_t passes() const { return passes_; }

    /// Forward, loss and backward for the batch: its gradient, loss and metrics. With several processes
    /// all of it is over the rows of all.
    template <class List>
    void backpropagate(fit_options const& options, List& list) {
        net::load(*model_, scratch_);
        gradient_.assign(model_->count_params(), T(0));
        formulas.clear(batch_sums);
        bool const any = batch.x.batch > 0; // a process may have no row of a small batch
        pass_context const context{.training = true,
                                   .seed = options.seed,
                                   .step = passes_,
                                   .threads = options.threads,
                                   .first_row = batch.first_row,
                                   .all_rows = batch.all_rows};
        sequence_view<T> const y = any ? predicted<pass::train>(context) : sequence_view<T>{};
        double counted = static_cast<double>(objective_type::counted(y));
        list.distribution([&](auto& all) {
            if (batch.all_count && !masks_steps) // no need to ask the others
                counted = static_cast<double>(batch.all_rows *
                                              (Model::output_shape.sequence ? batch.x.time : 1));
            else
                all.sum(std::span<double>(&counted, 1));
        });
        if (any) {
            dy_.resize(y.rows() * units);
            T const scale = T(1) / static_cast<T>(std::max(counted, 1.0));
            formulas.add(y, batch.y.data(), batch.weights_or_null(), scale, dy_.data(), batch_sums);
            net::backward(*model_, {dy_.data(), units, y.time, y.batch, units}, scratch_,
                          gradient_.data(), false);
        }
        list.distribution([&](auto& all) {
            all.sum(std::span<T>(gradient_));
            all.sum(std::span<double>(batch_sums.values));
        });
        ++passes_; // not before all processes are through: a checkpoint after an error is of now
        objective_type::add_penalty(detail::add_penalty(*model_, gradient_.data()), counted,
                                    batch_sums);
    }

    /// What of the batch is not finite: "loss", "gradient" or nothing.
    std::string_view fault() const {
        if (!std::isfinite(batch_sums.loss()))
            return "loss";
        if (!std::isfinite(sum_of_squares<T>(gradient_)))
            return "gradient";
        return {};
    }

    /// A step of the optimizer with the batch's gradient, or towards one where it accumulates them.
    void step(Optimizer const& optimizer) {
        keep_carried_states();
        std::size_t const micro_batches = accumulation_steps(optimizer);
        if (micro_batches > 1) {
            if (accumulated_ == 0)
                accumulator_.assign(gradient_.size(), T(0));
            simd::add_row<T>(gradient_.data(), gradient_.size(), accumulator_.data());
            if (++accumulated_ < micro_batches)
                return;
            accumulated_ = 0;
            for (std::size_t k = 0; k < gradient_.size(); ++k)
                gradient_[k] = accumulator_[k] / static_cast<T>(micro_batches);
        }
        updater_.step(*model_, optimizer, gradient_);
    }

    template <class Source>
    totals evaluated(Source& source, std::size_t threads) {
        net::load(*model_, scratch_);
        totals sums{};
        source.begin_epoch(0);
        for (std::size_t k = 0; source.take(k, batch); ++k) {
            sequence_view<T> const p = predicted<pass::infer>({.threads = threads});
            keep_carried_states();
            formulas.add(p, batch.y.data(), batch.weights_or_null(), T(1), nullptr, sums);
        }
        objective_type::add_penalty(detail::add_penalty<Model, T>(*model_, nullptr), sums.rows(),
                                    sums);
        return sums;
    }

    /// f(name, buffer) for each buffer that a further training depends on, but the parameters, in the sizes
    /// that they have for a model with n parameters and an optimizer that uses so many slots.
    template <class F>
    void buffers(std::size_t n, std::size_t slots, F&& f) {
        for (std::size_t k = 0; k < slots; ++k) {
            updater_.slots[k].resize(n);
            f(messages::text({"moments_", k}), std::span<T>(updater_.slots[k]));
        }
        if (accumulated_ > 0) {
            accumulator_.resize(n);
            f("accumulated_gradient", std::span<T>(accumulator_));
        }
        unroll<Model::size>([&](auto i) {
            if (std::span<T> const values = states_.template layer<i>(); !values.empty())
                f(messages::text({"states.", Model::template layer_name<i>()}), values);
        });
    }
    void archive(auto& a) {
        std::size_t state_rows = states_.rows();
        a("steps", updater_.steps), a("passes", passes_), a("epochs", epochs);
        a("accumulated", accumulated_), a("state_rows", state_rows);
        if (state_rows != states_.rows())
            states_.reset(state_rows);
    }

  private:
    void keep_carried_states() {
        if (batch.states != begin_with::zeros && batch.x.batch > 0)
            keep_states(scratch_, states_, 0);
    }

    /// The model's output for the batch.
    template <pass Pass>
    sequence_view<T> predicted(pass_context const& context) {
        if (batch.states == begin_with::new_states)
            states_.reset(batch.x.batch);
        return net::template forward<Pass>(batch.x, scratch_, context,
                                           batch.states == begin_with::zeros
                                               ? typename net::initial_states{}
                                               : states_from(states_, 0));
    }

    Model* model_;
    updater<Model, Optimizer> updater_;
    std::size_t passes_ = 0;      // batches so far: each has its own dropout
    std::size_t accumulated_ = 0; // batches in accumulator_
    typename net::workspaces scratch_;
    model_states<Model> states_; // that batches carry on
    simd::aligned_vector<T> dy_, gradient_, accumulator_;
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
