// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/models/network.hpp>
#include <xrnn/tensor/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Rows that are computed together; no result depends on it.
inline constexpr std::size_t predict_rows = 64;

/// What a prediction works with; grows to what it needs and is then reused.
template <class Model>
struct prediction_scratch {
    typename network<Model>::workspaces layers;
    simd::aligned_vector<typename Model::value_type> part;
};

/// Runs x, (rows, time, features) row-major, through the model and hands each part of the output,
/// time-major, to sink(first_row, view).
template <class Model, class T, class Sink>
void predict_in_parts(Model const& model, T const* x, std::size_t rows, std::size_t time,
                      prediction_scratch<Model>& scratch, Sink&& sink) {
    using net = network<Model>;
    net::configure(model, scratch.layers);
    std::size_t const features = model.features();
    for (std::size_t first = 0; first < rows; first += predict_rows) {
        std::size_t const n = std::min(predict_rows, rows - first);
        gather_time_major(
            x, time, features, n, [&](std::size_t k) { return first + k; }, scratch.part);
        sink(first,
             net::template forward<pass::infer>(
                 model, {scratch.part.data(), features, time, n, features}, scratch.layers, {}));
    }
}

/// Throws value_error for a model without parameters.
template <class Model>
void require_built(Model const& model, std::string const& where) {
    if (!model.built())
        throw value_error(where + ": the model is not built yet, since its input's width is "
                                  "dynamic: fit it, load it, or call build(features) first");
}

} // namespace detail

/// Predictions one after the other: keeps what `predict` works with, and the result, for the next call.
/// Behind the first call with the largest input nothing is allocated for x of the model's type. Refers
/// to the model, which must outlive it. For one thread.
///
///     predictor run{model};
///     auto const& y = run(x);     // as model.predict(x), valid until the next call
template <class Model>
class predictor {
    static constexpr bool sequence = Model::output_shape.sequence;
    static constexpr std::size_t units = Model::output_shape.features;

  public:
    using value_type = typename Model::value_type;
    using result_type = xt::xtensor<value_type, sequence ? 3 : 2>;

    explicit predictor(Model const& model) : model_(&model) {}

    /// Throws as predict.
    template <class E>
    result_type const& operator()(E const& x) {
        static_assert(detail::may_have_rank<E, 3>,
                      "xrnn: give predict a batch of sequences, (batch, time, features): for one "
                      "sequence xt::view(x, xt::newaxis(), xt::all(), xt::all())");
        detail::require_built(*model_, "predict");
        detail::dense_values<value_type> const values(x);
        detail::check_sequences(values, model_->features(), "predict");
        std::size_t const time = values.shape(1);
        typename result_type::shape_type shape;
        if constexpr (sequence)
            shape = {values.shape(0), time, units};
        else
            shape = {values.shape(0), units};
        result_.resize(shape);
        detail::predict_in_parts(*model_, values.data(), values.shape(0), time, scratch_,
                                 [&](std::size_t first, sequence_view<value_type> const& y) {
                                     for (std::size_t b = 0; b < y.batch; ++b)
                                         for (std::size_t t = 0; t < y.time; ++t)
                                             std::copy_n(y.row(t, b), units,
                                                         result_.data() +
                                                             ((first + b) * y.time + t) * units);
                                 });
        return result_;
    }

    /// The last result, which may be moved from.
    result_type& result() { return result_; }

  private:
    Model const* model_;
    detail::prediction_scratch<Model> scratch_;
    result_type result_;
};

template <class Input, class... Parts>
template <class E>
auto sequential<Input, Parts...>::predict(E const& x) const {
    predictor<sequential> run(*this);
    run(x);
    return std::move(run.result());
}

} // namespace xrnn::inline XRNN_ABI
