// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/cells/dense.hpp>
#include <xrnn/initializers.hpp>
#include <xrnn/layers/cell_layer.hpp>
#include <xrnn/layers/options.hpp>
#include <xrnn/regularizers.hpp>

namespace xrnn::inline XRNN_ABI {

/// y = a(W·x + b): (batch, features) -> (batch, Units), and per step on sequences, (batch, time,
/// features) -> (batch, time, Units). Keras's Dense. Option: use_bias<false>.
template <std::size_t Units, class Activation = linear, class... Options>
struct dense {
    static_assert(Units > 0, "xrnn: a layer needs at least one unit");
    static_assert((detail::is_dense_option<Options> && ...),
                  "xrnn: unknown option of a dense layer; there is use_bias<false>");

    initializer kernel_initializer = glorot_uniform{};
    initializer bias_initializer = zeros{};
    regularizer kernel_regularizer{}; // these four: see regularizers.hpp
    regularizer bias_regularizer{};
    constraint kernel_constraint{};
    constraint bias_constraint{};

    using cell = dense_cell<Activation>;
    static constexpr std::size_t units = Units;
    static constexpr std::string_view name = "dense";
    static constexpr bool needs_sequence = false;
    static constexpr bool with_bias = !detail::contains<list<Options...>, use_bias<false>>;

    template <class T, shape In>
    using layer = detail::cell_layer<cell, T, In, Units, true, with_bias>;

    /// What training adds to the loss for parameter n, and how large it may become.
    template <class Layer>
    parameter_rule rule(std::size_t n) const {
        return n == 0 ? parameter_rule{kernel_regularizer, kernel_constraint}
                      : parameter_rule{bias_regularizer, bias_constraint};
    }

    template <class Layer, class T>
    void initialize(std::size_t features, typename Layer::template pointers<T> const& at,
                    std::uint64_t seed, std::uint64_t stream) const {
        auto const infos = Layer::parameters(features);
        detail::initialize(kernel_initializer, infos[0], random_stream(seed, stream), at[0]);
        if constexpr (Layer::has_bias)
            detail::initialize(bias_initializer, infos[1], random_stream(seed, stream + 1), at[1],
                               features);
    }
};

/// As PyTorch's Linear begins: kernel and bias uniform in ±1 / sqrt(features), which is what its
/// kaiming_uniform with a = sqrt(5) comes to. See recurrent's.
template <std::size_t Units, class Activation, class... Options>
dense<Units, Activation, Options...> torch_defaults(dense<Units, Activation, Options...> layer) {
    layer.kernel_initializer = layer.bias_initializer = fan_in_uniform{};
    return layer;
}

} // namespace xrnn::inline XRNN_ABI
