// SPDX-License-Identifier: BSD-3-Clause
//
// Where the batches of an epoch come from: rows of arrays in memory, or a range of batches.
#pragma once

#include <cmath>
#include <numeric>
#include <optional>

#include <xrnn/errors.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/random.hpp>
#include <xrnn/training/history.hpp>
#include <xrnn/training/metrics.hpp>
#include <xrnn/training/targets.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// With which states a batch begins.
enum class begin_with { zeros, new_states, states_before };

/// A batch as the layers take it, time-major, in buffers that are reused.
template <class T>
struct fed_batch {
    sequence_view<T> x{};
    begin_with states = begin_with::zeros;
    bool weighted = false;
    std::size_t first_row = 0; // of the rows of all processes that share this batch
    std::size_t all_rows = 0;
    bool all_count = true;              // all steps of all rows, as far as this process can tell
    simd::aligned_vector<T> y, weights; // (steps, rows, ...); the weights only if weighted
    gathered_batch<T> memory;

    T const* weights_or_null() const { return weighted ? weights.data() : nullptr; }
};

/// x, y and what belongs to their rows, as plain memory. The expressions must outlive it.
template <class Model, class Loss>
struct labelled_rows {
    using T = typename Model::value_type;

    template <class X, class Y>
    labelled_rows(X const& x_, Y const& y_, std::span<std::size_t const> lengths_ = {},
                  std::span<double const> sample_weight_ = {},
                  std::map<std::size_t, double> const* class_weight_ = nullptr)
        : x(x_),
          y(y_),
          lengths(lengths_),
          sample_weight(sample_weight_),
          class_weight(class_weight_ != nullptr && !class_weight_->empty() ? class_weight_
                                                                           : nullptr) {}

    std::size_t rows() const { return x.shape(0); }
    std::size_t time() const { return x.shape(1); }
    std::size_t target_steps() const { return Model::output_shape.sequence ? time() : 1; }
    static constexpr std::size_t target_width() {
        return target_units<Loss>(Model::output_shape.features);
    }

    /// features: of the model, 0 before it is built. Throws shape_error, value_error.
    XRNN_COLD void check(std::size_t features, std::string const& where) const {
        check_sequences(x, features, where);
        if (!lengths.empty())
            check_lengths(lengths, rows(), time(), where);
        check_targets<Model, Loss>(y, rows(), time(), where, lengths);
        if (sample_weight.empty())
            return;
        if (class_weight != nullptr)
            throw value_error(
                messages::text({where, ": give sample_weight or class_weight, not both"}));
        if (sample_weight.size() != rows() && sample_weight.size() != rows() * target_steps())
            throw shape_error(messages::text(
                {where, ": sample_weight must have ", rows(), " entries, one a row",
                 target_steps() > 1
                     ? messages::text({", or ", rows() * target_steps(), ", one a step"})
                     : std::string(),
                 ", not ", sample_weight.size()}));
    }

    /// The factor of the loss of one row, or of one of its steps.
    XRNN_COLD double weight(std::size_t row, std::size_t step) const {
        if (!sample_weight.empty())
            return sample_weight[sample_weight.size() == rows() ? row
                                                                : row * target_steps() + step];
        T const* const truth = y.data() + (row * target_steps() + step) * target_width();
        auto const found = class_weight->find(
            target_width() > 1 ? argmax(truth, target_width())
                               : static_cast<std::size_t>(std::max(T(0), std::round(*truth))));
        return found == class_weight->end() ? 1 : found->second;
    }

    /// Steps first ... first + steps - 1 of some rows.
    void take(picked_rows const& rows, std::size_t first, std::size_t steps,
              fed_batch<T>& to) const {
        to.x = to.memory.gather(x.data(), time(), x.shape(2), rows, lengths, first, steps);
        bool const sequence = Model::output_shape.sequence;
        std::size_t const from = sequence ? first : 0, labels = sequence ? steps : 1;
        gather_time_major(y.data(), target_steps(), target_width(), rows, from, labels, to.y);
        to.weighted = !sample_weight.empty() || class_weight != nullptr;
        to.first_row = 0;
        to.all_rows = rows.count;
        to.all_count = lengths.empty();
        if (to.weighted)
            take_weights(rows, from, labels, to.weights);
    }
    XRNN_COLD void take_weights(picked_rows const& rows, std::size_t first, std::size_t steps,
                                simd::aligned_vector<T>& to) const {
        to.resize(steps * rows.count);
        for (std::size_t t = 0; t < steps; ++t)
            for (std::size_t k = 0; k < rows.count; ++k)
                to[t * rows.count + k] = static_cast<T>(weight(rows[k], first + t));
    }

    dense_values<T> x;
    dense_values<T> y;
    std::span<std::size_t const> lengths;  // empty: all steps count
    std::span<double const> sample_weight; // empty: all 1
    std::map<std::size_t, double> const* class_weight;
};

/// Batches of rows in memory, in an order drawn anew for each epoch. With `pieces` of a row's time
/// (truncated backpropagation) each piece is a batch.
template <class Model, class Loss>
class rows_source {
  public:
    using T = typename Model::value_type;

    /// share: this process takes part number share[0] of share[1] of each batch.
    rows_source(labelled_rows<Model, Loss> const& from, std::size_t first, std::size_t rows,
                fit_options const& options, std::array<std::size_t, 2> share = {0, 1})
        : from_(&from),
          first_(first),
          options_(&options),
          share_(share),
          piece_(options.truncated_bptt_steps == 0 ? from.time() : options.truncated_bptt_steps),
          order_(rows) {}

    std::size_t rows() const { return order_.size(); }
    std::size_t batches() const { return row_batches() * pieces(); }

    /// Fisher and Yates; `number` counts the epochs of the trainer.
    XRNN_NOINLINE void begin_epoch(std::size_t number) {
        std::iota(order_.begin(), order_.end(), first_);
        if (!options_->shuffle)
            return;
        random_stream const random(options_->seed, (std::uint64_t{1} << 63) + number);
        for (std::size_t k = order_.size(); k > 1; --k)
            std::swap(order_[k - 1], order_[random.below(k, k)]);
    }

    /// Batch k of the epoch; false behind the last.
    bool take(std::size_t k, fed_batch<T>& to) const {
        if (k >= batches())
            return false;
        std::size_t const batch = k / pieces(), piece = k % pieces();
        std::size_t const begin = batch * options_->batch_size;
        std::size_t const all = std::min(options_->batch_size, rows() - begin);
        std::size_t const mine = all * share_[0] / share_[1];
        std::size_t const end = all * (share_[0] + 1) / share_[1];
        from_->take({begin + mine, end - mine, order_.data()}, piece * piece_,
                    std::min(piece_, from_->time() - piece * piece_), to);
        to.first_row = mine;
        to.all_rows = all;
        bool const anew = options_->stateful ? k == 0 : piece == 0;
        to.states = !options_->stateful && pieces() == 1 ? begin_with::zeros
                    : anew                               ? begin_with::new_states
                                                         : begin_with::states_before;
        return true;
    }

  private:
    std::size_t row_batches() const {
        return (rows() + options_->batch_size - 1) / options_->batch_size;
    }
    std::size_t pieces() const { return (from_->time() + piece_ - 1) / piece_; }

    labelled_rows<Model, Loss> const* from_;
    std::size_t first_;
    fit_options const* options_;
    std::array<std::size_t, 2> share_;
    std::size_t piece_;
    std::vector<std::size_t> order_;
};

// ---- ranges of batches ---------------------------------------------------------------------------

template <class E>
concept HasShape = requires(E const& e) {
    e.shape();
};
template <class B>
concept LabelledBatch = requires(B const& batch) {
    batch.x.shape();
    batch.y.shape();
};
template <class B>
concept HasSampleWeight = requires(B const& batch) {
    std::span<double const>(batch.sample_weight);
};
template <class B>
concept HasLengths = requires(B const& batch) {
    std::span<std::size_t const>(batch.lengths);
};
/// A range that can be gone through once an epoch, and whose elements have x, (rows, time, features),
/// and y; and sample_weight and lengths if they like.
template <class R>
concept BatchRange = requires(R& range) {
    range.begin() != range.end();
    requires LabelledBatch<std::remove_cvref_t<decltype(*range.begin())>>;
};
template <class R>
concept SizedRange = requires(R& range) {
    { range.size() } -> std::convertible_to<std::size_t>;
};

/// A range whose order is a function of the number of the epoch.
template <class R>
concept CountsEpochs = requires(R& range, std::uint64_t number) {
    range.set_epoch(number);
};

/// Batches that a range brings: data that is larger than memory, or made as it goes.
template <class Model, class Loss, class Range>
class range_source {
  public:
    using T = typename Model::value_type;

    /// share: this process is number share[0] of share[1], each with a range of its own.
    range_source(Range& range, Model& model, fit_options const& options,
                 std::array<std::size_t, 2> share = {0, 1})
        : range_(&range), model_(&model), options_(&options), share_(share) {}

    /// 0 where the range does not say it.
    std::size_t batches() const {
        if constexpr (SizedRange<Range>)
            return range_->size();
        else
            return 0;
    }

    /// `number` counts the epochs of the trainer.
    void begin_epoch([[maybe_unused]] std::size_t number) {
        if constexpr (CountsEpochs<Range>)
            range_->set_epoch(number);
        next_ = 0;
        at_.emplace(range_->begin());
    }

    /// Batch k of the epoch, k in rising order; those passed over are dropped. False behind the last.
    bool take(std::size_t k, fed_batch<T>& to) {
        for (; next_ <= k; ++next_) {
            if (next_ > 0)
                ++*at_;
            if (!(*at_ != range_->end())) {
                at_.reset();
                return false;
            }
        }
        auto&& batch = **at_;
        using element = std::remove_cvref_t<decltype(batch)>;
        std::span<std::size_t const> lengths;
        std::span<double const> weights;
        if constexpr (HasLengths<element>)
            lengths = batch.lengths;
        if constexpr (HasSampleWeight<element>)
            weights = batch.sample_weight;
        labelled_rows<Model, Loss> const rows(batch.x, batch.y, lengths, weights,
                                              &options_->class_weight);
        rows.check(model_->features(), messages::text({"batch ", k + 1, " of the range"}));
        model_->build(rows.x.shape(2));
        rows.take({0, rows.rows()}, 0, rows.time(), to);
        to.first_row = share_[0] * rows.rows(); // so that each process draws masks of its own
        to.all_rows = share_[1] * rows.rows();
        to.all_count = to.all_count && share_[1] == 1; // another's batch may be of another size
        to.states = !options_->stateful ? begin_with::zeros
                    : k == 0            ? begin_with::new_states
                                        : begin_with::states_before;
        return true;
    }

  private:
    using iterator = decltype(std::declval<Range&>().begin());
    Range* range_;
    Model* model_;
    fit_options const* options_;
    std::array<std::size_t, 2> share_;
    std::optional<iterator> at_;
    std::size_t next_ = 0;
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
