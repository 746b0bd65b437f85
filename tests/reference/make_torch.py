#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes torch.hpp: random weights and inputs, and what PyTorch's LSTM, GRU and a stack of two LSTMs
make of them in float64. Run with PyTorch 1.13:

    python3 make_torch.py

Weights and inputs are whole numbers / 1024, so that float and double hold them exactly. Weights are
written in Keras's layout: kernel (in, gates * units) instead of W_ih (gates * units, in); LSTM i|f|g|o as
in PyTorch, the two biases added up; GRU z|r|n instead of PyTorch's r|z|n, the bias (2, 3 * units) with the
input's row first.
"""
from pathlib import Path

import torch

FEATURES, UNITS, TIME, BATCH = 7, 10, 8, 3


def whole(generator, *shape):
    return torch.randint(-700, 701, shape, generator=generator)


def block_columns(matrix, order):
    """(gates * units, n) -> (n, gates * units) with the gates in another order."""
    gates = matrix.reshape(len(order), UNITS, -1)
    return torch.cat([gates[g] for g in order]).T


def layer(module, k, order, two_biases):
    weights = [getattr(module, f"{name}_l{k}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    kernel, recurrent, from_x, from_h = [(w.detach() * 1024).round().long() for w in weights]
    from_x, from_h = (block_columns(b[:, None], order)[0] for b in (from_x, from_h))
    bias = torch.stack([from_x, from_h]) if two_biases else from_x + from_h
    return block_columns(kernel, order), block_columns(recurrent, order), bias


def array(kind, name, values):
    flat = [str(v) if isinstance(v, int) else repr(v) for v in values.flatten().tolist()]
    return f"inline constexpr {kind} {name}[] = {{{', '.join(flat)}}};\n"


def case(name, module, order, two_biases, generator):
    module = module.double()
    for parameter in module.parameters():
        parameter.data = whole(generator, *parameter.shape).double() / 1024
    x = whole(generator, BATCH, TIME, FEATURES)
    with torch.no_grad():
        y, _ = module(x.double() / 1024)
    text = f"namespace {name} {{\n" + array("int", "x", x)
    for k in range(module.num_layers):
        for what, values in zip(("kernel", "recurrent_kernel", "bias"), layer(module, k, order, two_biases)):
            text += array("int", f"{what}_{k}", values)
    return text + array("double", "y", y) + f"}} // namespace {name}\n\n"


def main():
    generator = torch.Generator().manual_seed(20)
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n"
        "//\n"
        f"// Written by make_torch.py with PyTorch {torch.__version__}; not to be edited.\n"
        "// x (batch, time, features) and weights in Keras's layout, times 1024; y (batch, time, units).\n"
        "#pragma once\n\n#include <cstddef>\n\nnamespace torch_reference {\n\n"
        f"inline constexpr std::size_t features = {FEATURES}, units = {UNITS}, time = {TIME}, batch = {BATCH};\n\n"
    )
    lstm = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
    text += case("lstm", lstm, (0, 1, 2, 3), False, generator)
    gru = torch.nn.GRU(FEATURES, UNITS, batch_first=True)
    text += case("gru", gru, (1, 0, 2), True, generator)
    stack = torch.nn.LSTM(FEATURES, UNITS, num_layers=2, batch_first=True)
    text += case("stacked", stack, (0, 1, 2, 3), False, generator)
    text += "} // namespace torch_reference\n"
    (Path(__file__).parent / "torch.hpp").write_text(text)


if __name__ == "__main__":
    main()
