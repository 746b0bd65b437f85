#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes keras_training.hpp: 20 steps of training from fixed weights for each optimizer, loss,
regulariser, constraint, way to clip and schedule, and metrics of fixed predictions.

    python3 make_keras_training.py

Gradients are PyTorch's, in double. Where PyTorch and Keras have the same formula, the loss and the step
are PyTorch's too; elsewhere Keras's formula is written out. Metrics are scikit-learn's, or Keras's
formulas in NumPy where these add or interpolate something of their own.
"""
from pathlib import Path

import numpy as np
import sklearn
import sklearn.metrics as sk
import torch
import torch.nn.functional as F

STEPS, ROWS, TIME, FEATURES, UNITS, OUTPUTS = 20, 5, 4, 3, 2, 3
torch.set_default_dtype(torch.float64)


# ---- the model: LSTM(2), Dense(3) ----

def forward(w, x):
    kernel, recurrent, bias, dense, dense_bias = w
    h = c = torch.zeros(x.shape[0], UNITS)
    for t in range(TIME):
        i, f, g, o = (x[:, t] @ kernel + h @ recurrent + bias).split(UNITS, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h @ dense + dense_bias


# ---- optimizers ----

def own(step):
    """An optimizer of a function step(w, g, state, t), t = 1, 2, ..., in place."""
    def make(weights):
        states = [{"w": w} for w in weights]

        def update(t):
            for w, state in zip(weights, states):
                w.data = step(w.data, w.grad, state, t)
        return update
    return make


def of_torch(kind, **settings):
    def make(weights):
        optimizer = kind(weights, **settings)
        return lambda t: optimizer.step()
    return make


def rate_of(rate, t):
    return rate(t - 1) if callable(rate) else rate


def sgd(rate=0.01, momentum=0.0, nesterov=False, decay=0.0):
    def step(w, g, s, t):
        r = rate_of(rate, t)
        w = w - w * decay * r
        s["m"] = momentum * s.get("m", 0) - r * g
        return w + (momentum * s["m"] - r * g if nesterov else s["m"])
    return own(step)


def rmsprop(rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, decay=0.0):
    def step(w, g, s, t):
        w = w - w * decay * rate
        s["v"] = rho * s.get("v", 0) + (1 - rho) * g**2
        s["a"] = rho * s.get("a", 0) + (1 - rho) * g
        spread = s["v"] - s["a"]**2 if centered else s["v"]
        s["m"] = momentum * s.get("m", 0) + rate * g / torch.sqrt(spread + epsilon)
        return w - s["m"]
    return own(step)


def adam(rate=0.001, b1=0.9, b2=0.999, epsilon=1e-7, amsgrad=False, decay=0.0):
    def step(w, g, s, t):
        r = rate_of(rate, t)
        w = w - w * decay * r
        s["m"] = s.get("m", 0) + (g - s.get("m", 0)) * (1 - b1)
        s["v"] = s.get("v", 0) + (g**2 - s.get("v", 0)) * (1 - b2)
        v = s["v"]
        if amsgrad:
            v = s["top"] = torch.maximum(s.get("top", torch.zeros_like(v)), v)
        return w - r * np.sqrt(1 - b2**t) / (1 - b1**t) * s["m"] / (torch.sqrt(v) + epsilon)
    return own(step)


def nadam(rate=0.001, b1=0.9, b2=0.999, epsilon=1e-7, decay=0.0):
    def u(t):
        return b1 * (1 - 0.5 * 0.96**t)

    def step(w, g, s, t):
        w = w - w * decay * rate
        s["u"] = s.get("u", 1.0) * u(t)
        s["m"] = s.get("m", 0) + (g - s.get("m", 0)) * (1 - b1)
        s["v"] = s.get("v", 0) + (g**2 - s.get("v", 0)) * (1 - b2)
        m = u(t + 1) * s["m"] / (1 - s["u"] * u(t + 1)) + (1 - u(t)) * g / (1 - s["u"])
        return w - rate * m / (torch.sqrt(s["v"] / (1 - b2**t)) + epsilon)
    return own(step)


# ---- what happens to gradients before, to weights after ----

def clipvalue(limit):
    return lambda grads: [g.clamp(-limit, limit) for g in grads]


def clipnorm(limit):
    return lambda grads: [g * limit / max(float(g.norm()), limit) for g in grads]


def global_clipnorm(limit):
    def clip(grads):
        norm = float(torch.sqrt(sum((g**2).sum() for g in grads)))
        return [g * (limit * min(1 / norm, 1 / limit)) for g in grads]
    return clip


def max_norm(limit):
    def constrain(w):
        norms = torch.sqrt((w**2).sum(0, keepdim=True))
        return w * (norms.clamp(0, limit) / (1e-7 + norms))
    return constrain


# ---- schedules, Keras's, of the steps before this one ----

def exponential(rate, steps, decay, staircase=False):
    return lambda s: rate * decay**(np.floor(s / steps) if staircase else s / steps)


def cosine(rate, steps, alpha=0.0, target=None, warm=0):
    def decayed(s, top):
        return top * ((1 - alpha) * 0.5 * (1 + np.cos(np.pi * s / steps)) + alpha)

    def schedule(s):
        if target is None:
            return decayed(min(s, steps), rate)
        if s < warm:
            return (target - rate) * s / warm + rate
        return decayed(min(s, steps + warm) - warm, target)
    return schedule


def restarts(rate, first, t_mul=2.0, m_mul=1.0, alpha=0.0):
    def schedule(s):
        p = s / first
        if t_mul == 1:
            i = np.floor(p)
            p -= i
        else:
            i = np.floor(np.log(1 - p * (1 - t_mul)) / np.log(t_mul) + 1e-12)
            p = (p - (1 - t_mul**i) / (1 - t_mul)) / t_mul**i
        return rate * ((1 - alpha) * 0.5 * m_mul**i * (1 + np.cos(np.pi * p)) + alpha)
    return schedule


def piecewise(boundaries, values):
    return lambda s: values[sum(s > b for b in boundaries)]


def polynomial(rate, steps, end=1e-4, power=1.0, cycle=False):
    def schedule(s):
        whole = steps * (1.0 if s == 0 else np.ceil(s / steps)) if cycle else steps
        s = s if cycle else min(s, steps)
        return (rate - end) * (1 - s / whole)**power + end
    return schedule


def inverse_time(rate, steps, decay, staircase=False):
    return lambda s: rate / (1 + decay * (np.floor(s / steps) if staircase else s / steps))


def warm_up(steps, then):
    return lambda s: rate_of(then, 1) * s / steps if s < steps else rate_of(then, s - steps + 1)


# ---- losses of the dense layer's sums z ----

LOSSES = {
    "mse": lambda z, d: F.mse_loss(z, d["real"]),
    "mae": lambda z, d: F.l1_loss(z, d["real"]),
    "huber": lambda z, d: F.huber_loss(z, d["real"]),
    "huber_delta": lambda z, d: F.huber_loss(z, d["real"], delta=0.3),
    "binary": lambda z, d: F.binary_cross_entropy(torch.sigmoid(z), d["real"]),
    "binary_logits": lambda z, d: F.binary_cross_entropy_with_logits(z, d["real"]),
    "binary_smoothed": lambda z, d: F.binary_cross_entropy(
        torch.sigmoid(z), d["real"] * 0.8 + 0.1),
    "binary_logits_smoothed": lambda z, d: F.binary_cross_entropy_with_logits(
        z, d["real"] * 0.8 + 0.1),
    "categorical": lambda z, d: F.nll_loss(torch.log(torch.softmax(z, 1)), d["label"]),
    "categorical_logits": lambda z, d: F.cross_entropy(z, d["label"]),
    "categorical_smoothed": lambda z, d: F.cross_entropy(z, d["label"], label_smoothing=0.1),
    "weighted": lambda z, d: (((z - d["real"])**2).mean(1) * d["weight"]).mean(),
}

# name: loss, optimizer, and of these what is needed: clip, penalty, constraint (index -> function)
SGD = sgd(0.1)
CASES = {
    "sgd": ("mse", of_torch(torch.optim.SGD, lr=0.1), {}),
    "sgd_momentum": ("mse", of_torch(torch.optim.SGD, lr=0.1, momentum=0.9), {}),
    "sgd_nesterov": ("mse", of_torch(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True), {}),
    "sgd_decay": ("mse", sgd(0.1, 0.9, decay=0.05), {}),
    "rmsprop": ("mse", rmsprop(0.01), {}),
    "rmsprop_momentum": ("mse", rmsprop(0.01, 0.8, 0.5, 1e-3), {}),
    "rmsprop_centered": ("mse", rmsprop(0.01, 0.8, 0.5, 1e-3, centered=True), {}),
    "rmsprop_torch": ("mse", of_torch(torch.optim.RMSprop, lr=0.01, alpha=0.9, eps=0.0,
                                               centered=False, momentum=0.3), {}),
    "rmsprop_decay": ("mse", rmsprop(0.01, decay=0.05), {}),
    "adam": ("mse", adam(), {}),
    "adam_settings": ("mse", adam(0.05, 0.8, 0.99, 1e-3), {}),
    "adam_torch": ("mse", of_torch(torch.optim.Adam, lr=0.05, eps=0.0), {}),
    "adam_amsgrad": ("mse", adam(0.05, 0.8, 0.9, 1e-3, amsgrad=True), {}),
    "adam_amsgrad_torch": ("mse", of_torch(torch.optim.Adam, lr=0.05, betas=(0.8, 0.9), eps=0.0,
                                           amsgrad=True), {}),
    "adam_decay": ("mse", adam(0.05, decay=0.1), {}),
    "adamw": ("mse", adam(decay=0.004), {}),
    "adamw_torch": ("mse", of_torch(torch.optim.AdamW, lr=0.05, eps=0.0, weight_decay=0.1), {}),
    "nadam": ("mse", nadam(), {}),
    "nadam_settings": ("mse", nadam(0.05, 0.8, 0.99, 1e-3), {}), # PyTorch 1.13 multiplies by u_t twice
    "nadam_decay": ("mse", nadam(0.05, decay=0.1), {}),
    "mae": ("mae", SGD, {}),
    "huber": ("huber", SGD, {}),
    "huber_delta": ("huber_delta", SGD, {}),
    "binary": ("binary", SGD, {}),
    "binary_logits": ("binary_logits", SGD, {}),
    "binary_smoothed": ("binary_smoothed", SGD, {}),
    "binary_logits_smoothed": ("binary_logits_smoothed", SGD, {}),
    "categorical": ("categorical", SGD, {}),
    "categorical_logits": ("categorical_logits", SGD, {}),
    "categorical_smoothed": ("categorical_smoothed", SGD, {}),
    "weighted": ("weighted", SGD, {}),
    "clipvalue": ("mse", sgd(0.5), {"clip": clipvalue(0.02)}),
    "clipnorm": ("mse", sgd(0.5), {"clip": clipnorm(0.05)}),
    "global_clipnorm": ("mse", sgd(0.5), {"clip": global_clipnorm(0.1)}),
    "clip_penalty_decay": ("mse", sgd(0.5, decay=0.05), {
        "clip": clipnorm(0.05), "penalty": {0: (0.01, 0.02)}, "constraint": {0: max_norm(0.7)}}),
    "l2": ("mse", SGD, {"penalty": {0: (0.0, 0.01), 1: (0.0, 0.02), 2: (0.0, 0.03)}}),
    "l1": ("mse", SGD, {"penalty": {0: (0.01, 0.0), 1: (0.02, 0.0), 4: (0.03, 0.0)}}),
    "l1_l2": ("mse", adam(0.01), {"penalty": {3: (0.01, 0.02), 0: (0.03, 0.04)}}),
    "max_norm": ("mse", SGD, {"constraint": {0: max_norm(0.7), 1: max_norm(0.5), 2: max_norm(0.9)}}),
    "max_norm_dense": ("mse", SGD, {"constraint": {3: max_norm(0.4), 4: max_norm(0.3)}}),
    "exponential": ("mse", sgd(exponential(0.3, 7, 0.5)), {}),
    "exponential_staircase": ("mse", adam(exponential(0.03, 7, 0.5, True)), {}),
    "cosine": ("mse", sgd(cosine(0.3, 15, 0.1)), {}),
    "cosine_warm": ("mse", sgd(cosine(0.05, 9, 0.1, 0.3, 5)), {}),
    "cosine_restarts": ("mse", sgd(restarts(0.3, 4, 2.0, 0.7, 0.05)), {}),
    "cosine_restarts_equal": ("mse", sgd(restarts(0.3, 6, 1.0, 0.9)), {}),
    "piecewise": ("mse", sgd(piecewise([5, 11], [0.3, 0.1, 0.02])), {}),
    "polynomial": ("mse", sgd(polynomial(0.3, 12, 0.01, 2.0)), {}),
    "polynomial_cycle": ("mse", sgd(polynomial(0.3, 6, 0.01, 0.5, True)), {}),
    "inverse_time": ("mse", sgd(inverse_time(0.3, 4, 0.5)), {}),
    "inverse_time_staircase": ("mse", sgd(inverse_time(0.3, 4, 0.5, True)), {}),
    "warm_up": ("mse", adam(warm_up(5, 0.05)), {}),
    "warm_up_cosine": ("mse", sgd(warm_up(5, cosine(0.3, 12))), {}),
    "scheduled_decay": ("mse", adam(exponential(0.05, 7, 0.5), decay=0.1), {}),
}


def train(case, start, data):
    loss_name, make, extra = case
    weights = [w.clone().requires_grad_() for w in start]
    update, losses = make(weights), []
    for t in range(1, STEPS + 1):
        part = slice((t - 1) * ROWS, t * ROWS)
        batch = {key: value[part] for key, value in data.items()}
        for w in weights:
            w.grad = None
        loss = LOSSES[loss_name](forward(weights, batch["x"]), batch)
        for k, (l1, l2) in extra.get("penalty", {}).items():
            loss = loss + l1 * weights[k].abs().sum() + l2 * (weights[k]**2).sum()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            if "clip" in extra:
                for w, g in zip(weights, extra["clip"]([w.grad for w in weights])):
                    w.grad = g
            update(t)
            for k, constrain in extra.get("constraint", {}).items():
                weights[k].data = constrain(weights[k].data)
    return losses, np.concatenate([w.detach().numpy().ravel() for w in weights])


# ---- metrics ----

def keras_auc(y, p, n):
    thresholds = np.array([-1e-7] + [(k + 1) / (n - 1) for k in range(n - 2)] + [1 + 1e-7])
    said = p.ravel()[None, :] > thresholds[:, None]
    is_ = y.ravel()[None, :] != 0
    tp, fp = (said & is_).sum(1), (said & ~is_).sum(1)
    fn, tn = (~said & is_).sum(1), (~said & ~is_).sum(1)
    recall, rate = tp / (tp + fn), fp / (fp + tn)
    return ((rate[:-1] - rate[1:]) * (recall[:-1] + recall[1:]) / 2).sum()


def keras_f1(y, said):
    eps = 1e-7
    tp, fp, fn = (said * y).sum(0), (said * (1 - y)).sum(0), ((1 - said) * y).sum(0)
    precision, recall = tp / (tp + fp + eps), tp / (tp + fn + eps)
    return (2 * precision * recall / (precision + recall + eps)).mean()


def metrics(random):
    n = 37
    one_p = random.uniform(0, 1, (n, 1)).round(6)
    one_y = (one_p + random.uniform(-0.5, 0.5, (n, 1)) > 0.45).astype(float)
    scores = random.uniform(0, 1, (n, 3)).round(6)
    p = scores / scores.sum(1, keepdims=True)
    label = np.where(random.uniform(0, 1, n) < 0.6, p.argmax(1), random.randint(0, 3, n))
    hot, real = np.eye(3)[label], random.uniform(-1, 1, (n, 3))
    said, guess = (one_p > 0.5).astype(float), np.eye(3)[p.argmax(1)]
    values = {
        "accuracy_one": sk.accuracy_score(one_y, said),
        "accuracy_several": sk.accuracy_score(label, p.argmax(1)),
        "binary_accuracy_several": ((p > 0.4) == hot).mean(),
        "precision_one": sk.precision_score(one_y, said),
        "precision_high": sk.precision_score(one_y, one_p > 0.7),
        "precision_several": sk.precision_score(hot.ravel(), p.ravel() > 0.5),
        "recall_one": sk.recall_score(one_y, said),
        "recall_low": sk.recall_score(one_y, one_p > 0.3),
        "recall_several": sk.recall_score(hot.ravel(), p.ravel() > 0.5),
        "f1_one": keras_f1(one_y, said),
        "f1_one_plain": sk.f1_score(one_y, said),
        "f1_several": keras_f1(hot, guess),
        "f1_several_plain": sk.f1_score(label, p.argmax(1), average="macro"),
        "auc_one": keras_auc(one_y, one_p, 200),
        "auc_few": keras_auc(one_y, one_p, 7),
        "auc_several": keras_auc(hot, p, 200),
        "auc_plain": sk.roc_auc_score(one_y, one_p),
        "r2": sk.r2_score(real, p),
        "rmse": np.sqrt(sk.mean_squared_error(real, p)),
        "mse": sk.mean_squared_error(real, p),
        "mae": sk.mean_absolute_error(real, p),
    }
    arrays = {"one_p": one_p, "one_y": one_y, "p": p, "label": label, "hot": hot, "real": real}
    return arrays, values


def array(name, values):
    text = ", ".join(repr(float(v)) for v in np.ravel(values))
    return f"inline constexpr double {name}[] = {{{text}}};\n"


def main():
    random = np.random.RandomState(21)
    n = STEPS * ROWS
    shapes = [(FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, OUTPUTS), (OUTPUTS,)]
    start = [torch.tensor(random.uniform(-1, 1, s).round(6)) for s in shapes]
    data = {
        "x": torch.tensor(random.uniform(-1, 1, (n, TIME, FEATURES)).round(6)),
        "real": torch.tensor(random.uniform(0, 1, (n, OUTPUTS)).round(6)),
        "label": torch.tensor(random.randint(0, OUTPUTS, n)),
        "weight": torch.tensor(random.uniform(0, 2, n).round(6)),
    }
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n//\n"
        f"// Written by make_keras_training.py with PyTorch {torch.__version__}, scikit-learn "
        f"{sklearn.__version__} and\n// NumPy {np.__version__}; not to be edited.\n"
        "#pragma once\n\n#include <cstddef>\n\nnamespace keras_training {\n\n"
        f"inline constexpr std::size_t steps = {STEPS}, rows = {ROWS}, time = {TIME}, "
        f"features = {FEATURES}, units = {UNITS}, outputs = {OUTPUTS}, weights = "
        f"{sum(int(np.prod(s)) for s in shapes)};\n"
        "/// kernel, recurrent kernel, bias, dense kernel, dense bias; then a batch for each step.\n"
    )
    text += array("start", np.concatenate([w.numpy().ravel() for w in start]))
    for name, values in data.items():
        text += array(name, values.numpy())
    text += ("\n/// The loss of each step, and the weights after the last.\n"
             "struct run {\n    double losses[steps];\n    double end[weights];\n};\n")
    for name, case in CASES.items():
        losses, end = train(case, start, data)
        one, two = (", ".join(repr(float(v)) for v in part) for part in (losses, end))
        text += f"inline constexpr run {name}{{{{{one}}},\n{{{two}}}}};\n"
    arrays, values = metrics(random)
    text += "\nnamespace metrics {\ninline constexpr std::size_t n = 37;\n"
    for name, value in arrays.items():
        text += array(name, value)
    for name, value in values.items():
        text += f"inline constexpr double {name} = {float(value)!r};\n"
    text += "} // namespace metrics\n\n} // namespace keras_training\n"
    (Path(__file__).parent / "keras_training.hpp").write_text(text)


if __name__ == "__main__":
    main()
