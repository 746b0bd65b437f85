// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>

#include <xrnn/layers/dropout.hpp>
#include <xrnn/layers/recurrent.hpp>

namespace xrnn::inline XRNN_ABI {

/// Recurrent layers one on the other, in one part: all but the last return sequences, and between
/// them, if `dropout` is not 0, lies a dropout of that rate (as PyTorch's num_layers and dropout,
/// but with widths and kinds of their own):
///
///     stacked<lstm<16>, lstm<8>>{.dropout = 0.2}
///
/// means the same as lstm<16, return_sequences>{}, dropout{0.2}, lstm<8>{}. In a model it is just
/// that: `summary`, `trace` and weight files see the layers.
template <class First, class... Rest>
struct stacked {
    double dropout = 0.0;
    std::tuple<First, Rest...> layers{};

    /// The layers that this part stands for.
    auto expand() const { return expand_from<0>(); }

  private:
    template <std::size_t I>
    auto expand_from() const {
        if constexpr (I == sizeof...(Rest))
            return std::tuple{std::get<I>(layers)};
        else
            return std::tuple_cat(
                std::tuple{std::get<I>(layers).as_sequences(), xrnn::dropout{dropout}},
                expand_from<I + 1>());
    }
};

} // namespace xrnn::inline XRNN_ABI
