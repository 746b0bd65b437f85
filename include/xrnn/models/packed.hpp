// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/models/sequential.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Layers>
inline constexpr bool can_stream = true;
template <class... Layers>
inline constexpr bool can_stream<std::tuple<Layers...>> = !(NeedsWholeSequence<Layers> || ...);

template <class Layers>
inline constexpr bool masks_steps = false;
template <class... Layers>
inline constexpr bool masks_steps<std::tuple<Layers...>> = (MasksSteps<Layers> || ...);

} // namespace detail

/// A model's weights laid out for stepping: immutable, shared by any number of streams and threads.
/// Later changes of the model do not reach it. Throws value_error for a model that is not built.
///
///     auto const weights = packed{model};               // as they were trained
///     auto const small = packed{model, bfloat16{}};     // half the memory; see packing.hpp
template <class Model, class Weights = full_precision>
class packed {
    static constexpr bool step_by_step = detail::can_stream<typename Model::layers>;
    static_assert(
        step_by_step,
        "xrnn: use predict for a model with a bidirectional layer: its backward half begins "
        "at the end of the sequence, so it cannot run one step at a time");

    template <class Layers>
    struct weights_of;
    template <class... Layers>
    struct weights_of<std::tuple<Layers...>> {
        using type = std::tuple<typename Layers::packed_weights...>;
    };

  public:
    using model_type = Model;
    using value_type = typename Model::value_type;

    XRNN_COLD explicit packed(Model const& model, Weights = {}) : features_(model.features()) {
        if constexpr (Model::input_shape.features == dynamic)
            if (!model.built())
                throw value_error("packed: the model is not built yet: fit it, load it, or call "
                                  "build(features) first");
        detail::unroll<Model::size>([&](auto i) {
            std::get<i>(layers_) = Model::template layer<i>::template pack<Weights>(
                model.template locate<i>(), model.template features_of<i>());
            using spec = std::tuple_element_t<i, typename Model::specs>;
            if constexpr (detail::HasConfigure<spec,
                                               typename Model::template layer<i>::packed_weights>)
                model.template spec<i>().configure(std::get<i>(layers_));
        });
    }

    std::size_t features() const noexcept { return features_; }
    /// Width of what layer I reads.
    template <std::size_t I>
    std::size_t features_of() const noexcept {
        std::size_t const own = Model::template layer<I>::input.features;
        return own == dynamic ? features_ : own;
    }
    template <std::size_t I>
    auto const& layer() const noexcept {
        return std::get<I>(layers_);
    }

  private:
    std::size_t features_;
    typename weights_of<typename Model::layers>::type layers_;
};

} // namespace xrnn::inline XRNN_ABI
