# SPDX-License-Identifier: BSD-3-Clause
"""Draws the curves in the event files of a training (tensor_board's log_dir) as they are decoded by
protoc, with gnuplot: a picture for each tag, with the curves of train/ and validation/ in it.

    draw_events.py LOG_DIR PICTURE    (.svg or .png)

Prints a line "FOLDER TAG POINTS LAST_VALUE" for each curve."""
import subprocess
import sys
from pathlib import Path

import events

folder, picture = Path(sys.argv[1]), Path(sys.argv[2])
tags = {}  # tag -> folder -> [(step, value)]
for path in sorted(folder.glob("*/events.out.tfevents.*")):
    for _, step, value, tag in events.scalars(path):
        tags.setdefault(tag, {}).setdefault(path.parent.name, []).append((step, value))
if not tags:
    sys.exit(f"no event files in {folder}/*")

columns = min(3, len(tags))
rows = -(-len(tags) // columns)
terminal = "pngcairo" if picture.suffix == ".png" else "svg"
script = [f'set terminal {terminal} size {420 * columns},{300 * rows}', f'set output "{picture}"',
          f"set multiplot layout {rows},{columns}", "set key below", "set grid"]
for tag, curves in tags.items():
    blocks = []
    for name, points in curves.items():
        print(name, tag, len(points), points[-1][1])
        lines = "\n".join(f"{step} {value!r}" for step, value in points)
        script.append(f"${name} << END\n{lines}\nEND")
        blocks.append(f'${name} using 1:2 with linespoints pointsize 0.4 title "{name}"')
    script += [f'set title "{tag}" noenhanced', "plot " + ", ".join(blocks)]
subprocess.run(["gnuplot"], input="\n".join(script + ["unset multiplot"]).encode(), check=True)
