// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/models/network.hpp>
#include <xrnn/models/states.hpp>
#include <xrnn/tensor/batch.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Rows that are computed together; no result depends on it.
inline constexpr std::size_t predict_rows = 64;

/// A batch as the layers take it: time-major, with a mask where rows are of different length.
template <class T>
struct gathered_batch {
    simd::aligned_vector<T> x;
    std::vector<std::uint8_t> mask;

    /// Steps first ... first + steps - 1 of some rows of x, (rows, time, features). lengths: of all of
    /// x's rows, or empty. What lies behind the end of a row is not looked at.
    sequence_view<T> gather(T const* from, std::size_t time, std::size_t features,
                            picked_rows const& rows, std::span<std::size_t const> lengths,
                            std::size_t first, std::size_t steps) {
        gather_time_major(from, time, features, rows, first, steps, x);
        if (!lengths.empty())
            mask_ends(features, rows, lengths, first, steps);
        return {x.data(),   features, steps,
                rows.count, features, lengths.empty() ? nullptr : mask.data()};
    }

  private:
    XRNN_NOINLINE void mask_ends(std::size_t features, picked_rows const& rows,
                                 std::span<std::size_t const> lengths, std::size_t first,
                                 std::size_t steps) {
        mask.resize(steps * rows.count);
        for (std::size_t t = 0, at = 0; t < steps; ++t)
            for (std::size_t k = 0; k < rows.count; ++k, ++at) {
                mask[at] = first + t < lengths[rows[k]] ? 1 : 0;
                if (mask[at] == 0)
                    std::fill_n(x.data() + at * features, features, T(0));
            }
    }
};

/// What a prediction works with; grows to what it needs and is then reused.
template <class Model>
struct prediction_scratch {
    typename network<Model>::workspaces layers;
    gathered_batch<typename Model::value_type> part;
};

/// Pointers to the states of rows first, first + 1, ...
template <class Model>
typename network<Model>::initial_states states_from(model_states<Model>& states,
                                                    std::size_t first) {
    typename network<Model>::initial_states at{};
    unroll<Model::size>([&](auto i) {
        using layer = typename Model::template layer<i>;
        if constexpr (layer::state_count > 0)
            at[i] = states.template layer<i>().data() + first * layer::state_size;
    });
    return at;
}
/// The states that the last pass has left, to those of rows first, first + 1, ...
template <class Model>
void keep_states(typename network<Model>::workspaces const& w, model_states<Model>& states,
                 std::size_t first) {
    unroll<Model::size>([&](auto i) {
        using layer = typename Model::template layer<i>;
        if constexpr (layer::state_count > 0)
            layer::final_states(std::get<i>(w),
                                states.template layer<i>().data() + first * layer::state_size);
    });
}

/// Runs x, (rows, time, features) row-major, through a model whose weights are loaded and hands each
/// part of the output, time-major, to sink(first_row, view). states: to begin with and to leave behind,
/// or null.
template <class Model, class T, class Sink>
void predict_in_parts(T const* x, std::size_t rows, std::size_t time, std::size_t features,
                      std::span<std::size_t const> lengths, model_states<Model>* states,
                      std::size_t threads, prediction_scratch<Model>& scratch, Sink&& sink) {
    using net = network<Model>;
    for (std::size_t first = 0; first < rows; first += predict_rows) {
        typename net::initial_states initial{};
        if (states != nullptr)
            initial = states_from(*states, first);
        sink(first, net::template forward<pass::infer>(
                        scratch.part.gather(x, time, features,
                                            {first, std::min(predict_rows, rows - first)}, lengths,
                                            0, time),
                        scratch.layers, {.threads = threads}, initial));
        if (states != nullptr)
            keep_states(scratch.layers, *states, first);
    }
}

/// Throws value_error unless there can be so many threads.
XRNN_COLD inline void check_threads(std::size_t threads, std::string const& where) {
    if (threads == 0)
        throw value_error(messages::text({where, ": threads must be at least 1"}));
    if (threads > 1 && !has_threads)
        throw value_error(
            messages::text({where, ": ", threads,
                            " threads need OpenMP: compile with -fopenmp (CMake: link "
                            "OpenMP::OpenMP_CXX), or give threads = 1"}));
}

/// Throws unless there is one length for each row, none above `time`.
XRNN_COLD inline void check_lengths(std::span<std::size_t const> lengths, std::size_t rows,
                                    std::size_t time, std::string const& where) {
    if (lengths.size() != rows)
        throw shape_error(messages::text({where, ": lengths must have one value for each of the ",
                                          rows, " rows, not ", lengths.size()}));
    for (std::size_t r = 0; r < rows; ++r)
        if (lengths[r] > time)
            throw value_error(messages::text({where, ": row ", r, " has ", time,
                                              " steps, so its length cannot be ", lengths[r]}));
}

/// Throws value_error for a model without parameters.
template <class Model>
void require_built(Model const& model, std::string const& where) {
    if (!model.built())
        throw value_error(messages::text(
            {where,
             ": the model is not built yet, since its input's width is dynamic: fit it, load "
             "it, or call build(features) first"}));
}

} // namespace detail

/// Predictions one after the other: keeps the weights as they are when it is made, laid out for
/// speed, what `predict` works with, and the result. Behind the first call with the largest input
/// nothing is allocated for x of the model's type. For one thread, which may use `threads` of its own
/// (OpenMP) for large inputs; the bits do not depend on their number.
///
///     predictor run{model};
///     auto const& y = run(x);     // as model.predict(x), valid until the next call
///
/// Later changes of the model do not reach it before `load`. Throws value_error for a model that is
/// not built.
template <class Model>
class predictor {
    static constexpr bool sequence = Model::output_shape.sequence;
    static constexpr std::size_t units = Model::output_shape.features;

  public:
    using value_type = typename Model::value_type;
    using result_type = xt::xtensor<value_type, sequence ? 3 : 2>;

    explicit predictor(Model const& model, std::size_t threads = 1) : threads_(threads) {
        detail::check_threads(threads, "predictor");
        load(model);
    }

    /// Takes over the weights of a model. Throws value_error if it is not built.
    void load(Model const& model) {
        detail::require_built(model, "predict");
        detail::network<Model>::load(model, scratch_.layers);
        features_ = model.features();
    }

    /// x: (batch, time, features). Throws shape_error.
    template <class E>
    result_type const& operator()(E const& x) {
        return run(x, {}, nullptr);
    }
    /// Rows of different length: lengths[r] steps of row r count, the others are not looked at and
    /// carry the states. Throws shape_error, value_error.
    template <class E>
    result_type const& operator()(E const& x, std::span<std::size_t const> lengths) {
        return run_lengths(x, lengths, nullptr);
    }
    /// From given states; leaves those after the last step. Throws shape_error.
    template <class E>
    result_type const& operator()(E const& x, model_states<Model>& states) {
        return run(x, {}, &states);
    }
    template <class E>
    result_type const& operator()(E const& x, std::span<std::size_t const> lengths,
                                  model_states<Model>& states) {
        return run_lengths(x, lengths, &states);
    }

    /// The last result, which may be moved from.
    result_type& result() { return result_; }

  private:
    template <class E>
    result_type const& run_lengths(E const& x, std::span<std::size_t const> lengths,
                                   model_states<Model>* states) {
        static_assert(detail::may_have_rank<E, 3>,
                      "xrnn: give predict a batch of sequences, (batch, time, features)");
        if (x.dimension() == 3) // what else it is, run says
            detail::check_lengths(lengths, x.shape(0), x.shape(1), "predict");
        return run(x, lengths, states);
    }

    template <class E>
    result_type const& run(E const& x, std::span<std::size_t const> lengths,
                           model_states<Model>* states) {
        static_assert(detail::may_have_rank<E, 3>,
                      "xrnn: give predict a batch of sequences, (batch, time, features): for one "
                      "sequence xt::view(x, xt::newaxis(), xt::all(), xt::all())");
        detail::dense_values<value_type> const values(x);
        detail::check_sequences(values, features_, "predict");
        std::size_t const rows = values.shape(0);
        std::size_t const time = values.shape(1);
        if (states != nullptr && states->rows() != rows)
            throw shape_error(messages::text(
                {"predict: x has ", rows, " rows, but the states ", states->rows()}));
        typename result_type::shape_type shape;
        if constexpr (sequence)
            shape = {rows, time, units};
        else
            shape = {rows, units};
        result_.resize(shape);
        detail::predict_in_parts(
            values.data(), rows, time, features_, lengths, states, threads_, scratch_,
            [&](std::size_t first, sequence_view<value_type> const& y) {
                for (std::size_t b = 0; b < y.batch; ++b)
                    simd::copy_rows<value_type>(
                        {y.row(0, b), y.batch * y.stride}, y.time, units,
                        {result_.data() + (first + b) * y.time * units, units});
            });
        return result_;
    }

    std::size_t threads_;
    std::size_t features_ = 0;
    detail::prediction_scratch<Model> scratch_;
    result_type result_;
};

template <class Input, class... Parts>
template <class E, class... Rest>
auto sequential<Input, Parts...>::predict(E const& x, Rest&&... rest) const {
    predictor<sequential> run(*this);
    run(x, std::forward<Rest>(rest)...);
    return std::move(run.result());
}

} // namespace xrnn::inline XRNN_ABI
