#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prints the tables of include/xrnn/simd/tables.hpp (needs numpy and mpmath)."""
import struct

import mpmath as mp
import numpy as np

mp.mp.dps = 40
WIDTH, DEGREE = 1 / 3.4, 6


def single(v):
    return float(np.float32(float(v)))


def minimax(f, weight, low, high, powers):
    """Coefficients that nearly minimise the largest weighted error (Lawson's iteration)."""
    x = np.cos(np.pi * (np.arange(200) + 0.5) / 200) * (high - low) / 2 + (high + low) / 2
    x = x[np.abs(x) > 1e-5]
    a = np.array([[t**p for p in powers] for t in x])
    y = np.array([float(f(t)) for t in x])
    w = np.array([float(weight(t)) for t in x])
    importance = np.ones(len(x))
    for _ in range(80):
        s = np.sqrt(importance) * w
        c = np.linalg.lstsq(a * s[:, None], y * s, rcond=None)[0]
        error = np.abs((a @ c - y) * w)
        importance = importance * (error / error.max() + 1e-4)
        importance /= importance.sum()
    return c


def centre(j):
    """A float near the middle of interval j whose tanh is nearly a float; where tanh hardly changes
    one has to look further."""
    middle = np.float32(j * WIDTH)
    reach, cost = (0.015, 3) if j < 26 else (0.147, 0.05)
    best = None
    for d in np.linspace(-reach, reach, 4001 if j < 26 else 20001):
        x = float(np.float32(middle + np.float32(d)))
        t = mp.tanh(mp.mpf(x))
        score = abs(float(t - mp.mpf(single(t)))) / 2**-25 + abs(d) * cost
        if best is None or score < best[0]:
            best = (score, x, single(t))
    return best[1:]


def interval(j):
    if j == 31:
        return [single(j * WIDTH), 1.0] + [0.0] * DEGREE
    if j == 0:  # v + v·(odd polynomial): tanh_by_table puts v in the place of coefficient 0
        powers = range(3, DEGREE + 1, 2)
        c = minimax(lambda t: mp.tanh(t) - t, lambda t: 1 / float(mp.tanh(abs(t))), 1e-3, WIDTH / 2,
                    powers)
        row = [0.0] * (DEGREE + 1)
        for p, v in zip(powers, c):
            row[p] = single(v)
        return [0.0] + row
    x, c0 = centre(j)
    f = lambda t: mp.tanh(mp.mpf(x) + mp.mpf(t))
    c = minimax(lambda t: f(t) - mp.mpf(c0), lambda t: 1 / float(f(t)), (j - 0.5) * WIDTH - x,
                (j + 0.5) * WIDTH - x, range(1, DEGREE + 1))
    return [x, c0] + [single(v) for v in c]


def fast_interval(j, x):
    """Degree 3, smallest absolute error, around the same centre."""
    if j == 31:
        return [1.0, 0.0, 0.0, 0.0]
    low, high = ((j - 0.5) * WIDTH - x, (j + 0.5) * WIDTH - x) if j else (1e-3, WIDTH / 2)
    powers = [0, 1, 2, 3] if j else [1, 3]
    c = minimax(lambda t: mp.tanh(mp.mpf(x) + mp.mpf(t)), lambda t: 1.0, low, high, powers)
    row = [0.0] * 4
    for p, v in zip(powers, c):
        row[p] = single(v)
    return row


def show(name, values):
    print(name + ": " + ", ".join("%.9g" % v for v in values))


rows = [interval(j) for j in range(32)]
for k, column in enumerate(zip(*rows)):
    show("centre" if k == 0 else "coefficients[%d]" % (k - 1), column)
for k, column in enumerate(zip(*[fast_interval(j, rows[j][0]) for j in range(32)])):
    show("fast[%d]" % k, column)
values, rests = [], []
for j in range(32):
    power = mp.mpf(2) ** (mp.mpf(j) / 32)
    value = single(power)
    bits = struct.unpack("I", struct.pack("f", value))[0] - (j << 18)
    values.append(struct.unpack("f", struct.pack("I", bits))[0])
    rests.append(single((power - mp.mpf(value)) / mp.mpf(value)))
show("value", values)
show("rest", rests)
