#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes torch_bidirectional.hpp: what PyTorch's LSTM and GRU, in both directions and in one, make
of whole sequences and of packed sequences of unequal lengths, in float64. Run with PyTorch 1.13:

    python3 make_torch_bidirectional.py

Weights and inputs are whole numbers / 1024 in Keras's layout, as in make_torch.py. Outputs are
(batch, time, directions * units), the forward direction's first. Behind a sequence's end the packed
outputs are padded with 0. The final states are (batch, directions * units): of the forward
direction behind the last step of the sequence, of the backward one behind the first.
"""
import textwrap
from pathlib import Path

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from make_torch import whole

# Not sorted: a row that ends early stands before one that does not.
LENGTHS = [3, 8, 1]
FEATURES, UNITS, TIME, BATCH = 7, 5, 8, len(LENGTHS)


def array(kind, name, values):
    flat = ", ".join(repr(v) for v in values.flatten().tolist())
    line = f"inline constexpr {kind} {name}[] = {{{flat}}};"
    return textwrap.fill(line, 100, break_on_hyphens=False) + "\n"


def weights(module, suffix, order, two_biases):
    """One direction's parameters in Keras's layout. order: for each gate its place in PyTorch's."""

    def columns(what):
        matrix = (getattr(module, what + suffix).detach() * 1024).round().long()
        gates = matrix.reshape(len(order), UNITS, -1)
        return torch.cat([gates[g] for g in order]).T

    from_x, from_h = columns("bias_ih_l0")[0], columns("bias_hh_l0")[0]
    return {
        "kernel": columns("weight_ih_l0"),
        "recurrent_kernel": columns("weight_hh_l0"),
        "bias": torch.stack([from_x, from_h]) if two_biases else from_x + from_h,
    }


def outputs(name, y, states):
    """y, and h of a GRU or (h, c) of an LSTM, each (directions, batch, units)."""
    h, c = states if isinstance(states, tuple) else (states, None)
    text = array("double", f"{name}y", y) + array("double", f"{name}h", h.transpose(0, 1))
    return text if c is None else text + array("double", f"{name}c", c.transpose(0, 1))


def case(name, module, order, two_biases, generator):
    module = module.double()
    for parameter in module.parameters():
        parameter.data = whole(generator, *parameter.shape).double() / 1024
    x = whole(generator, BATCH, TIME, FEATURES)
    rows = x.double() / 1024
    with torch.no_grad():
        y, states = module(rows)
        packed = pack_padded_sequence(rows, LENGTHS, batch_first=True, enforce_sorted=False)
        packed_y, packed_states = module(packed)
        packed_y, _ = pad_packed_sequence(packed_y, batch_first=True, total_length=TIME)
    text = f"namespace {name} {{\n" + array("int", "x", x)
    for direction, suffix in {"forward": "", "backward": "_reverse"}.items():
        if direction == "forward" or module.bidirectional:
            for what, values in weights(module, suffix, order, two_biases).items():
                text += array("int", f"{direction}_{what}", values)
    text += outputs("", y, states) + outputs("packed_", packed_y, packed_states)
    return text + f"}} // namespace {name}\n\n"


def main():
    generator = torch.Generator().manual_seed(21)
    version = torch.__version__
    text = textwrap.dedent(f"""\
        // SPDX-License-Identifier: BSD-3-Clause
        //
        // Written by make_torch_bidirectional.py with PyTorch {version}; not to be edited.
        // x (batch, time, features) and weights in Keras's layout, times 1024. y (batch, time,
        // units), h and c (batch, units), in two directions 2 * units, the forward one's first;
        // packed_: of packed sequences of these lengths.
        #pragma once

        // It would give each number a line of its own:
        // clang-format off

        #include <cstddef>

        namespace torch_bidirectional_reference {{

        inline constexpr std::size_t features = {FEATURES}, units = {UNITS}, time = {TIME};
        inline constexpr std::size_t batch = {BATCH};
        inline constexpr std::size_t lengths[] = {{{str(LENGTHS)[1:-1]}}};

        """)
    lstm, gru = (0, 1, 2, 3), (1, 0, 2)
    for both in (True, False):
        suffix = "both" if both else "one"
        options = {"batch_first": True, "bidirectional": both}
        module = torch.nn.LSTM(FEATURES, UNITS, **options)
        text += case(f"lstm_{suffix}", module, lstm, False, generator)
        module = torch.nn.GRU(FEATURES, UNITS, **options)
        text += case(f"gru_{suffix}", module, gru, True, generator)
    text += "} // namespace torch_bidirectional_reference\n"
    (Path(__file__).parent / "torch_bidirectional.hpp").write_text(text)


if __name__ == "__main__":
    main()
