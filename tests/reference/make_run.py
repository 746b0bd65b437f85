#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes run.hpp: three epochs of training by PyTorch's autograd in float64 with Keras's Adam (whose
epsilon is not PyTorch's), for LSTM(10) -> Dense(1, relu) with the squared error and for
GRU(10) -> Dense(1, sigmoid) with the binary crossentropy. Run with PyTorch 1.13:

    python3 make_run.py

Weights, inputs and labels are whole numbers / 1024 in Keras's layout, as in make_torch.py.
"""
from pathlib import Path

import torch

from make_torch import FEATURES, TIME, UNITS, array, layer, whole

ROWS, BATCH, EPOCHS = 20, 8, 3


def adam(parameters, state, t):
    for k, w in enumerate(parameters):
        m, v = state.setdefault(k, (torch.zeros_like(w), torch.zeros_like(w)))
        m += (w.grad - m) * (1 - 0.9)
        v += (w.grad**2 - v) * (1 - 0.999)
        alpha = 0.01 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        w.data -= alpha * m / (v.sqrt() + 1e-7)
        w.grad = None


def case(name, recurrent, order, two_biases, activation, loss, labels, generator):
    head = torch.nn.Linear(UNITS, 1)
    network = torch.nn.ModuleList([recurrent, head]).double()
    for parameter in network.parameters():
        parameter.data = whole(generator, *parameter.shape).double() / 1024
    if not two_biases:  # one bias in Keras: PyTorch's second stays out of the training
        recurrent.bias_hh_l0.data.zero_()
    x = whole(generator, ROWS, TIME, FEATURES)
    head.bias.data += 1
    text = f"namespace {name} {{\n" + array("int", "x", x) + array("int", "y", labels)
    for what, values in zip(("kernel", "recurrent_kernel", "bias"), layer(recurrent, 0, order, two_biases)):
        text += array("int", what, values)
    text += array("int", "dense_kernel", (head.weight.detach() * 1024).round().long())
    text += array("int", "dense_bias", (head.bias.detach() * 1024).round().long())
    inputs, truth = x.double() / 1024, labels.double() / 1024
    predict = lambda rows: activation(head(recurrent(inputs[rows])[0][:, -1]))[:, 0]
    trained = [w for n, w in network.named_parameters() if two_biases or "bias_hh" not in n]
    losses, state, t = [], {}, 0
    for _ in range(EPOCHS):
        for first in range(0, ROWS, BATCH):
            rows = slice(first, first + BATCH)
            value = loss(predict(rows), truth[rows])
            value.backward()
            t += 1
            adam(trained, state, t)
            losses.append(value.item())
    text += array("double", "losses", torch.tensor(losses, dtype=torch.float64))
    with torch.no_grad():
        text += array("double", "predictions", predict(slice(None)))
    return text + f"}} // namespace {name}\n\n"


def main():
    generator = torch.Generator().manual_seed(21)
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n//\n"
        f"// Written by make_run.py with PyTorch {torch.__version__}; not to be edited.\n"
        "#pragma once\n\n#include <cstddef>\n\nnamespace run_reference {\n\n"
        f"inline constexpr std::size_t features = {FEATURES}, units = {UNITS}, time = {TIME}, "
        f"rows = {ROWS}, batch = {BATCH}, epochs = {EPOCHS};\n\n"
    )
    lstm = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
    values = torch.randint(0, 1025, (ROWS,), generator=generator)
    text += case("lstm", lstm, (0, 1, 2, 3), False, torch.relu, torch.nn.functional.mse_loss, values, generator)
    gru = torch.nn.GRU(FEATURES, UNITS, batch_first=True)
    classes = 1024 * torch.randint(0, 2, (ROWS,), generator=generator)
    text += case(
        "gru", gru, (1, 0, 2), True, torch.sigmoid, torch.nn.functional.binary_cross_entropy, classes, generator
    )
    text += "} // namespace run_reference\n"
    (Path(__file__).parent / "run.hpp").write_text(text)


if __name__ == "__main__":
    main()
