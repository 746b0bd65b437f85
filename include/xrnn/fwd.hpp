// SPDX-License-Identifier: BSD-3-Clause
//
// Forward declarations, for headers that name xrnn's types without needing them. Write no such
// declarations by hand: the types live in an inline namespace that is named after the instruction set.
#pragma once

#include <cstddef>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {

template <class Input, class... Parts>
class sequential;
template <class Model, class Weights>
class packed;
template <class Model, class Weights>
class stream;
template <class Model, class Loss, class Optimizer, class... Metrics>
class trainer;

template <class Cell, std::size_t Units, class... Options>
struct recurrent;
template <class First, class... Rest>
struct stacked;
struct dropout;

} // namespace xrnn::inline XRNN_ABI
