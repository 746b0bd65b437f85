// SPDX-License-Identifier: BSD-3-Clause
//
// Recurrent layers: any cell over a sequence.
#pragma once

#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>
#include <xrnn/cells/simple_rnn.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/initializers.hpp>
#include <xrnn/layers/cell_faults.hpp>
#include <xrnn/layers/cell_layer.hpp>
#include <xrnn/layers/options.hpp>
#include <xrnn/regularizers.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {

template <class C>
concept HasForgetGate = requires {
    typename C::bias_starts_at_one;
};

} // namespace detail

/// A cell over a sequence: (batch, time, features) -> (batch, Units), the output at the last step, or
/// (batch, time, Units) with the option return_sequences. States begin at zero.
///
/// Options (types, in any order): return_sequences, use_bias<false>.
/// Settings (values): the initialisers, with Keras's defaults; regularisers and constraints of kernel,
/// recurrent kernel and bias (regularizers.hpp), which only training reads; and recurrent_dropout, the part of what
/// recurrent products read that is dropped in training:
///
///     U·h_{t-1} becomes U·(h_{t-1}∘m), m = 0 with probability recurrent_dropout, else
///     1 / (1 - recurrent_dropout); the same at all steps, its own for each row and gate
///
/// fit and predict throw value_error unless 0 <= recurrent_dropout < 1, or where it is not 0 and the
/// cell has no recurrent product, or vectors of another width than Units. Sources: Gal and Ghahramani 2016; Keras's LSTM.
template <class Cell, std::size_t Units, class... Options>
struct recurrent {
    static_assert(Units > 0, "xrnn: a layer needs at least one unit");
    static_assert((detail::is_option<Options> && ...),
                  "xrnn: unknown option of a recurrent layer; there are return_sequences, "
                  "use_bias<false>, activation<A>, recurrent_activation<A>, reset_after<false>");

    static constexpr detail::cell_fault fault = detail::fault_of<Cell>();
    static_assert(fault != detail::cell_fault::incomplete,
                  "xrnn: a cell has a name, states, an output and a flow; see docs/cells.md");
    static_assert(fault != detail::cell_fault::arguments,
                  "xrnn: let next take one argument for each of the Ins of its lanes, in order");
    static_assert(fault != detail::cell_fault::results,
                  "xrnn: let next return a std::tuple of the Outs of its lanes, then of the Shown");
    static_assert(fault != detail::cell_fault::unknown_name,
                  "xrnn: the Ins of lanes are sums of an affine node, weights, Outs of an earlier "
                  "node, or prev<state> of a state of the cell");
    static_assert(fault != detail::cell_fault::lost_state,
                  "xrnn: let a node compute each state: it must be among the Outs of lanes");

    initializer kernel_initializer = glorot_uniform{};
    initializer recurrent_initializer = orthogonal{};
    initializer bias_initializer = zeros{};
    bool unit_forget_bias = true; // where the cell has a forget gate, its bias begins at 1
    double recurrent_dropout = 0;
    regularizer kernel_regularizer{};
    regularizer recurrent_regularizer{};
    regularizer bias_regularizer{};
    constraint kernel_constraint{};
    constraint recurrent_constraint{};
    constraint bias_constraint{};

    using cell = std::conditional_t<fault == detail::cell_fault::none, Cell,
                                    simple_rnn_cell<>>; // so that nothing else fails
    static constexpr std::size_t units = Units;
    static_assert(detail::plan<cell>::widest(Units) <= Units,
                  "xrnn: a vector of a cell is wider than its layer has units; give the layer more "
                  "units, or project to fewer");
    static_assert(
        !detail::ScansOverTime<cell> || detail::may_scan<cell>,
        "xrnn: a cell that scans over time has one affine node, which sees x_t alone, one "
        "lanes node and one state, its output");
    static constexpr std::string_view name = cell::name;
    static constexpr bool needs_sequence = true;
    static constexpr bool sequences = detail::contains<list<Options...>, return_sequences>;
    static constexpr bool with_bias = !detail::contains<list<Options...>, use_bias<false>>;

    template <class T, shape In>
    using layer = detail::cell_layer<cell, T, In, Units, sequences, with_bias>;

    /// The same layer, returning sequences: what every layer of a stack but the last does.
    using returning_sequences =
        std::conditional_t<sequences, recurrent,
                           recurrent<Cell, Units, Options..., return_sequences>>;
    returning_sequences as_sequences() const {
        return {kernel_initializer, recurrent_initializer, bias_initializer,      unit_forget_bias,
                recurrent_dropout,  kernel_regularizer,    recurrent_regularizer, bias_regularizer,
                kernel_constraint,  recurrent_constraint,  bias_constraint};
    }

    /// Streams do not come by here, and so carry no error's text that they cannot need.
    void configure(auto& settings) const requires requires { settings.recurrent_dropout; }
    {
        detail::check_rate(recurrent_dropout, name, "recurrent_dropout");
        if constexpr (!detail::may_drop<cell>)
            if (recurrent_dropout > 0)
                throw value_error(
                    std::string(name) +
                    ": recurrent_dropout must be 0: the cell has no recurrent product, "
                    "or one of another width");
        settings.recurrent_dropout = recurrent_dropout;
    }

    /// What training adds to the loss for parameter n, and how large it may become. A projection
    /// and weights of single units have no such settings.
    template <class Layer>
    parameter_rule rule(std::size_t n) const {
        std::size_t k = 0;
        if (Layer::plan::has_kernel && n == k++)
            return {kernel_regularizer, kernel_constraint};
        if (Layer::plan::has_recurrent_kernel && n == k++)
            return {recurrent_regularizer, recurrent_constraint};
        if (Layer::has_bias && n == k++)
            return {bias_regularizer, bias_constraint};
        return {};
    }

    template <class Layer, class T>
    XRNN_COLD void initialize(std::size_t features, typename Layer::template pointers<T> const& at,
                              std::uint64_t seed, std::uint64_t stream) const {
        auto const infos = Layer::parameters(features);
        std::size_t n = 0;
        auto const next = [&](initializer const& how) {
            detail::initialize(how, infos[n], random_stream(seed, stream + n), at[n]);
            ++n;
        };
        if constexpr (Layer::plan::has_kernel)
            next(kernel_initializer);
        if constexpr (Layer::plan::has_recurrent_kernel)
            next(recurrent_initializer);
        if constexpr (Layer::has_bias)
            next(bias_initializer);
        for (std::size_t k = 0; k < Layer::plan::projections::size; ++k)
            next(kernel_initializer);
        auto const named = Layer::named(at);
        if constexpr (Layer::has_bias && detail::HasForgetGate<cell>)
            if (unit_forget_bias)
                detail::for_each<typename cell::bias_starts_at_one>([&]<class Sum>(
                                                                        std::type_identity<Sum>) {
                    std::fill_n(named.bias +
                                    detail::offset_in<Sum>(typename Layer::plan::biased{}, Units),
                                detail::width_of<Sum>(Units), T(1));
                });
        // the others start where the cell says
        detail::for_each<typename Layer::plan::unit_weights>(
            [weight = named.unit_weights]<class W>(std::type_identity<W>) mutable {
                std::fill_n(*weight++, Units, static_cast<T>(W::start));
            });
    }
};

/// A layer that begins as PyTorch's of its kind does, for comparing trainings with PyTorch's; of dense and
/// bidirectional too:
///
///     sequential{input<5>{}, torch_defaults(lstm<16>{}), torch_defaults(dense<1>{})}
///
/// All parameters are uniform in ±1 / sqrt(units), no bias is 1 (see torch_bias). Source: PyTorch's RNNBase.
template <class Cell, std::size_t Units, class... Options>
recurrent<Cell, Units, Options...> torch_defaults(recurrent<Cell, Units, Options...> layer) {
    double const limit = 1 / std::sqrt(static_cast<double>(Units));
    layer.kernel_initializer = layer.recurrent_initializer = random_uniform{-limit, limit};
    layer.bias_initializer = torch_bias{limit};
    layer.unit_forget_bias = false;
    return layer;
}

/// Long short-term memory; see lstm_cell for the equations. Keras's LSTM.
template <std::size_t Units, class... Options>
using lstm = recurrent<lstm_cell<detail::type_option_t<recurrent_activation, sigmoid, Options...>,
                                 detail::type_option_t<activation, tanh, Options...>>,
                       Units, Options...>;

/// Gated recurrent unit; see gru_cell. Keras's GRU.
template <std::size_t Units, class... Options>
using gru = recurrent<gru_cell<detail::type_option_t<recurrent_activation, sigmoid, Options...>,
                               detail::type_option_t<activation, tanh, Options...>,
                               !detail::contains<list<Options...>, reset_after<false>>>,
                      Units, Options...>;

/// The plain recurrent layer; see simple_rnn_cell. Keras's SimpleRNN.
template <std::size_t Units, class... Options>
using simple_rnn = recurrent<simple_rnn_cell<detail::type_option_t<activation, tanh, Options...>>,
                             Units, Options...>;

} // namespace xrnn::inline XRNN_ABI
