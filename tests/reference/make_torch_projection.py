#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes torch_projection.hpp: random weights and inputs, and what PyTorch's LSTM with proj_size makes
of them in float64. Run with PyTorch 1.13:

    python3 make_torch_projection.py

Weights and inputs are whole numbers / 1024, so that float and double hold them exactly. Weights are
written in Keras's layout: kernel (in, 4 * units) instead of W_ih (4 * units, in), recurrent_kernel
(projection, 4 * units) instead of W_hh (4 * units, projection), projection_kernel (units, projection)
instead of W_hr (projection, units); the two biases added up.
"""
from pathlib import Path

import torch

FEATURES, BATCH = 5, 3
CASES = ((10, 4, 8), (17, 16, 8), (17, 1, 8), (10, 4, 1))  # units, projection, time


def whole(generator, *shape):
    return torch.randint(-700, 701, shape, generator=generator)


def array(kind, name, values):
    flat = [str(v) if isinstance(v, int) else repr(v) for v in values.flatten().tolist()]
    return f"static constexpr {kind} {name}[] = {{{', '.join(flat)}}};\n"


def arrays(units, projection, time, generator):
    """The values of a case, and names for them."""
    module = torch.nn.LSTM(FEATURES, units, proj_size=projection, batch_first=True).double()
    w_ih, w_hh = whole(generator, 4 * units, FEATURES), whole(generator, 4 * units, projection)
    b_ih, b_hh = whole(generator, 4 * units), whole(generator, 4 * units)
    w_hr = whole(generator, projection, units)
    x = whole(generator, BATCH, time, FEATURES)
    h_0, c_0 = whole(generator, BATCH, projection), whole(generator, BATCH, units)
    for name, values in (("weight_ih", w_ih), ("weight_hh", w_hh), ("bias_ih", b_ih), ("bias_hh", b_hh),
                         ("weight_hr", w_hr)):
        getattr(module, f"{name}_l0").data = values.double() / 1024
    with torch.no_grad():
        y, (h_n, c_n) = module(x.double() / 1024, (h_0[None].double() / 1024, c_0[None].double() / 1024))
    return (("int", "x", x), ("int", "h_0", h_0), ("int", "c_0", c_0), ("int", "kernel", w_ih.T),
            ("int", "recurrent_kernel", w_hh.T), ("int", "bias", b_ih + b_hh),
            ("int", "projection_kernel", w_hr.T), ("double", "y", y), ("double", "h_n", h_n),
            ("double", "c_n", c_n))


def main():
    generator = torch.Generator().manual_seed(21)
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n"
        "//\n"
        f"// Written by make_torch_projection.py with PyTorch {torch.__version__}; not to be edited.\n"
        "// x (batch, time, features), initial states h_0 (batch, projection) and c_0 (batch, units), and\n"
        "// weights in Keras's layout, times 1024; y (batch, time, projection) and the last states.\n"
        "#pragma once\n\n#include <cstddef>\n\nnamespace torch_projection_reference {\n\n"
        f"inline constexpr std::size_t features = {FEATURES}, batch = {BATCH};\n\n"
    )
    for units, projection, time in CASES:
        name = f"units_{units}_projection_{projection}_time_{time}"
        text += f"struct {name} {{\n"
        text += f"static constexpr std::size_t units = {units}, projection = {projection}, time = {time};\n"
        for kind, what, values in arrays(units, projection, time, generator):
            text += array(kind, what, values)
        text += "};\n\n"
    text += "} // namespace torch_projection_reference\n"
    (Path(__file__).parent / "torch_projection.hpp").write_text(text)


if __name__ == "__main__":
    main()
