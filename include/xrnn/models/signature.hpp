// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <xrnn/errors.hpp>
#include <xrnn/models/sequential.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// The names of the activations that a cell takes as template arguments: " sigmoid tanh".
template <class Cell>
struct activations_of {
    static std::string text() { return {}; }
};
template <template <class...> class Cell, class... Activations>
struct activations_of<Cell<Activations...>> {
    static std::string text() {
        return messages::text({messages::text({" ", Activations::name})...});
    }
};
template <template <std::size_t, class...> class Cell, std::size_t N, class... Activations>
struct activations_of<Cell<N, Activations...>> {
    static std::string text() {
        return messages::text({messages::text({" ", Activations::name})...});
    }
};

template <class Spec>
concept HasCell = requires {
    typename Spec::cell;
};

template <class Spec>
concept WrapsLayer = requires {
    typename Spec::wrapped_type;
};
template <class Spec>
std::string activation_names() {
    if constexpr (WrapsLayer<Spec>)
        return activation_names<typename Spec::wrapped_type>();
    else if constexpr (HasCell<Spec>)
        return activations_of<typename Spec::cell>::text();
    else
        return {};
}

} // namespace detail

/// A model's architecture, a line for its input and one for each layer, with what a table of shapes
/// does not tell: activations and the value type. Two models compute the same from the same
/// parameters if their signatures are equal (settings such as a dropout's rate aside).
template <class Input, class... Parts>
std::string signature(sequential<Input, Parts...> const& model) {
    using Model = sequential<Input, Parts...>;
    std::string text =
        messages::text({"input ", model.features(),
                        sizeof(typename Model::value_type) == 4 ? " float32" : " float64"});
    detail::unroll<Model::size>([&](auto i) {
        using spec = std::tuple_element_t<i, typename Model::specs>;
        using layer = typename Model::template layer<i>;
        text +=
            messages::text({"\n", Model::template layer_name<i>(), " ", layer::output.features});
        if (layer::output.sequence)
            text += " a step";
        text += detail::activation_names<spec>();
        for (auto const& p : layer::parameters(model.template features_of<i>()))
            text +=
                messages::text({" ", p.name, "(", p.extents[0],
                                p.extents[1] == 0 ? "" : messages::text({",", p.extents[1]}), ")"});
    });
    return text;
}

} // namespace xrnn::inline XRNN_ABI
