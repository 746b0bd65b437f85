// SPDX-License-Identifier: BSD-3-Clause
//
// Layers over the field's other cells, with the options and settings of every recurrent layer. What
// each computes stands with its cell.
#pragma once

#include <xrnn/cells/coupled_lstm.hpp>
#include <xrnn/cells/indrnn.hpp>
#include <xrnn/cells/layer_norm_gru.hpp>
#include <xrnn/cells/layer_norm_lstm.hpp>
#include <xrnn/cells/mgu.hpp>
#include <xrnn/cells/min_gru.hpp>
#include <xrnn/cells/min_lstm.hpp>
#include <xrnn/cells/peephole_lstm.hpp>
#include <xrnn/cells/projected_lstm.hpp>
#include <xrnn/layers/recurrent.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// A layer over a cell that is a template of the gates' activation and its own.
template <template <class, class> class Cell, class Activation, std::size_t Units, class... Options>
using gated = recurrent<Cell<type_option_t<recurrent_activation, sigmoid, Options...>,
                             type_option_t<activation, Activation, Options...>>,
                        Units, Options...>;

} // namespace detail

/// LSTM with peepholes from the cell state. See peephole_lstm_cell.
template <std::size_t Units, class... Options>
using peephole_lstm = detail::gated<peephole_lstm_cell, tanh, Units, Options...>;

/// LSTM with coupled input and forget gates. See coupled_lstm_cell.
template <std::size_t Units, class... Options>
using coupled_lstm = detail::gated<coupled_lstm_cell, tanh, Units, Options...>;

/// LSTM with layer normalisation. See layer_norm_lstm_cell.
template <std::size_t Units, class... Options>
using layer_norm_lstm = detail::gated<layer_norm_lstm_cell, tanh, Units, Options...>;

/// LSTM whose output is projected to P entries, PyTorch's proj_size: (batch, P), or (batch, time, P).
/// See projected_lstm_cell.
template <std::size_t Units, std::size_t P, class... Options>
using projected_lstm = recurrent<
    projected_lstm_cell<P, detail::type_option_t<recurrent_activation, sigmoid, Options...>,
                        detail::type_option_t<activation, tanh, Options...>>,
    Units, Options...>;

/// GRU with layer normalisation. See layer_norm_gru_cell.
template <std::size_t Units, class... Options>
using layer_norm_gru = detail::gated<layer_norm_gru_cell, tanh, Units, Options...>;

/// Minimal gated unit. See mgu_cell.
template <std::size_t Units, class... Options>
using mgu = detail::gated<mgu_cell, tanh, Units, Options...>;

/// GRU without h in its gates. See min_gru_cell.
template <std::size_t Units, class... Options>
using min_gru = detail::gated<min_gru_cell, linear, Units, Options...>;

/// LSTM without h in its gates. See min_lstm_cell.
template <std::size_t Units, class... Options>
using min_lstm = detail::gated<min_lstm_cell, linear, Units, Options...>;

/// Independently recurrent network. See indrnn_cell.
template <std::size_t Units, class... Options>
using indrnn =
    recurrent<indrnn_cell<detail::type_option_t<activation, relu, Options...>>, Units, Options...>;

} // namespace xrnn::inline XRNN_ABI
