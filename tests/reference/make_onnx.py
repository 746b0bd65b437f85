#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes onnx.hpp: ONNX's operators LSTM and GRU (opset 22) by their equations in NumPy, float64.

    python3 make_onnx.py

The operators below take ONNX's tensors, with direction = "bidirectional" and layout = 0:

    X (time, batch, in)                  Y (time, 2, batch, H)
    W (2, gates * H, in)                 Y_h (2, batch, H)
    R (2, gates * H, H)                  B (2, 2 * gates * H) = [Wb, Rb]
    P (2, 3 * H)                         sequence_lens (batch)

with gates in the order i|o|f|c in an LSTM, peepholes i|o|f, gates z|r|h in a GRU. Half 0 of a
tensor is what direction = "forward" would have, half 1 what "reverse" would have. What the
specification leaves open is done as ONNX Runtime does it: a row shorter than X is reversed within
its own length, Y is 0 behind its end, Y_h is the state behind the last step read, input_forget = 1
means f = 1 - i.

Weights and inputs are whole numbers / 1024, so that float and double hold them exactly. They are
drawn in ONNX's layout; to_keras converts them to Keras's, in which onnx.hpp has them.
"""
import textwrap
from pathlib import Path

import numpy as np

# Not sorted, with an empty row.
LENGTHS = [2, 4, 0, 1]
FEATURES, UNITS, TIME, BATCH = 3, 5, 4, len(LENGTHS)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def steps(length, direction):
    """The steps of a row in the order in which direction 0, forward, or 1, reverse, reads them."""
    return range(length) if direction == 0 else range(length - 1, -1, -1)


def onnx_lstm(X, W, R, B, sequence_lens, P=None, input_forget=0):
    time, batch, _ = X.shape
    H = R.shape[2]
    Y, Y_h = np.zeros((time, 2, batch, H)), np.zeros((2, batch, H))
    for d in range(2):
        Wi, Wo, Wf, Wc = W[d].reshape(4, H, -1)
        Ri, Ro, Rf, Rc = R[d].reshape(4, H, H)
        Wbi, Wbo, Wbf, Wbc, Rbi, Rbo, Rbf, Rbc = B[d].reshape(8, H)
        Pi, Po, Pf = np.zeros((3, H)) if P is None else P[d].reshape(3, H)
        for b in range(batch):
            h, c = np.zeros(H), np.zeros(H)
            for t in steps(sequence_lens[b], d):
                x = X[t, b]
                i = sigmoid(Wi @ x + Ri @ h + Pi * c + Wbi + Rbi)
                f = 1 - i if input_forget else sigmoid(Wf @ x + Rf @ h + Pf * c + Wbf + Rbf)
                c = f * c + i * np.tanh(Wc @ x + Rc @ h + Wbc + Rbc)
                o = sigmoid(Wo @ x + Ro @ h + Po * c + Wbo + Rbo)
                h = o * np.tanh(c)
                Y[t, d, b] = h
            Y_h[d, b] = h
    return Y, Y_h


def onnx_gru(X, W, R, B, sequence_lens, linear_before_reset=0):
    time, batch, _ = X.shape
    H = R.shape[2]
    Y, Y_h = np.zeros((time, 2, batch, H)), np.zeros((2, batch, H))
    for d in range(2):
        Wz, Wr, Wh = W[d].reshape(3, H, -1)
        Rz, Rr, Rh = R[d].reshape(3, H, H)
        Wbz, Wbr, Wbh, Rbz, Rbr, Rbh = B[d].reshape(6, H)
        for b in range(batch):
            h = np.zeros(H)
            for t in steps(sequence_lens[b], d):
                x = X[t, b]
                z = sigmoid(Wz @ x + Rz @ h + Wbz + Rbz)
                r = sigmoid(Wr @ x + Rr @ h + Wbr + Rbr)
                if linear_before_reset:
                    n = np.tanh(Wh @ x + r * (Rh @ h + Rbh) + Wbh)
                else:
                    n = np.tanh(Wh @ x + Rh @ (r * h) + Rbh + Wbh)
                h = (1 - z) * n + z * h
                Y[t, d, b] = h
            Y_h[d, b] = h
    return Y, Y_h


def to_keras(W, R, B, order, two_biases=False):
    """One direction's W, R, B to kernel (in, G * H), recurrent_kernel (H, G * H), bias (G * H), or
    (2, G * H) with the input's row first. order: for each of Keras's gates its place in ONNX's."""
    H = R.shape[1]

    def columns(matrix):
        gates = matrix.reshape(-1, H, matrix.shape[1])
        return np.concatenate([gates[g] for g in order]).T

    from_x, from_h = (columns(half[:, None])[0] for half in np.split(B, 2))
    bias = np.stack([from_x, from_h]) if two_biases else from_x + from_h
    return {"kernel": columns(W), "recurrent_kernel": columns(R), "bias": bias}


def to_keras_peepholes(P):
    """One direction's P, i|o|f."""
    p_i, p_o, p_f = np.split(P, 3)
    return {"p_i": p_i, "p_f": p_f, "p_o": p_o}


def array(kind, name, values):
    flat = ", ".join(repr(v) for v in np.asarray(values).flatten().tolist())
    line = f"inline constexpr {kind} {name}[] = {{{flat}}};"
    return textwrap.fill(line, 100, break_on_hyphens=False) + "\n"


def whole(generator, *shape):
    return generator.integers(-700, 701, shape)


def case(name, operator, gates, order, X, generator, two_biases=False, P=None, **attributes):
    """gates: how many ONNX has; order: for each of Keras's its place among them."""
    W = whole(generator, 2, gates * UNITS, FEATURES)
    R = whole(generator, 2, gates * UNITS, UNITS)
    B = whole(generator, 2, 2 * gates * UNITS)
    if P is not None:
        attributes["P"] = P / 1024
    text = f"namespace {name} {{\n"
    for d, direction in enumerate(("forward", "backward")):
        weights = to_keras(W[d], R[d], B[d], order, two_biases)
        if P is not None:
            weights |= to_keras_peepholes(P[d])
        for what, values in weights.items():
            text += array("int", f"{direction}_{what}", values)
    for prefix, lengths in (("", [TIME] * BATCH), ("short_", LENGTHS)):
        Y, Y_h = operator(X / 1024, W / 1024, R / 1024, B / 1024, lengths, **attributes)
        text += array("double", f"{prefix}y", Y.transpose(2, 0, 1, 3))
        text += array("double", f"{prefix}h", Y_h.transpose(1, 0, 2))
    return text + f"}} // namespace {name}\n\n"


def main():
    generator = np.random.default_rng(22)
    X = whole(generator, TIME, BATCH, FEATURES)
    text = textwrap.dedent(f"""\
        // SPDX-License-Identifier: BSD-3-Clause
        //
        // Written by make_onnx.py; not to be edited.
        // x (batch, time, features) and weights in Keras's layout, times 1024. ONNX's Y and Y_h,
        // the forward direction first: y (batch, time, 2 * units), h (batch, 2 * units); short_:
        // with sequence_lens = lengths.
        #pragma once

        // It would give each number a line of its own:
        // clang-format off

        #include <cstddef>

        namespace onnx_reference {{

        inline constexpr std::size_t features = {FEATURES}, units = {UNITS}, time = {TIME};
        inline constexpr std::size_t batch = {BATCH};
        inline constexpr std::size_t lengths[] = {{{str(LENGTHS)[1:-1]}}};

        """)
    text += array("int", "x", X.transpose(1, 0, 2)) + "\n"
    i, o, f, c = range(4)
    z, r, h = range(3)
    P = whole(generator, 2, 3 * UNITS)
    text += case("lstm", onnx_lstm, 4, (i, f, c, o), X, generator)
    text += case("peephole_lstm", onnx_lstm, 4, (i, f, c, o), X, generator, P=P)
    text += case("coupled_lstm", onnx_lstm, 4, (i, c, o), X, generator, input_forget=1)
    text += case("gru_reset_before", onnx_gru, 3, (z, r, h), X, generator)
    after = {"two_biases": True, "linear_before_reset": 1}
    text += case("gru_reset_after", onnx_gru, 3, (z, r, h), X, generator, **after)
    text += "} // namespace onnx_reference\n"
    (Path(__file__).parent / "onnx.hpp").write_text(text)


if __name__ == "__main__":
    main()
