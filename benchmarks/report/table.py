# SPDX-License-Identifier: BSD-3-Clause
"""The rows as Markdown."""

import math

TITLES = {
    "step": "Step: one time step of a stream, batch 1, with dense(1)",
    "cells": "Cells: the same step of each cell, in = 1",
    "sequence": "Sequence: T = 100, in = 16, time per step and row",
    "scan": "Scan over time: min_gru(64), in = 16, a whole call, beside the same cell step by step",
    "train_step": "Training step: forward, mean squared error, backward, Adam",
    "activations": "Activations: time per 64 floats, from the first-level cache",
    "growth": "Growth: a whole call of predict, H = 64, in = 16",
    "compile_time": "Compile time: a minimal program that streams, a small one that trains",
}
ORDER = tuple(TITLES)


def time_text(nanoseconds):
    """Three significant digits: 39.8 ns, 1.25 µs, 35.2 ms, 7.37 s."""
    for unit, size in (("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)):
        value = float(f"{nanoseconds / size:.3g}")
        if value < 1000 or unit == "s":
            break
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{digits}f} {unit}"


def ratio_text(ratio):
    return f"{ratio:.0f}×" if ratio >= 100 else f"{ratio:.1f}×" if ratio >= 10 else f"{ratio:.2f}×"


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values))


def table(header, lines):
    """A Markdown table whose first column is text and whose others are numbers."""
    result = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return result + ["| " + " | ".join(line) + " |" for line in lines]


def systems_of(rows):
    """xrnn first, its other forms next, then the peers."""
    names = {row["system"] for row in rows}
    return sorted(names, key=lambda name: (name != "xrnn", not name.startswith("xrnn"), name))


def cell(row, own):
    """What a row says beside that of xrnn."""
    if row is None:
        return ""
    text = f"{time_text(row['min_ns'])} ({time_text(row['median_ns'])})"
    if own and row is not own:
        text += f", **{ratio_text(row['min_ns'] / own['min_ns'])}**"
    if row is not own and "of_roofline" in row:
        text += f", {row['of_roofline']:.0%} of its roofline"
    if "peak_kib" in row:
        text += f", {row['peak_kib'] / 1024:.0f} MiB"
    if "program_bytes" in row:
        text += f", {row['program_bytes'] / 1000:.1f} KB"
    return text


def error_cell(row, _own):
    return f"{row['max_error']:.1e}" if row and "max_error" in row else ""


def columns_beside(rows):
    """(title, system, text of its row beside xrnn's) of each column behind xrnn's."""
    result = []
    for system in systems_of(rows)[1:]:
        result.append((system, system, cell))
        if any("max_error" in row for row in rows if row["system"] == system):
            result.append(("its error", system, error_cell))
    return result


def suite_table(rows):
    """One line a case: minimum (median) of each system, its ratio to xrnn's, its error where it
    rounds, xrnn's roofline."""
    beside = columns_beside(rows)
    cases = {}
    for row in rows:
        cases.setdefault(row["case"], {})[row["system"]] = row
    kinds = list(dict.fromkeys(case.split("/")[0] for case in cases)) # all LSTMs, then all GRUs
    cases = dict(sorted(cases.items(), key=lambda item: kinds.index(item[0].split("/")[0])))
    floor = any("roofline_ns" in row for row in rows)
    header = ["case", systems_of(rows)[0]] + (["roofline", "reached"] if floor else [])
    header += [title for title, _, _ in beside]
    lines = []
    for case, by_system in cases.items():
        own = by_system.get("xrnn")
        line = [case, cell(own, own)]
        if floor:
            has = own and "roofline_ns" in own
            line += [f"{time_text(own['roofline_ns'])} ({own['bound']})" if has else "",
                     f"{own['of_roofline']:.0%}" if has else ""]
        lines.append(line + [text(by_system.get(system), own) for _, system, text in beside])
    means = [mean_ratio(cases, system) if text is cell else "" for _, system, text in beside]
    if any(means):
        lines.append(["geometric mean", ""] + (["", ""] if floor else []) + means)
    return table(header, lines)


def mean_ratio(cases, system):
    ratios = [by_system[system]["min_ns"] / by_system["xrnn"]["min_ns"]
              for by_system in cases.values() if system in by_system and "xrnn" in by_system]
    return f"**{ratio_text(geometric_mean(ratios))}**" if len(ratios) > 1 else ""


def cells_table(rows):
    """One line a cell, one column a number of units: minimum (median), its ratio to an LSTM's."""
    cells, sizes = {}, []
    for row in rows:
        name, size = row["case"].split("/", 1)
        cells.setdefault(name, {})[size] = row
        if size not in sizes:
            sizes.append(size)
    lines = []
    for name, by_size in cells.items():
        line = [name]
        for size in sizes:
            row, lstm = by_size.get(size), cells.get("lstm", {}).get(size)
            text = cell(row, None)
            if row and lstm and row is not lstm:
                text += f", **{ratio_text(row['min_ns'] / lstm['min_ns'])}** lstm"
            line.append(text)
        lines.append(line)
    return table(["cell", *sizes], lines)


def limits_table(rows):
    lines = []
    for row in rows:
        unit = "GB/s" if row["unit"] == "byte" else "GFLOP/s"
        lines.append([row["case"], f"{row['amount'] / row['min_ns']:.1f} {unit}",
                      f"{row['amount'] / row['median_ns']:.1f} {unit}"])
    return table(["one core", "best", "median"], lines)


def markdown(rows, heading):
    """The whole report; heading: lines about the run."""
    parts = ["# Benchmarks", "", *heading, "",
             "Times are minimum (median) over the rounds; **n×** is how many times the minimum of xrnn "
             "another system's minimum is: above 1 xrnn is faster. The roofline is the least time that "
             "the limits below allow, and what binds: multiply-adds (FLOP), or reading the weights "
             "from the level named. openblas is a step's matrix product alone, with neither equations "
             "nor head, and in a sequence without the inputs' part; onednn-before is the GRU whose "
             "reset comes before the product, another function than the rest. xrnn-bf16 keeps its "
             "weights in bfloat16, xrnn-bf16-dot rounds the inputs of its products too; the error is "
             "the largest difference of the output from that of float over 10⁴ steps.", ""]
    limits = [row for row in rows if row["suite"] == "limits"]
    if limits:
        parts += ["## Limits of the machine", "", *limits_table(limits), ""]
    for suite in ORDER:
        own = [row for row in rows if row["suite"] == suite]
        if own:
            lines = cells_table(own) if suite == "cells" else suite_table(own)
            parts += [f"## {TITLES[suite]}", "", *lines, ""]
    return "\n".join(parts)
