#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes callbacks.hpp: what Keras's EarlyStopping and ReduceLROnPlateau decide for random values, by
their documentation restated here: an epoch is judged by looking back over the whole list each time,
without counters carried along.

    python3 make_callbacks.py
"""
from pathlib import Path

import numpy as np


def early_stopping(values, direction, min_delta, patience, baseline, start):
    """(epoch at which it stops or -1, best epoch). direction: -1, less is better."""
    def better(value, than):
        return direction * value > direction * than + abs(min_delta)

    # epochs that improved on the best of the improving ones before them
    improving, best = [], None
    for epoch in range(start, len(values)):
        if best is None or better(values[epoch], best):
            improving.append(epoch)
            best = values[epoch]
        # the last epoch that began the patience anew: an improvement that beats the baseline too
        anew = [e for e in improving if baseline is None or better(values[e], baseline)]
        waited = epoch - (anew[-1] if anew else start - 1)
        if improving[-1] != epoch and waited >= patience and epoch > 0:
            return epoch, improving[-1]
    return -1, improving[-1] if improving else 0


def reduce_lr(values, direction, factor, patience, min_delta, cooldown, min_lr, rate):
    """The learning rate after each epoch."""
    rates, best, cooling_until, quiet_since = [], None, -1, 0
    for epoch, value in enumerate(values):
        cooling = epoch < cooling_until  # the epochs during which waiting does not count
        if best is None or direction * value > direction * best + min_delta:
            best, quiet_since = value, epoch + 1
        elif cooling:
            quiet_since = epoch + 1
        elif epoch + 1 - max(quiet_since, 0) >= patience:
            if rate > min_lr:
                rate = max(rate * factor, min_lr)
                cooling_until = epoch + cooldown
                quiet_since = epoch + 1
        rates.append(rate)
    return rates


def number(value):
    return repr(float(value))


def main():
    random = np.random.RandomState(5)
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n//\n"
        "// Written by make_callbacks.py; not to be edited.\n#pragma once\n\n#include <cstddef>\n"
        "#include <vector>\n\nnamespace callback_reference {\n\n"
        "struct stopping {\n    bool more_is_better;\n    double min_delta;\n    std::size_t patience;\n"
        "    bool has_baseline;\n    double baseline;\n    std::size_t start_from_epoch;\n"
        "    std::vector<double> values;\n    int stopped;\n    std::size_t best_epoch;\n};\n"
        "inline std::vector<stopping> const early_stopping{\n")
    for _ in range(200):
        n = random.randint(1, 15)
        values = np.round(random.uniform(0, 1, n) * random.choice([0.2, 1]) + 0.5, 2)
        more, delta = random.randint(2), random.choice([0.0, 0.1, -0.1, 0.3])
        patience, start = random.randint(0, 5), random.choice([0, 0, 0, 1, 3])
        baseline = random.choice([None, 0.6, 0.9])
        stop, best = early_stopping(list(values), 1 if more else -1, delta, patience, baseline, start)
        text += (f"{{{'true' if more else 'false'}, {number(delta)}, {patience}, "
                 f"{'false, 0' if baseline is None else 'true, ' + number(baseline)}, {start}, "
                 f"{{{', '.join(map(number, values))}}}, {stop}, {best}}},\n")
    text += ("};\n\nstruct plateau {\n    bool more_is_better;\n    double factor;\n"
             "    std::size_t patience;\n    double min_delta;\n    std::size_t cooldown;\n"
             "    double min_lr;\n    std::vector<double> values, rates;\n};\n"
             "inline std::vector<plateau> const reduce_lr{\n")
    for _ in range(200):
        n = random.randint(1, 20)
        values = np.round(random.uniform(0, 1, n) * random.choice([0.05, 1]), 3)
        more, factor = random.randint(2), random.choice([0.1, 0.5])
        patience, cooldown = random.randint(1, 4), random.choice([0, 0, 1, 3])
        delta, least = random.choice([1e-4, 0.1]), random.choice([0.0, 1e-3])
        rates = reduce_lr(list(values), 1 if more else -1, factor, patience, delta, cooldown, least,
                          0.01)
        text += (f"{{{'true' if more else 'false'}, {number(factor)}, {patience}, {number(delta)}, "
                 f"{cooldown}, {number(least)}, {{{', '.join(map(number, values))}}}, "
                 f"{{{', '.join(map(number, rates))}}}}},\n")
    text += "};\n\n} // namespace callback_reference\n"
    (Path(__file__).parent / "callbacks.hpp").write_text(text)


if __name__ == "__main__":
    main()
