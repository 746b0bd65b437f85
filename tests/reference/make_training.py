#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes training.hpp: Keras's optimizers over 20 steps, and its losses, by their formulas in NumPy.

    python3 make_training.py

The gradient at step t = 1, 2, ... is slope * (w - goal) + 0.125 * (t % 3 - 1), element by element.
"""
from pathlib import Path

import numpy as np

N, STEPS = 19, 20


def gradient(w, slope, goal, t):
    return slope * (w - goal) + 0.125 * (t % 3 - 1)


def sgd(lr, momentum, nesterov):
    m = np.zeros(N)

    def update(w, g, t):
        m[:] = momentum * m - lr * g
        return w + (momentum * m - lr * g if nesterov else m)

    return update


def rmsprop(lr, rho, momentum, epsilon):
    v, m = np.zeros(N), np.zeros(N)

    def update(w, g, t):
        v[:] = rho * v + (1 - rho) * g**2
        m[:] = momentum * m + lr * g / np.sqrt(v + epsilon)
        return w - m

    return update


def adam(lr, beta_1, beta_2, epsilon):
    m, v = np.zeros(N), np.zeros(N)

    def update(w, g, t):
        alpha = lr * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        m[:] += (g - m) * (1 - beta_1)
        v[:] += (g**2 - v) * (1 - beta_2)
        return w - alpha * m / (np.sqrt(v) + epsilon)

    return update


OPTIMIZERS = {
    "sgd": sgd(0.01, 0.0, False),
    "sgd_momentum": sgd(0.02, 0.9, False),
    "sgd_nesterov": sgd(0.02, 0.9, True),
    "rmsprop": rmsprop(1e-3, 0.9, 0.0, 1e-7),
    "rmsprop_momentum": rmsprop(0.01, 0.8, 0.9, 1e-3),
    "adam": adam(1e-3, 0.9, 0.999, 1e-7),
    "adam_settings": adam(0.05, 0.8, 0.99, 1e-3),
}


def mean_squared_error(y, p):
    return ((p - y) ** 2).mean(-1)


def mean_absolute_error(y, p):
    return np.abs(p - y).mean(-1)


def clip(p):
    return np.clip(p, 1e-7, 1 - 1e-7)


def binary_crossentropy(y, p):
    p = clip(p)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(-1)


def categorical_crossentropy(y, p):
    return -(y * np.log(clip(p / p.sum(-1, keepdims=True)))).sum(-1)


def array(name, values):
    text = ", ".join(repr(float(v)) for v in np.ravel(values))
    return f"inline constexpr double {name}[] = {{{text}}};\n"


def main():
    random = np.random.RandomState(8)
    start, slope, goal = random.uniform(-1, 1, N), random.uniform(0.1, 3, N), random.uniform(-1, 1, N)
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n//\n"
        f"// Written by make_training.py with NumPy {np.__version__}; not to be edited.\n"
        "#pragma once\n\n#include <cstddef>\n\nnamespace training_reference {\n\n"
        f"inline constexpr std::size_t n = {N}, steps = {STEPS}, rows = 6, outputs = 3;\n"
    )
    text += array("start", start) + array("slope", slope) + array("goal", goal)
    for name, update in OPTIMIZERS.items():
        w, path = start.copy(), []
        for t in range(1, STEPS + 1):
            w = update(w, gradient(w, slope, goal, t), t)
            path.append(w)
        text += f"/// (steps, n): the parameters after each step.\n" + array(name, path)
    truth = random.uniform(0, 1, (6, 3)).round(6)
    guess = random.uniform(0, 1, (6, 3)).round(6)
    truth[0], guess[0] = [0, 1, 1], [0, 1, 0]  # where probabilities are clipped
    truth[1], guess[1] = [0, 1, 0], [1, 0, 0]
    text += array("truth", truth) + array("guess", guess) + "/// (rows): the loss of each row.\n"
    for loss in (mean_squared_error, mean_absolute_error, binary_crossentropy, categorical_crossentropy):
        text += array(loss.__name__, loss(truth, guess))
    text += "\n} // namespace training_reference\n"
    (Path(__file__).parent / "training.hpp").write_text(text)


if __name__ == "__main__":
    main()
