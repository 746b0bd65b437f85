// SPDX-License-Identifier: BSD-3-Clause
//
// A pass of a batch through a whole model, forward and back. The caller owns the scratch.
#pragma once

#include <xrnn/models/sequential.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Model>
struct network {
    using T = typename Model::value_type;
    static constexpr std::size_t size = Model::size;

    template <class Layers>
    struct workspaces_of;
    template <class... Layers>
    struct workspaces_of<std::tuple<Layers...>> {
        using type = std::tuple<typename Layers::workspace...>;
    };
    using workspaces = typename workspaces_of<typename Model::layers>::type;
    /// Initial states of each layer, (batch, states, units); null for zero.
    using initial_states = std::array<T const*, size>;

    /// Lays the parameters out for `forward`, and hands over settings such as a dropout's rate. What
    /// changes in the model later is not seen before the next load.
    static void load(Model const& model, workspaces& w) {
        unroll<size>([&](auto i) {
            using spec = std::tuple_element_t<i, typename Model::specs>;
            if constexpr (HasConfigure<spec, std::tuple_element_t<i, workspaces>>)
                model.template spec<i>().configure(std::get<i>(w));
            Model::template layer<i>::load(model.template locate<i>(),
                                           model.template features_of<i>(), std::get<i>(w));
        });
    }

    /// x time-major. The result lies in the workspaces.
    template <pass Pass>
    static sequence_view<T> forward(sequence_view<T> x, workspaces& w, pass_context context,
                                    initial_states const& initial = {}) {
        unroll<size>([&](auto i) {
            context.layer = i;
            x = Model::template layer<i>::template forward<Pass>(x, std::get<i>(w), context,
                                                                 initial[i]);
        });
        return x;
    }

    /// Adds the gradients of all parameters to `gradient` (laid out as the model's buffer); returns
    /// that of the input if asked for.
    static sequence_view<T> backward(Model const& model, sequence_view<T> dy, workspaces& w,
                                     T* gradient, bool want_input_gradient) {
        unroll<size>([&](auto n) {
            constexpr std::size_t i = size - 1 - n;
            bool const want = want_input_gradient || i > first_with_parameters;
            dy = Model::template layer<i>::backward(model.template locate<i>(), dy, std::get<i>(w),
                                                    Model::template locate<i, T>(gradient), want);
        });
        return dy;
    }

  private:
    static constexpr std::size_t first_with_parameters = [] {
        std::size_t first = size;
        unroll<size>([&](auto i) {
            if (first == size && Model::template layer<i>::parameter_count > 0)
                first = i;
        });
        return first;
    }();
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
