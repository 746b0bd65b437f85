# SPDX-License-Identifier: BSD-3-Clause
"""Compares an event file with what was to be written.

    check_events.py EVENT_FILE EXPECTED    (the lines that tensorboard_writer printed)

Exits with 1 and a sentence where anything differs."""
import struct
import sys
from pathlib import Path

import events


def float_bits(value):
    return struct.pack("<f", value)


found = events.scalars(sys.argv[1])
expected = [line.split(" ") for line in Path(sys.argv[2]).read_text().splitlines()]
if len(expected) < 5 or len(found) != len(expected):
    sys.exit(f"{len(found)} values, expected {len(expected)}")
for (wall_time, step, value, tag), (seconds, number, hexadecimal, name) in zip(found, expected):
    here = (wall_time, step, float_bits(value), tag)
    wanted = (float.fromhex(seconds), int(number), float_bits(float.fromhex(hexadecimal)), name)
    if here != wanted:
        sys.exit(f"expected {wanted}, protoc found {here}")
print(len(expected), "values as expected")
