#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes torch_layer_norm.hpp: random inputs, weights and output gradients, and what PyTorch's LayerNorm
makes of them in float64: output and the gradients of input and weights. Run with PyTorch 1.13:

    python3 make_torch_layer_norm.py

Inputs, weights and gradients are whole numbers / 1024, so that float and double hold them exactly.
"""
from pathlib import Path

import torch

TIME, BATCH = 2, 3


def whole(generator, *shape):
    return torch.randint(-2000, 2001, shape, generator=generator)


def array(kind, name, values):
    flat = [str(v) if isinstance(v, int) else repr(v) for v in values.flatten().tolist()]
    return f"inline constexpr {kind} {name}[] = {{{', '.join(flat)}}};\n"


def case(features, epsilon, generator):
    x, dy = (whole(generator, BATCH, TIME, features) for _ in range(2))
    gamma, beta = (whole(generator, features) for _ in range(2))
    module = torch.nn.LayerNorm(features, eps=epsilon).double()
    module.weight.data = gamma.double() / 1024
    module.bias.data = beta.double() / 1024
    x_in = (x.double() / 1024).requires_grad_()
    y = module(x_in)
    y.backward(dy.double() / 1024)
    return (
        f"namespace of_{features} {{\n"
        f"inline constexpr std::size_t features = {features};\n"
        f"inline constexpr double epsilon = {epsilon};\n"
        + "".join(array("int", name, v) for name, v in
                  (("x", x), ("gamma", gamma), ("beta", beta), ("dy", dy)))
        + "".join(array("double", name, v) for name, v in
                  (("y", y.detach()), ("dx", x_in.grad), ("dgamma", module.weight.grad),
                   ("dbeta", module.bias.grad)))
        + f"}} // namespace of_{features}\n\n"
    )


def main():
    generator = torch.Generator().manual_seed(21)
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n"
        "//\n"
        f"// Written by make_torch_layer_norm.py with PyTorch {torch.__version__}; not to be edited.\n"
        "// x, dy (batch, time, features), gamma, beta (features): times 1024. y, dx, dgamma, dbeta as "
        "they are.\n"
        "#pragma once\n\n#include <cstddef>\n\nnamespace torch_layer_norm {\n\n"
        f"inline constexpr std::size_t time = {TIME}, batch = {BATCH};\n\n"
    )
    for features, epsilon in ((3, 1e-3), (17, 1e-5)):
        text += case(features, epsilon, generator)
    text += "} // namespace torch_layer_norm\n"
    (Path(__file__).parent / "torch_layer_norm.hpp").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
