// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/layers/recurrent.hpp>

namespace xrnn::inline XRNN_ABI {

/// How the two directions' outputs become one: side by side, or unit by unit. Keras's merge_mode.
enum class merge { concat, sum, mul, ave };

namespace detail {

/// "forward." and "backward." before the names of a layer's parameters.
template <class Inner>
struct names_of_both {
    static constexpr std::size_t count = Inner::parameter_count;
    static constexpr std::size_t longest = 48;
    struct text {
        std::array<char, longest> letters{};
        std::size_t size = 0;
        constexpr void append(std::string_view more) {
            for (char const c : more)
                letters[size++] = c; // does not compile where the name is too long
        }
        constexpr operator std::string_view() const { return {letters.data(), size}; }
    };
    static constexpr std::array<text, 2 * count> texts = [] {
        std::array<text, 2 * count> result{};
        auto const infos = Inner::parameters(1);
        for (std::size_t n = 0; n < 2 * count; ++n) {
            result[n].append(n < count ? "forward." : "backward.");
            result[n].append(infos[n % count].name);
        }
        return result;
    }();
};

template <class Inner, merge Mode>
struct bidirectional_layer {
    using value_type = typename Inner::value_type;
    using T = value_type;
    using inner = Inner;
    static constexpr std::size_t units = Inner::output.features; // that leave a direction
    static constexpr shape input = Inner::input;
    static constexpr shape output{(Mode == merge::concat ? 2 : 1) * units, Inner::output.sequence};
    static constexpr std::size_t state_count = 2 * Inner::state_count;
    static constexpr std::size_t state_size = 2 * Inner::state_size;
    static constexpr bool needs_whole_sequence = true;

    static constexpr std::size_t parameter_count = 2 * Inner::parameter_count;
    static constexpr std::array<parameter_info, parameter_count> parameters(std::size_t features) {
        std::array<parameter_info, parameter_count> infos{};
        auto const one = Inner::parameters(features);
        for (std::size_t n = 0; n < parameter_count; ++n)
            infos[n] = {names_of_both<Inner>::texts[n], one[n % one.size()].extents};
        return infos;
    }
    template <class P>
    using pointers = std::array<P*, parameter_count>;

    struct workspace {
        typename Inner::workspace ahead, back;
        simd::aligned_vector<T> reversed_x, y, dy_ahead, dy_back, dx, states;
        std::vector<std::uint8_t> reversed_mask;
        sequence_view<T> y_ahead{}, y_back{}; // the latter from the end to the beginning
    };

    static void load(pointers<T const> const& at, std::size_t features, workspace& w) {
        Inner::load(half<0>(at), features, w.ahead);
        Inner::load(half<1>(at), features, w.back);
    }

    /// initial: (batch, state_size), for each row first the forward direction's.
    template <pass Pass>
    static sequence_view<T> forward(sequence_view<T> const& x, workspace& w,
                                    pass_context const& context, T const* initial = nullptr) {
        pass_context other = context;
        other.layer += other_direction; // so that masks differ
        w.y_ahead =
            Inner::template forward<Pass>(x, w.ahead, context, states_of<0>(initial, x.batch, w));
        w.y_back = Inner::template forward<Pass>(reversed(x, w), w.back, other,
                                                 states_of<1>(initial, x.batch, w));
        w.y.resize(w.y_ahead.rows() * output.features);
        T* to = w.y.data();
        for_rows(w, [&](T const* a, T const* b, std::size_t, std::size_t) {
            for (std::size_t u = 0; u < units; ++u)
                to[u] = Mode == merge::concat ? a[u]
                        : Mode == merge::sum  ? a[u] + b[u]
                        : Mode == merge::mul  ? a[u] * b[u]
                                              : (a[u] + b[u]) / 2;
            if (Mode == merge::concat)
                std::copy_n(b, units, to + units);
            to += output.features;
        });
        return {w.y.data(),      output.features, w.y_ahead.time,
                w.y_ahead.batch, output.features, w.y_ahead.mask};
    }

    static sequence_view<T> backward(pointers<T const> const& at, sequence_view<T> const& dy,
                                     workspace& w, pointers<T> const& gradients, bool want_dx) {
        w.dy_ahead.resize(dy.rows() * units);
        w.dy_back.resize(dy.rows() * units);
        T const* from = dy.data;
        for_rows(w, [&](T const* a, T const* b, std::size_t row, std::size_t row_back) {
            T* const da = w.dy_ahead.data() + row * units;
            T* const db = w.dy_back.data() + row_back * units;
            for (std::size_t u = 0; u < units; ++u) {
                da[u] = Mode == merge::mul   ? from[u] * b[u]
                        : Mode == merge::ave ? from[u] / 2
                                             : from[u];
                db[u] = Mode == merge::concat ? from[units + u]
                        : Mode == merge::mul  ? from[u] * a[u]
                                              : da[u];
            }
            from += dy.stride;
        });
        sequence_view<T> const ahead =
            Inner::backward(half<0>(at), {w.dy_ahead.data(), units, dy.time, dy.batch, units},
                            w.ahead, half<0>(gradients), want_dx);
        sequence_view<T> const back =
            Inner::backward(half<1>(at), {w.dy_back.data(), units, dy.time, dy.batch, units},
                            w.back, half<1>(gradients), want_dx);
        if (!want_dx)
            return {};
        reverse(back, w.dx);
        for (std::size_t r = 0; r < ahead.rows(); ++r)
            for (std::size_t k = 0; k < ahead.features; ++k)
                w.dx[r * ahead.features + k] += ahead.data[r * ahead.stride + k];
        return {w.dx.data(), ahead.features, ahead.time, ahead.batch, ahead.features};
    }

    static void final_states(workspace const& w, T* to) {
        both_of(w, to, [](auto const& one, T* states) { Inner::final_states(one, states); });
    }
    static void initial_state_gradient(workspace const& w, T* to) {
        both_of(w, to,
                [](auto const& one, T* states) { Inner::initial_state_gradient(one, states); });
    }

    // Not for streams: packed says so. What follows keeps the compiler from saying more.
    using packed_weights = std::array<T, 0>;
    template <class Weights>
    static packed_weights pack(pointers<T const> const&, std::size_t) {
        return {};
    }
    struct step_state {};
    template <class Weights, class Features>
    static T const* step(packed_weights const&, step_state&, Features, T const* x) noexcept {
        return x;
    }

  private:
    template <std::size_t Half, class P>
    static typename Inner::template pointers<P> half(std::array<P*, parameter_count> const& at) {
        typename Inner::template pointers<P> result{};
        std::copy_n(at.begin() + Half * result.size(), result.size(), result.begin());
        return result;
    }

    /// Row by row the states that get(direction, to) gives, the forward direction's first.
    static void both_of(workspace const& w, T* to, auto const& get) {
        std::size_t const size = Inner::state_size;
        std::size_t const batch = w.ahead.batch;
        std::vector<T> both(2 * batch * size);
        get(w.ahead, both.data());
        get(w.back, both.data() + batch * size);
        for (std::size_t b = 0; b < batch; ++b, to += 2 * size) {
            std::copy_n(both.data() + b * size, size, to);
            std::copy_n(both.data() + (batch + b) * size, size, to + size);
        }
    }

    static sequence_view<T> reversed(sequence_view<T> const& x, workspace& w) {
        reverse(x, w.reversed_x);
        if (x.mask != nullptr) {
            w.reversed_mask.resize(x.rows());
            for (std::size_t t = 0; t < x.time; ++t)
                std::copy_n(x.mask + t * x.batch, x.batch,
                            w.reversed_mask.data() + (x.time - 1 - t) * x.batch);
        }
        return {w.reversed_x.data(),
                x.features,
                x.time,
                x.batch,
                x.features,
                x.mask == nullptr ? nullptr : w.reversed_mask.data()};
    }

    /// The rows of x from the last step to the first, dense.
    static void reverse(sequence_view<T> const& x, simd::aligned_vector<T>& to) {
        to.resize(x.rows() * x.features);
        T* row = to.data();
        for (std::size_t t = x.time; t-- > 0;)
            for (std::size_t b = 0; b < x.batch; ++b, row += x.features)
                std::copy_n(x.row(t, b), x.features, row);
    }

    /// One direction's part of the initial states.
    template <std::size_t Half>
    static T const* states_of(T const* initial, std::size_t batch, workspace& w) {
        if (initial == nullptr)
            return nullptr;
        std::size_t const size = Inner::state_size;
        w.states.resize(batch * size);
        for (std::size_t b = 0; b < batch; ++b)
            std::copy_n(initial + (2 * b + Half) * size, size, w.states.data() + b * size);
        return w.states.data();
    }

    /// f(forward's output, backward's output at the same step, their rows).
    static void for_rows(workspace const& w, auto const& f) {
        std::size_t const time = w.y_ahead.time, batch = w.y_ahead.batch;
        for (std::size_t t = 0; t < time; ++t)
            for (std::size_t b = 0; b < batch; ++b)
                f(w.y_ahead.row(t, b), w.y_back.row(time - 1 - t, b), t * batch + b,
                  (time - 1 - t) * batch + b);
    }
};

template <class Layer>
concept RecurrentSpec = requires {
    typename Layer::cell;
    typename Layer::returning_sequences;
};

} // namespace detail

/// A recurrent layer twice, with weights of their own: over the sequence as it is, and from its end to
/// its beginning. The outputs are merged step by step; without return_sequences, the last of each
/// direction is, that of the backward one being at the first step. Keras's Bidirectional, PyTorch's
/// bidirectional=True.
///
///     bidirectional<lstm<16>>{}                                     // (batch, 32)
///     bidirectional<gru<8, return_sequences>, merge::sum>{}         // (batch, time, 8)
///
/// Parameters: the layer's, "forward." and "backward." before their names. Needs the whole sequence, so
/// it cannot be streamed. Source: Schuster and Paliwal 1997.
template <class Layer, merge Mode = merge::concat>
struct bidirectional {
    static constexpr bool wraps_recurrent = detail::RecurrentSpec<Layer>;
    static_assert(wraps_recurrent, "xrnn: bidirectional wraps a recurrent layer: "
                                   "bidirectional<lstm<16>>");
    using wrapped_type = std::conditional_t<wraps_recurrent, Layer, simple_rnn<1>>;

    wrapped_type wrapped{}; // its settings count for both directions

    static constexpr std::size_t units = wrapped_type::units;
    static constexpr std::string_view name = "bidirectional";
    static constexpr bool needs_sequence = true;

    template <class T, shape In>
    using layer = detail::bidirectional_layer<typename wrapped_type::template layer<T, In>, Mode>;

    using returning_sequences = bidirectional<typename wrapped_type::returning_sequences, Mode>;
    returning_sequences as_sequences() const { return {wrapped.as_sequences()}; }

    template <class Bound, class T>
    void initialize(std::size_t features, typename Bound::template pointers<T> const& at,
                    std::uint64_t seed, std::uint64_t stream) const {
        using inner = typename Bound::inner;
        typename inner::template pointers<T> half{};
        for (std::size_t n = 0; n < 2; ++n) {
            std::copy_n(at.begin() + n * half.size(), half.size(), half.begin());
            wrapped.template initialize<inner, T>(features, half, seed, stream + 4 * n);
        }
    }

    template <class Bound>
    parameter_rule rule(std::size_t n) const {
        using inner = typename Bound::inner;
        return wrapped.template rule<inner>(n % inner::parameter_count);
    }

    void configure(auto& settings) const requires requires {
        settings.ahead;
        settings.back;
    }
    {
        wrapped.configure(settings.ahead);
        wrapped.configure(settings.back);
    }
};

/// Both directions as PyTorch's begin; see recurrent's.
template <class Layer, merge Mode>
bidirectional<Layer, Mode> torch_defaults(bidirectional<Layer, Mode> layer) {
    layer.wrapped = torch_defaults(layer.wrapped);
    return layer;
}

} // namespace xrnn::inline XRNN_ABI
