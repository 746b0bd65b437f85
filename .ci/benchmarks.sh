#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The benchmarks build without a warning, run, and report every case; figures are not judged here.
set -euo pipefail
. cmake/bootstrap.sh

python3 -m unittest discover -s benchmarks/report
build=build/ci/benchmark
cmake --preset benchmark -B "$build" -DXRNN_WERROR=ON
cmake --build "$build" --parallel "$(jobs)"
# A gate or an activation that is a call costs a small cell a tenth of its step, and no test sees it.
for program in step cells sequence scan train_step; do
    objdump -d --no-show-raw-insn -C "$build/benchmarks/benchmark.$program" >"$build/$program.asm"
    awk -v program="$program" '
        /^[0-9a-f]+ <.*>:$/ {
            inside = /step_kernel<.*>::(step|separate_equations)</ || /::equations</ ||
                /scan_kernel<.*>::row</
            functions += inside
        }
        /\tcall .*(::next<|::activated<)/ ||
            inside && /\tcall / && !/separate_(product|equations)<|row_forward</ { print; calls++ }
        END {
            print program ": " functions + 0 " functions of equations, " calls + 0 " calls in them"
            exit !functions || calls > 0
        }' "$build/$program.asm"
done
bash benchmarks/run.sh --quick --rounds 1 --build "$build" --report "$build/report" \
    --json "$build/rows.json"
python3 - "$build/rows.json" <<'END'
import collections
import json
import sys

rows = json.load(open(sys.argv[1], encoding="utf-8"))
counts = collections.Counter((row["suite"], row["system"]) for row in rows)
for suite, number in {"step": 24, "cells": 22, "sequence": 20, "scan": 8, "growth": 32,
                      "train_step": 6, "activations": 3, "compile_time": 2}.items():
    assert counts[suite, "xrnn"] == number, f"{suite}: {counts[suite, 'xrnn']} rows, not {number}"
assert {row["case"].split("/")[-2] for row in rows if row["case"].startswith("read/")} == \
    {"L1", "L2", "L3", "DRAM"}
for row in rows:
    assert 0 < row["min_ns"] <= row["median_ns"], row
    assert row["system"] != "xrnn" or "flop" not in row or 0 < row["of_roofline"], row
END
