// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/models/sequential.hpp>
#include <xrnn/tensor/batch.hpp>

namespace xrnn::inline XRNN_ABI {

/// The states of every recurrent layer of a model, for some rows: what a prediction begins with and
/// leaves behind. They begin at zero.
///
///     model_states s{model, 32};                 // rows
///     auto const first = model.predict(a, s);    // from zero; now s is what a has left
///     auto const second = model.predict(b, s);   // goes on where a ended
///     s.get("lstm", "h");                        // (rows, units)
///
/// The layers have the names of summary and of weight files; the two directions of a bidirectional
/// layer are "bidirectional.forward" and "bidirectional.backward".
template <class Model>
class model_states {
  public:
    using value_type = typename Model::value_type;

    explicit model_states(Model const&, std::size_t rows = 1) { resize(rows); }
    model_states() = default;

    std::size_t rows() const { return rows_; }

    /// All states zero, for so many rows.
    void reset(std::size_t rows) {
        resize(rows);
        for (auto& values : values_)
            std::fill(values.begin(), values.end(), value_type(0));
    }
    void reset() { reset(rows_); }

    /// One state, (rows, units), or as many columns as it has entries. Throws value_error, naming those there are.
    xt::xtensor<value_type, 2> get(std::string_view layer, std::string_view state) const {
        place const at = find(layer, state);
        xt::xtensor<value_type, 2> result(std::array<std::size_t, 2>{rows_, at.units});
        for (std::size_t r = 0; r < rows_; ++r)
            std::copy_n(values_[at.layer].data() + at.offset(r), at.units,
                        result.data() + r * at.units);
        return result;
    }

    /// Sets one state from an expression of that shape. Throws value_error, shape_error.
    template <class E>
    void set(std::string_view layer, std::string_view state, E const& values) {
        place const at = find(layer, state);
        detail::dense_values<value_type> const from(values);
        if (from.rank() != 2 || from.shape(0) != rows_ || from.shape(1) != at.units)
            throw shape_error(
                messages::text({"model_states: ", layer, "'s ", state, " has shape (", rows_, ", ",
                                at.units, "), not ", detail::shape_text(from.shape())}));
        for (std::size_t r = 0; r < rows_; ++r)
            std::copy_n(from.data() + r * at.units, at.units,
                        values_[at.layer].data() + at.offset(r));
    }

    /// Those of layer I, (rows, its states behind each other).
    template <std::size_t I>
    std::span<value_type> layer() {
        return values_[I];
    }

  private:
    /// Where a state lies.
    struct place {
        std::size_t layer, first, units, record;
        std::size_t offset(std::size_t row) const { return row * record + first; }
    };

    template <std::size_t I>
    static constexpr std::size_t record = Model::template layer<I>::state_size;

    void resize(std::size_t rows) {
        rows_ = rows;
        detail::unroll<Model::size>([&](auto i) {
            if constexpr (Model::template layer<i>::state_count > 0)
                values_[i].resize(rows * record<i>);
        });
    }

    place find(std::string_view layer, std::string_view state) const {
        std::string known;
        place found{Model::size, 0, 0, 0};
        detail::unroll<Model::size>([&](auto i) {
            using bound = typename Model::template layer<i>;
            std::size_t first = 0;
            auto const states_of = [&]<class Inner>(std::type_identity<Inner>,
                                                    std::string const& name) {
                detail::for_each<typename Inner::plan::states>([&]<class State>(
                                                                   std::type_identity<State>) {
                    known += messages::text({known.empty() ? "" : ", ", name, " ", State::name});
                    std::size_t const units = detail::width_of<State>(Inner::units);
                    if (name == layer && State::name == state)
                        found = {i, first, units, record<i>};
                    first += units;
                });
            };
            std::string const name = Model::template layer_name<i>();
            if constexpr (detail::NeedsWholeSequence<bound>) {
                using inner = std::type_identity<typename bound::inner>;
                states_of(inner{}, name + ".forward");
                states_of(inner{}, name + ".backward");
            } else if constexpr (bound::state_count > 0)
                states_of(std::type_identity<bound>{}, name);
        });
        if (found.layer == Model::size)
            throw value_error(
                messages::text({"model_states: no \"", state, "\" of a layer \"", layer,
                                "\"; there are ", known.empty() ? "none" : known}));
        return found;
    }

    std::size_t rows_ = 0;
    std::array<std::vector<value_type>, Model::size> values_;
};

} // namespace xrnn::inline XRNN_ABI
