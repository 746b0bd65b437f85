// SPDX-License-Identifier: BSD-3-Clause
//
// How layers are bound to each other at compile time, and what is said when they do not fit.
#pragma once

#include <tuple>

#include <xrnn/layout.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// A part as the layers that it stands for.
template <class Part>
auto expanded(Part const& part) {
    if constexpr (requires { part.expand(); })
        return part.expand();
    else
        return std::tuple{part};
}

template <class Part>
concept Input = requires {
    Part::shape.features;
};

template <class Part>
concept LayerSpec = requires {
    { Part::needs_sequence } -> std::convertible_to<bool>;
    { Part::name } -> std::convertible_to<std::string_view>;
};

/// Layer Position of a model, written Spec, receiving Received from the one before. The messages
/// say the remedy first; the compiler's note behind them names this type, and so the position.
template <std::size_t Position, class Spec, shape Received>
struct layer_at {
    static constexpr bool is_layer = LayerSpec<Spec>;
    static_assert(
        is_layer || Input<Spec>,
        "xrnn: remove this part or derive it from a layer: a model is an input followed by "
        "layers (lstm, gru, simple_rnn, recurrent, stacked, dropout, dense)");
    static_assert(!Input<Spec>, "xrnn: remove this input: a model has one, at its beginning");

    static constexpr bool fits() {
        if constexpr (is_layer)
            return !Spec::needs_sequence || Received.sequence;
        else
            return false;
    }
    static_assert(!is_layer || fits(),
                  "xrnn: add return_sequences to the recurrent layer before this one: this layer "
                  "needs a sequence and receives the last step only");
};

template <class T, shape In, class... Specs>
struct bind_from {
    using type = std::tuple<>;
    static constexpr shape output = In;
};
template <class T, shape In, class Spec, class... Rest>
struct bind_from<T, In, Spec, Rest...> {
    using here = typename Spec::template layer<T, In>;
    using rest = bind_from<T, here::output, Rest...>;
    using type = decltype(std::tuple_cat(std::declval<std::tuple<here>>(),
                                         std::declval<typename rest::type>()));
    static constexpr shape output = rest::output;
};

/// Checks every place before anything is bound, so that a mistake is reported once.
template <std::size_t Position, shape In>
constexpr bool places_fit(list<>) {
    return true;
}
template <std::size_t Position, shape In, class Spec, class... Rest>
constexpr bool places_fit(list<Spec, Rest...>) {
    if constexpr (!layer_at<Position, Spec, In>::fits())
        return false;
    else
        return places_fit<Position + 1, Spec::template layer<float, In>::output>(list<Rest...>{});
}

template <class T, shape In, class Specs>
struct bound_layers;
template <class T, shape In, class... Specs>
struct bound_layers<T, In, std::tuple<Specs...>> {
    static constexpr bool fit = places_fit<1, In>(list<Specs...>{});
    using bound = std::conditional_t<fit, bind_from<T, In, Specs...>, bind_from<T, In>>;
    using specs = std::conditional_t<fit, std::tuple<Specs...>, std::tuple<>>;
};

/// The layers of a model, and where their parameters lie in its one buffer.
template <class In, class... Parts>
struct chain_of {
    static_assert(Input<In>, "xrnn: begin the model with its input: "
                             "sequential{input<Features>{}, ...} or input<dynamic>{}");
    static_assert(sizeof...(Parts) > 0, "xrnn: add a layer behind the input");

    using value_type = typename In::value_type;
    using all = decltype(std::tuple_cat(expanded(std::declval<Parts>())...));
    using bound = bound_layers<value_type, In::shape, all>;
    using layers = typename bound::bound::type;
    using specs = typename bound::specs;
    static constexpr shape output = bound::bound::output;
    static constexpr std::size_t size = std::tuple_size_v<layers>;

    template <std::size_t I>
    using layer = std::tuple_element_t<I, layers>;

    /// The first layer that has parameters: only its kernel can be dynamic.
    static constexpr std::size_t first_with_parameters = [] {
        std::size_t first = size;
        unroll<size>([&](auto i) {
            if (first == size && layer<i>::parameter_count > 0)
                first = i;
        });
        return first;
    }();

    template <std::size_t I>
    static constexpr std::size_t features_of(std::size_t features) {
        return layer<I>::input.features == dynamic ? features : layer<I>::input.features;
    }
    /// Whether parameter n of layer I is as wide as the data: it lies last, so that all other
    /// offsets are compile-time constants.
    template <std::size_t I>
    static constexpr bool is_dynamic_kernel(std::size_t n) {
        return In::shape.features == dynamic && I == first_with_parameters && n == 0;
    }
    template <std::size_t I>
    static constexpr std::size_t count_of(std::size_t features, bool with_dynamic) {
        std::size_t total = 0;
        auto const infos = layer<I>::parameters(features_of<I>(features));
        for (std::size_t n = 0; n < infos.size(); ++n)
            if (with_dynamic || !is_dynamic_kernel<I>(n))
                total += infos[n].size();
        return total;
    }
    template <std::size_t I>
    static constexpr std::size_t offset_of(std::size_t features) {
        std::size_t offset = 0;
        unroll<I>([&](auto j) { offset += count_of<j>(features, false); });
        return offset;
    }
    static constexpr std::size_t count(std::size_t features) {
        std::size_t total = 0;
        unroll<size>([&](auto j) { total += count_of<j>(features, true); });
        return total;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
