// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include <xrnn/models/predict.hpp>

namespace xrnn::inline XRNN_ABI {

/// What one recurrent layer did over a sequence: each gate, candidate and state by name, of shape
/// (time, units). An LSTM has i, f, g, o, h, c; a GRU z, r, n, h.
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
        throw value_error("trace: layer \"" + name + "\" has no \"" + std::string(vector) +
                          "\", but " + known);
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
        throw value_error("trace: no recurrent layer \"" + std::string(layer) + "\"; there are " +
                          (known.empty() ? "none" : known));
    }
};

namespace detail {

/// backwards: the layer has seen the last step first.
template <class Layer, class T>
void trace_layer(typename Layer::workspace const& w, layer_trace<T>& to, bool backwards = false) {
    using plan = typename Layer::plan;
    auto const take = [&](std::string_view name, T const* from, std::size_t stride) {
        xt::xtensor<T, 2> values(std::array<std::size_t, 2>{w.time, Layer::units});
        for (std::size_t t = 0; t < w.time; ++t)
            std::copy_n(from + (backwards ? w.time - 1 - t : t) * stride, Layer::units,
                        values.data() + t * Layer::units);
        to.vectors.emplace_back(std::string(name), std::move(values));
    };
    for_each<typename plan::shown>([&]<class Name>(std::type_identity<Name>) {
        take(Name::name, w.extra.data() + index_of<typename plan::shown, Name> * Layer::padded,
             plan::shown::size * Layer::padded);
    });
    for_each<typename plan::states>([&]<class Name>(std::type_identity<Name>) {
        take(Name::name,
             w.records.data() + Layer::record +
                 index_of<typename plan::stored, Name> * Layer::padded,
             Layer::record);
    });
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
    std::size_t const rank = values.rank();
    if ((rank != 2 && rank != 3) || (rank == 3 && values.shape(0) != 1) ||
        values.shape(rank - 2) == 0 || values.shape(rank - 1) != model.features())
        throw shape_error("trace: x must have shape (time, " + std::to_string(model.features()) +
                          ") or (1, time, " + std::to_string(model.features()) + "), but has " +
                          detail::shape_text(values.shape()));
    using net = detail::network<Model>;
    typename net::workspaces scratch;
    net::load(model, scratch);
    net::template forward<pass::trace>(
        {values.data(), model.features(), values.shape(rank - 2), 1, model.features()}, scratch,
        {});
    model_trace<T> result;
    detail::unroll<Model::size>([&](auto i) {
        using layer = typename Model::template layer<i>;
        if constexpr (detail::NeedsWholeSequence<layer>) {
            auto const& both = std::get<i>(scratch);
            result.layers.push_back({Model::template layer_name<i>() + ".forward", {}});
            detail::trace_layer<typename layer::inner>(both.ahead, result.layers.back());
            result.layers.push_back({Model::template layer_name<i>() + ".backward", {}});
            detail::trace_layer<typename layer::inner>(both.back, result.layers.back(), true);
        } else if constexpr (layer::state_count > 0) {
            layer_trace<T>& to = result.layers.emplace_back();
            to.name = Model::template layer_name<i>();
            detail::trace_layer<layer>(std::get<i>(scratch), to);
        }
    });
    return result;
}

} // namespace xrnn::inline XRNN_ABI
