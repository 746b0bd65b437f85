# SPDX-License-Identifier: BSD-3-Clause
"""The rows as SVG pictures, drawn by gnuplot."""

import re
import shutil
import subprocess

from table import systems_of

COLOURS = {"xrnn": "#0f766e", "xrnn-bf16": "#65a30d", "xrnn-bf16-dot": "#a3b18a",
           "libtorch": "#b45309", "onednn": "#3b6fb6", "onednn-before": "#9db8dd",
           "openblas": "#7c6f9f", "roofline": "#64748b"}
STYLE = """set encoding utf8
set tics nomirror scale 0.6 textcolor rgb "#1f2933"
set border 3 lc rgb "#94a3b8"
set grid ytics lc rgb "#e2e8f0"
set logscale y
set key Left reverse samplen 2
"""


def colour(system):
    return COLOURS.get(system, "#1f2933")


def number(case, name):
    """The number behind name= in a case, e.g. 64 of H in lstm/in=1/H=64."""
    found = re.search(rf"(?:^|/){name}=(\d+)", case)
    return int(found.group(1)) if found else None


def header(width, height, file, panels):
    return (f'set terminal svg size {width},{height} font "DejaVu Sans,12" background "#ffffff"\n'
            f'set output "{file}"\n{STYLE}set multiplot layout {panels[0]},{panels[1]}\n')


def block(name, lines):
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def curve(name, points, system, title, dashed=False):
    """A data block and the plot clause of a curve."""
    style = "lines dt 2 lw 1.5" if dashed else "linespoints pt 7 ps 0.5 lw 1.8"
    data = block(name, [f"{x} {y}" for x, y in sorted(points)])
    return data, f'${name} using 1:($2 * 1e-9) with {style} lc rgb "{colour(system)}" title "{title}"'


def curves(rows, axis, prefix):
    """A curve for each system, and xrnn's roofline, over a number in the case's name."""
    data, clauses = "", []
    for system in systems_of(rows):
        points = [(number(row["case"], axis), row["min_ns"]) for row in rows
                  if row["system"] == system]
        block_, clause = curve(f"{prefix}{len(clauses)}", points, system, system)
        data, clauses = data + block_, clauses + [clause]
    floor = [(number(row["case"], axis), row["roofline_ns"]) for row in rows
             if row["system"] == "xrnn" and "roofline_ns" in row]
    if floor:
        block_, clause = curve(f"{prefix}f", floor, "roofline", "roofline of xrnn", dashed=True)
        data, clauses = data + block_, clauses + [clause]
    return data, clauses


def panel(rows, axis, prefix, title, label):
    data, clauses = curves(rows, axis, prefix)
    places = sorted({number(row["case"], axis) for row in rows})
    ticks = ", ".join(str(x) for x in places)
    return (data + f'set logscale x\nset xrange [{places[0] * 0.8}:{places[-1] * 1.25}]\n'
            f'set xtics ({ticks}) font ",10"\nset format y "%.0s %cs"\nset key bottom right\n'
            f'set title "{title}"\nset xlabel "{label}"\n'
            "plot " + ", \\\n     ".join(clauses) + "\n")


def step_cost(rows, file):
    """Step time against H, in = 1."""
    text = header(1200, 460, file, (1, 2))
    for cell in ("lstm", "gru"):
        own = [row for row in rows if row["suite"] == "step"
               and row["case"].startswith(f"{cell}/in=1/")]
        if not own:
            return None
        text += panel(own, "H", cell, f"Step, {cell.upper()}(1 to H) and dense(1)", "units H")
    return text


def sequence_cost(rows, file):
    """A call of predict against time and against batch."""
    text = header(1200, 840, file, (2, 2))
    growth = [row for row in rows if row["suite"] == "growth"]
    for cell in ("lstm", "gru"):
        own = [row for row in growth if row["case"].startswith(cell)]
        over_time = [row for row in own if number(row["case"], "batch") == 1]
        over_batch = [row for row in own if number(row["case"], "T") == 100]
        if not over_time or not over_batch:
            return None
        text += panel(over_time, "T", cell + "t", f"Sequence, {cell.upper()}(16 to 64), batch 1",
                      "time steps T")
        text += panel(over_batch, "batch", cell + "b", f"Sequence, {cell.upper()}(16 to 64), T = 100",
                      "batch")
    return text


def ratio_panel(rows, suite, title):
    """A column a case: how many times xrnn's time each other system takes, and the roofline."""
    own = [row for row in rows if row["suite"] == suite and row["system"] == "xrnn"
           and row.get("ratios")]
    if not own:
        return ""
    own.sort(key=lambda row: row["case"].startswith("gru/"))
    systems = [name for name in systems_of(row for row in rows if row["suite"] == suite)
               if name != "xrnn"]
    lines = [f'"{row["case"]}" ' + " ".join(str(row["ratios"].get(name, "NaN")) for name in systems)
             + f" {row.get('of_roofline', 'NaN')}" for row in own]
    clauses = ['1 with lines lw 2 lc rgb "#0f766e" title "xrnn"']
    clauses += [f'${suite} using 0:{k}:xtic(1) with points pt 7 ps 0.8 lc rgb "{colour(name)}" '
                f'title "{name}"' for k, name in enumerate(systems, 2)]
    clauses += [f'${suite} using 0:{len(systems) + 2} with points pt 2 ps 0.6 '
                f'lc rgb "{colour("roofline")}" title "roofline of xrnn"']
    return (block(suite, lines) + f'set title "{title}: how many times the time of xrnn (minima)"\n'
            f"set xrange [-0.7:{len(own) - 0.3}]\n"
            "plot " + ", \\\n     ".join(clauses) + "\n")


def ratios(rows, file):
    panels = [ratio_panel(rows, suite, title) for suite, title in
              (("step", "Step"), ("sequence", "Sequence"), ("train_step", "Training step"))]
    panels = [text for text in panels if text]
    if not panels:
        return None
    return (header(1200, 420 * len(panels), file, (len(panels), 1))
            + 'set key outside right top\nset grid xtics ytics lc rgb "#e2e8f0"\n'
            'set format y "%g×"\nset xtics rotate by 40 right font ",10" noenhanced\n'
            + "".join(panels))


def draw(rows, folder):
    """Writes the pictures into folder; returns their names, or None without gnuplot."""
    if shutil.which("gnuplot") is None:
        return None
    drawn = []
    for name, make in (("ratios.svg", ratios), ("step_cost.svg", step_cost),
                       ("sequence_cost.svg", sequence_cost)):
        text = make(rows, folder / name)
        if text:
            subprocess.run(["gnuplot"], input=text + "unset multiplot\n", text=True, check=True)
            drawn.append(name)
    return drawn
