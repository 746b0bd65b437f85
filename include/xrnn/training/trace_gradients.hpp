// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/models/trace.hpp>
#include <xrnn/training/losses.hpp>
#include <xrnn/training/targets.hpp>

namespace xrnn::inline XRNN_ABI {

/// How a loss depends on every state of every recurrent layer at every step of one sequence: its
/// gradients where trace has the states. They vanish or explode over time, or do not.
///
///     auto const g = trace_gradients(model, mean_squared_error{}, x, y);
///     g["lstm"]["h"]        // ∂L/∂h_t, (time, units)
///
/// Of a state that is the layer's output, h, this is the whole derivative. Of another, an LSTM's c_t, it
/// is what reaches it from the next step; what h_t of the same step sends it is not in it. x: (time,
/// features) or (1, time, features); y: as the model's output for it, (1, units) or (1, time, units).
/// Dropout is off. Throws shape_error, value_error.
template <class Input, class... Parts, class L, class X, class Y>
auto trace_gradients(sequential<Input, Parts...> const& model, L loss, X const& x, Y const& y) {
    using Model = sequential<Input, Parts...>;
    using T = typename Model::value_type;
    using net = detail::network<Model>;
    constexpr bool is_loss = Loss<L, T>;
    static_assert(is_loss, "xrnn: the second argument of trace_gradients must be a loss, such as "
                           "mean_squared_error{}");
    static_assert(
        detail::may_have_rank<X, 2, 3>,
        "xrnn: give trace_gradients one sequence, (time, features) or (1, time, features)");
    detail::require_built(model, "trace_gradients");
    detail::dense_values<T> const values(x);
    detail::dense_values<T> const truth(y);
    std::size_t const time =
        detail::check_one_sequence(values, model.features(), "trace_gradients");
    detail::check_settings(loss);
    detail::check_targets<Model, L>(truth, 1, time, "trace_gradients");
    typename net::workspaces scratch;
    net::load(model, scratch);
    detail::trace_layers<Model>(scratch,
                                [](auto, auto& w, bool, auto&) { w.keep_gradients = true; });
    sequence_view<T> const p = net::template forward<pass::train>(
        {values.data(), model.features(), time, 1, model.features()}, scratch, {});
    constexpr std::size_t units = Model::output_shape.features;
    constexpr std::size_t targets = detail::target_units<L>(units);
    simd::aligned_vector<T> dy(p.rows() * units), gradient(model.count_params(), T(0));
    std::size_t counted = 0;
    for (std::size_t r = 0; r < p.rows(); ++r)
        if (p.counts(r)) {
            detail::row_loss(loss, truth.data() + r * targets, p.data + r * p.stride, units,
                             dy.data() + r * units);
            ++counted;
        }
    for (T& d : dy)
        d /= static_cast<T>(std::max<std::size_t>(counted, 1));
    net::backward(model, {dy.data(), units, p.time, p.batch, units}, scratch, gradient.data(),
                  false);
    return detail::trace_layers<Model>(
        scratch,
        []<class Layer>(std::type_identity<Layer>, auto const& w, bool backwards, auto& to) {
            detail::take_states<Layer>(w.gradients.data(), w.time, backwards, to);
        });
}

} // namespace xrnn::inline XRNN_ABI
