// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include <xrnn/errors.hpp>
#include <xrnn/models/predict.hpp>

namespace xrnn::inline XRNN_ABI {

/// What one recurrent layer did over a sequence: each gate, candidate and state by name, of shape
/// (time, its entries). An LSTM has i, f, g, o, h, c; a GRU z, r, n, h.
template <class T>
struct layer_trace {
    std::string name; // "lstm", "gru_1", as in summary and weight files
    std::vector<std::pair<std::string, xt::xtensor<T, 2>>> vectors;

    /// Throws value_error, naming those there are.
    xt::xtensor<T, 2> const& operator[](std::string_view vector) const {
        std::string known;
        for (auto const& [key, values] : vectors) {
            if (key == vector)
                return values;
            known += (known.empty() ? "" : ", ") + key;
        }
        throw value_error(
            messages::text({"trace: layer \"", name, "\" has no \"", vector, "\", but ", known}));
    }
};

/// The recurrent layers of a model, in order.
template <class T>
struct model_trace {
    std::vector<layer_trace<T>> layers;

    /// Throws value_error, naming those there are.
    layer_trace<T> const& operator[](std::string_view layer) const {
        std::string known;
        for (auto const& l : layers) {
            if (l.name == layer)
                return l;
            known += (known.empty() ? "" : ", ") + l.name;
        }
        throw value_error(messages::text({"trace: no recurrent layer \"", layer, "\"; there are ",
                                          known.empty() ? "none" : known}));
    }
};

namespace detail {

/// A vector of a layer by name, from the first step to the last. backwards: the layer has seen the last
/// step first.
template <class Layer, class Name, class T>
void take_vector(T const* from, std::size_t stride, std::size_t time, bool backwards,
                 layer_trace<T>& to) {
    constexpr std::size_t units = width_of<Name>(Layer::units);
    xt::xtensor<T, 2> values(std::array<std::size_t, 2>{time, units});
    for (std::size_t t = 0; t < time; ++t)
        std::copy_n(from + (backwards ? time - 1 - t : t) * stride, units,
                    values.data() + t * units);
    to.vectors.emplace_back(std::string(Name::name), std::move(values));
}

/// The states in records, or in their gradients, of the steps 0, 1, ...
template <class Layer, class T>
void take_states(T const* records, std::size_t time, bool backwards, layer_trace<T>& to) {
    using plan = typename Layer::plan;
    for_each<typename plan::states>([&]<class Name>(std::type_identity<Name>) {
        take_vector<Layer, Name>(records + index_of<typename plan::stored, Name> * Layer::padded,
                                 Layer::record, time, backwards, to);
    });
}

/// Calls take(layer, its workspace, backwards, what to fill) for each recurrent layer, and each
/// direction of a bidirectional one, under the name it has in a trace.
template <class Model, class Take>
model_trace<typename Model::value_type> trace_layers(typename network<Model>::workspaces& scratch,
                                                     Take const& take) {
    model_trace<typename Model::value_type> result;
    unroll<Model::size>([&](auto i) {
        using layer = typename Model::template layer<i>;
        auto& w = std::get<i>(scratch);
        auto const one = [&]<class Inner>(std::type_identity<Inner> inner, auto& workspace,
                                          bool backwards, std::string const& direction) {
            result.layers.push_back({Model::template layer_name<i>() + direction, {}});
            take(inner, workspace, backwards, result.layers.back());
        };
        if constexpr (NeedsWholeSequence<layer>) {
            one(std::type_identity<typename layer::inner>{}, w.ahead, false, ".forward");
            one(std::type_identity<typename layer::inner>{}, w.back, true, ".backward");
        } else if constexpr (layer::state_count > 0)
            one(std::type_identity<layer>{}, w, false, "");
    });
    return result;
}

/// The length of one sequence, (time, features) or (1, time, features). Throws shape_error.
template <class T>
std::size_t check_one_sequence(dense_values<T> const& x, std::size_t features,
                               std::string const& where) {
    std::size_t const rank = x.rank();
    if ((rank != 2 && rank != 3) || (rank == 3 && x.shape(0) != 1) || x.shape(rank - 2) == 0 ||
        x.shape(rank - 1) != features)
        throw shape_error(
            messages::text({where, ": x must have shape (time, ", features, ") or (1, time, ",
                            features, "), but has ", shape_text(x.shape())}));
    return x.shape(rank - 2);
}

} // namespace detail

/// Every gate, candidate and state of every recurrent layer while the model reads one sequence x,
/// (time, features) or (1, time, features). Computed by the cells' own equations.
///
///     auto const t = trace(model, x);
///     t["lstm"]["f"]        // the forget gate, (time, units)
///
/// Throws shape_error, value_error.
template <class Input, class... Parts, class E>
auto trace(sequential<Input, Parts...> const& model, E const& x) {
    using Model = sequential<Input, Parts...>;
    using T = typename Model::value_type;
    static_assert(detail::may_have_rank<E, 2, 3>,
                  "xrnn: give trace one sequence, (time, features) or (1, time, features)");
    detail::require_built(model, "trace");
    detail::dense_values<T> const values(x);
    std::size_t const time = detail::check_one_sequence(values, model.features(), "trace");
    using net = detail::network<Model>;
    typename net::workspaces scratch;
    net::load(model, scratch);
    net::template forward<pass::trace>({values.data(), model.features(), time, 1, model.features()},
                                       scratch, {});
    return detail::trace_layers<Model>(
        scratch,
        []<class Layer>(std::type_identity<Layer>, auto const& w, bool backwards, auto& to) {
            using plan = typename Layer::plan;
            detail::for_each<typename plan::shown>([&]<class Name>(std::type_identity<Name>) {
                detail::take_vector<Layer, Name>(
                    w.extra.data() + detail::index_of<typename plan::shown, Name> * Layer::padded,
                    plan::shown::size * Layer::padded, w.time, backwards, to);
            });
            detail::take_states<Layer>(w.records.data() + Layer::record, w.time, backwards, to);
        });
}

} // namespace xrnn::inline XRNN_ABI
