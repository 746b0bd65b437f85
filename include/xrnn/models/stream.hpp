// SPDX-License-Identifier: BSD-3-Clause
//
// A model in real time, one step after the other. This header and all that it includes know xsimd
// and not xtensor.
#pragma once

#include <xrnn/models/packed.hpp>

namespace xrnn::inline XRNN_ABI {

/// One running sequence over packed weights: owns the states, refers to the weights.
///
///     auto s = stream{weights};
///     std::span<float const, 1> y = s.step(x);      // x: one time step
///
/// A step is what `predict` computes for the same sequence, one time step at a time; with a model
/// that returns its last step only, each step is that last one. `step` and `process` are noexcept,
/// allocate nothing, take no lock and make no system call. States begin at zero. A step that a masking
/// layer passes over changes nothing and returns the output of the step before.
///
/// The packed weights must outlive the stream.
template <class Model, class Weights = full_precision>
class stream {
  public:
    using value_type = typename Model::value_type;
    static constexpr std::size_t features = Model::input_shape.features; // may be dynamic
    static constexpr std::size_t units = Model::output_shape.features;
    using input_span =
        std::span<value_type const, features == dynamic ? std::dynamic_extent : features>;
    using output_span = std::span<value_type const, units>;

    explicit stream(packed<Model, Weights> const& weights) noexcept : weights_(&weights) {}
    explicit stream(packed<Model, Weights> const&&) noexcept {
        static_assert(sizeof(Model) == 0, "xrnn: make the packed weights a variable: the stream "
                                          "refers to them and they are gone after this line");
    }

    /// The output after one more time step; valid until the next.
    /// Requires: x has as many values as the model has features.
    output_span step(input_span x) noexcept { return output_span(advance(x.data()), units); }

    /// The same for a model of one input and one output: y = s.step(x).
    value_type step(value_type x) noexcept requires(features == 1 && units == 1) {
        return *advance(&x);
    }

    /// Says what is wrong with x.
    template <class X>
    requires(!std::is_convertible_v<X const&, input_span> &&
             !(features == 1 && units == 1 &&
               std::is_convertible_v<X const&, value_type>)) output_span step(X const&)
    noexcept {
        static_assert(sizeof(X) == 0, "xrnn: give step one time step, with as many values as the "
                                      "model has features: a std::array or a std::span of that "
                                      "size, such as stream<Model>::input_span(x.data(), n)");
        return output_span(advance(nullptr), units);
    }

    /// A block of time steps: in (steps, features), out (steps, units), both row-major. Stops where
    /// either ends; returns the number of steps done.
    std::size_t process(std::span<value_type const> in, std::span<value_type> out) noexcept {
        std::size_t const width = weights_->features();
        std::size_t const steps = std::min(in.size() / width, out.size() / units);
        for (std::size_t t = 0; t < steps; ++t)
            std::copy_n(advance(in.data() + t * width), units, out.data() + t * units);
        return steps;
    }

    /// Back to the states at the beginning, zero.
    void reset() noexcept {
        states_ = {};
        last_ = {};
    }

  private:
    template <class Layers>
    struct states_of;
    template <class... Layers>
    struct states_of<std::tuple<Layers...>> {
        using type = std::tuple<typename Layers::step_state...>;
    };

    static constexpr bool may_pass_over = detail::masks_steps<typename Model::layers>;

    value_type const* advance(value_type const* x) noexcept {
        bool counts = true;
        detail::unroll<Model::size>([&](auto i) {
            using layer = typename Model::template layer<i>;
            if constexpr (detail::MasksSteps<layer>)
                counts = counts && !layer::masked(weights_->template layer<i>().mask_value, x,
                                                  weights_->template features_of<i>());
            if (may_pass_over && !counts)
                return;
            if constexpr (layer::input.features == dynamic)
                x = layer::template step<Weights>(weights_->template layer<i>(),
                                                  std::get<i>(states_), weights_->features(), x);
            else
                x = layer::template step<Weights>(
                    weights_->template layer<i>(), std::get<i>(states_),
                    std::integral_constant<std::size_t, layer::input.features>{}, x);
        });
        if constexpr (may_pass_over) {
            if (counts)
                std::copy_n(x, units, last_.data());
            return last_.data();
        }
        return x;
    }

    packed<Model, Weights> const* weights_ = nullptr;
    typename states_of<typename Model::layers>::type states_{};
    std::array<value_type, may_pass_over ? units : 0>
        last_{}; // the output of the last that counted
};

} // namespace xrnn::inline XRNN_ABI
