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

template <class Spec, shape Received>
inline constexpr bool fits = false;
template <LayerSpec Spec, shape Received>
inline constexpr bool fits<Spec, Received> = !Spec::needs_sequence || Received.sequence;

/// Layer Position of a model, written Spec, receiving Received from the one before: the place of a
/// mistake. The messages say the remedy first; the compiler's note behind them names this type, and
/// so the position, the layer and what it received.
template <std::size_t Position, class Spec, shape Received>
struct layer_at {
    static constexpr bool is_layer = LayerSpec<Spec>; // not the concepts: their notes are long
    static constexpr bool is_input = Input<Spec>;
    static_assert(
        is_layer || is_input,
        "xrnn: remove this part or derive it from a layer: a model is an input followed by "
        "layers (lstm, gru, simple_rnn, recurrent, stacked, dropout, dense)");
    static_assert(!is_input, "xrnn: remove this input: a model has one, at its beginning");
    static_assert(!is_layer || fits<Spec, Received>,
                  "xrnn: add return_sequences to the recurrent layer before this one: this layer "
                  "needs a sequence and receives the last step only");
};
template <class First>
struct model_beginning_with {
    static constexpr bool is_input = Input<First>;
    static_assert(is_input, "xrnn: begin the model with its input: "
                            "sequential{input<Features>{}, ...} or input<dynamic>{}");
};
template <class In>
struct model_of_nothing_but {
    static constexpr bool has_layers = !Input<In>;
    static_assert(has_layers, "xrnn: add a layer behind the input");
};
struct no_mistake {};

/// The first mistake in a chain of layers: a `layer_at`, not yet instantiated. It is looked for
/// before anything is bound, so that it is the only thing that the compiler has to say.
template <bool Fits, class T, std::size_t Position, shape In, class... Specs>
struct first_mistake {
    using type = no_mistake;
};
template <class T, std::size_t Position, shape In, class Spec, class... Rest>
struct first_mistake<false, T, Position, In, Spec, Rest...> {
    using type = layer_at<Position, Spec, In>;
};
template <class T, std::size_t Position, shape In, class Spec>
struct first_mistake<true, T, Position, In, Spec> {
    using type = no_mistake;
};
template <class T, std::size_t Position, shape In, class Spec, class Next, class... Rest>
struct first_mistake<true, T, Position, In, Spec, Next, Rest...> {
    static constexpr shape received = Spec::template layer<T, In>::output;
    using type = typename first_mistake<fits<Next, received>, T, Position + 1, received, Next,
                                        Rest...>::type;
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

/// What a chain is bound to where it has a mistake: nothing, so that nothing else fails.
template <class Mistake, class In, class Specs>
struct bound_layers {
    using value_type = float;
    using type = std::tuple<>;
    static constexpr shape input{1, true};
    static constexpr shape output{1, false};
};
template <class In, class... Specs>
struct bound_layers<no_mistake, In, std::tuple<Specs...>> {
    using value_type = typename In::value_type;
    using type = typename bind_from<value_type, In::shape, Specs...>::type;
    static constexpr shape input = In::shape;
    static constexpr shape output = bind_from<value_type, In::shape, Specs...>::output;
};

template <class In, class Specs>
struct mistake_in {
    using type = model_beginning_with<In>;
};
template <Input In>
struct mistake_in<In, std::tuple<>> {
    using type = model_of_nothing_but<In>;
};
template <Input In, class Spec, class... Rest>
struct mistake_in<In, std::tuple<Spec, Rest...>> {
    using type = typename first_mistake<fits<Spec, In::shape>, typename In::value_type, 1,
                                        In::shape, Spec, Rest...>::type;
};

/// The layers of a model, and where their parameters lie in its one buffer.
template <class In, class... Parts>
struct chain_of {
    using specs = decltype(std::tuple_cat(expanded(std::declval<Parts>())...));
    /// Instantiated by the model, nearest to the user's line.
    using mistake = typename mistake_in<In, specs>::type;

    using bound = bound_layers<mistake, In, specs>;
    using value_type = typename bound::value_type;
    using layers = typename bound::type;
    static constexpr shape input = bound::input;
    static constexpr shape output = bound::output;
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
        return input.features == dynamic && I == first_with_parameters && n == 0;
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
    /// Where the parameters of layer I begin.
    template <std::size_t I>
    static constexpr auto offsets = [] {
        std::size_t next = 0;
        unroll<I>([&](auto j) { next += count_of<j>(1, false); });
        std::size_t all_others = 0;
        unroll<size>([&](auto j) { all_others += count_of<j>(1, false); });

        auto const infos = layer<I>::parameters(features_of<I>(1));
        std::array<std::size_t, layer<I>::parameter_count> at{};
        for (std::size_t n = 0; n < at.size(); ++n) {
            at[n] = is_dynamic_kernel<I>(n) ? all_others : next;
            next += is_dynamic_kernel<I>(n) ? 0 : infos[n].size();
        }
        return at;
    }();
    static constexpr std::size_t count(std::size_t features) {
        std::size_t total = 0;
        unroll<size>([&](auto j) { total += count_of<j>(features, true); });
        return total;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
