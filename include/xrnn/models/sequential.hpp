// SPDX-License-Identifier: BSD-3-Clause
//
// A model: layers bound to each other at compile time, and one flat buffer with all parameters.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/layers/dense.hpp>
#include <xrnn/layers/dropout.hpp>
#include <xrnn/layers/input.hpp>
#include <xrnn/layers/masking.hpp>
#include <xrnn/layers/recurrent.hpp>
#include <xrnn/layers/stacked.hpp>
#include <xrnn/models/chain.hpp>

namespace xrnn::inline XRNN_ABI {

namespace detail {
/// Concepts, not requires-expressions in lambdas: clang 14 finds those false.
template <class Spec>
concept HasCheck = requires(Spec const& spec) {
    spec.check();
};
/// A layer's settings go with its scratch, and with its packed weights where a step needs them.
template <class Spec, class Settings>
concept HasConfigure = requires(Spec const& spec, Settings& settings) {
    spec.configure(settings);
};
} // namespace detail

/// One parameter tensor in a model's buffer: "lstm.kernel", its shape, its values (row-major).
template <class T>
struct parameter_view {
    std::string name;
    std::vector<std::size_t> shape;
    std::span<T> values;
};

/// Layers in a row, the first of which is an input:
///
///     auto model = sequential{input<145>{}, lstm<4>{}, dense<1, relu>{}};
///
/// Sizes are bound at compile time; a chain that does not fit is one compile-time error that names
/// the position and the remedy. A model owns its parameters and nothing else: `predict` is const,
/// training keeps its scratch in the trainer, and streams own their states.
///
/// A model with input<dynamic>{} is built, that is, gets its parameters, when the number of features
/// is known: by `build`, by the first `fit`, or by `load`.
template <class Input, class... Parts>
class sequential {
    using chain = detail::chain_of<Input, Parts...>;
    static_assert(sizeof(typename chain::mistake) > 0); // says it, if there is one

  public:
    using value_type = typename chain::value_type;
    /// The layers as bound, stacked parts taken apart; specs are what the user wrote.
    using layers = typename chain::layers;
    using specs = typename chain::specs;
    static constexpr std::size_t size = chain::size;
    static constexpr shape input_shape = chain::input;
    static constexpr shape output_shape = chain::output;
    template <std::size_t I>
    using layer = std::tuple_element_t<I, layers>;

    /// Throws value_error where a setting of a layer is out of its range.
    explicit sequential(Input in, Parts... parts)
        : specs_(std::tuple_cat(detail::expanded(parts)...)) {
        detail::unroll<size>([&](auto i) {
            if constexpr (detail::HasCheck<std::tuple_element_t<i, specs>>)
                std::get<i>(specs_).check();
        });
        if constexpr (input_shape.features != dynamic)
            allocate(input_shape.features);
        else if (in.features != 0)
            build(in.features);
    }

    // ---- parameters ------------------------------------------------------------------------------

    /// Whether the number of features is known and the parameters exist.
    bool built() const { return features() != 0; }
    /// Width of the input; 0 before the model is built.
    std::size_t features() const {
        return input_shape.features != dynamic ? input_shape.features : features_;
    }

    /// Gives the model its parameters, initialised with the seed of the last `initialize` (0).
    /// Throws shape_error if it is built for another width; does nothing if for the same.
    void build(std::size_t features) {
        if (features == 0)
            throw shape_error("build: a model needs at least one feature");
        if (features == this->features())
            return;
        if (built())
            throw shape_error(
                messages::text({"build: the model has ", this->features(),
                                " input features and cannot be built for ", features}));
        allocate(features);
    }

    /// Draws all parameters anew by the layers' initialisers: the same seed, the same parameters.
    void initialize(std::uint64_t seed) {
        seed_ = seed;
        if (built())
            fill(parameters_, features());
    }

    /// Number of parameters of the whole model; Keras's count_params.
    std::size_t count_params() const { return parameters_.size(); }

    /// All parameters in one buffer, layer by layer, a dynamic input's kernel last.
    std::span<value_type> flat() { return parameters_; }
    std::span<value_type const> flat() const { return parameters_; }

    /// All parameters by name: "lstm.kernel", "lstm_1.bias", in the order of the layers.
    std::vector<parameter_view<value_type>> parameters() {
        return views<value_type>(features(), parameters_.data());
    }
    std::vector<parameter_view<value_type const>> parameters() const {
        return views<value_type const>(features(), parameters_.data());
    }
    /// Names and shapes that the parameters would have with so many features; no values.
    static std::vector<parameter_view<value_type const>> parameters_for(std::size_t features) {
        return views<value_type const>(features, nullptr);
    }

    /// One parameter by name. Throws value_error, naming those there are.
    std::span<value_type> parameter(std::string_view name) {
        std::string known;
        for (auto const& p : parameters()) {
            if (p.name == name)
                return p.values;
            known += (known.empty() ? "" : ", ") + p.name;
        }
        throw value_error(
            messages::text({"parameter: no \"", name, "\"; there are ",
                            known.empty() ? "none before the model is built" : known}));
    }

    /// Name of layer I, as Keras numbers them: "lstm", "lstm_1", "dense".
    template <std::size_t I>
    static std::string layer_name() {
        std::size_t before = 0;
        std::string const name(std::tuple_element_t<I, specs>::name);
        detail::unroll<I>(
            [&](auto j) { before += std::tuple_element_t<j, specs>::name == name ? 1 : 0; });
        return before == 0 ? name : messages::text({name, "_", before});
    }

    /// Pointers to layer I's parameters in a buffer laid out as this model's (a gradient, say).
    template <std::size_t I, class P>
    static typename layer<I>::template pointers<P> locate(P* base) {
        typename layer<I>::template pointers<P> at{};
        for (std::size_t n = 0; n < at.size(); ++n)
            at[n] = base + chain::template offsets<I>[n];
        return at;
    }
    template <std::size_t I>
    typename layer<I>::template pointers<value_type const> locate() const {
        return locate<I, value_type const>(parameters_.data());
    }

    /// Width of what layer I reads.
    template <std::size_t I>
    std::size_t features_of() const {
        return chain::template features_of<I>(features());
    }

    template <std::size_t I>
    std::tuple_element_t<I, specs> const& spec() const {
        return std::get<I>(specs_);
    }

    static constexpr std::size_t parameter_count(std::size_t features) {
        return chain::count(features);
    }

    // ---- defined in predict.hpp and summary.hpp --------------------------------------------------

    /// Outputs for a batch x of shape (batch, time, features), any xtensor expression: an xt::xtensor
    /// of shape (batch, units), or (batch, time, units) where the last layer returns sequences.
    ///
    ///     model.predict(x)
    ///     model.predict(x, lengths)            // std::vector<std::size_t>: steps of each row that count
    ///     model.predict(x, states)             // model_states: to begin with and to leave behind
    ///     model.predict(x, lengths, states)
    ///
    /// A step behind the end of its row carries the states, and the output repeats the last one, as
    /// with a mask in Keras. Throws shape_error, value_error. Defined in models/predict.hpp.
    template <class E, class... Rest>
    auto predict(E const& x, Rest&&... rest) const;

    /// A table of the layers as Keras prints it. Defined in models/summary.hpp.
    std::string summary() const;

  private:
    template <class P>
    static std::vector<parameter_view<P>> views(std::size_t features, P* base) {
        std::vector<parameter_view<P>> result;
        if (features == 0)
            return result;
        detail::unroll<size>([&](auto i) {
            auto const infos = layer<i>::parameters(chain::template features_of<i>(features));
            typename layer<i>::template pointers<P> at{};
            if (base != nullptr)
                at = locate<i, P>(base);
            for (std::size_t n = 0; n < infos.size(); ++n) {
                parameter_view<P> view;
                view.name = messages::text({layer_name<i>(), ".", infos[n].name});
                view.shape = {infos[n].extents[0]};
                if (infos[n].extents[1] != 0)
                    view.shape.push_back(infos[n].extents[1]);
                if (base != nullptr)
                    view.values = std::span<P>(at[n], infos[n].size());
                result.push_back(std::move(view));
            }
        });
        return result;
    }

    XRNN_COLD void allocate(std::size_t features) {
        simd::aligned_vector<value_type> parameters(parameter_count(features));
        fill(parameters, features);
        parameters_ = std::move(parameters);
        features_ = features;
    }

    XRNN_COLD void fill(simd::aligned_vector<value_type>& parameters, std::size_t features) const {
        detail::unroll<size>([&](auto i) {
            std::get<i>(specs_).template initialize<layer<i>, value_type>(
                chain::template features_of<i>(features), locate<i, value_type>(parameters.data()),
                seed_, 8 * i);
        });
    }

    specs specs_;
    std::size_t features_ = 0;
    std::uint64_t seed_ = 0;
    simd::aligned_vector<value_type> parameters_;
};

} // namespace xrnn::inline XRNN_ABI
