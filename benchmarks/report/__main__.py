# SPDX-License-Identifier: BSD-3-Clause
"""Measures, compares, writes the report. Started by benchmarks/run.sh, which builds the programs."""

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path

import charts
import collect
import roofline
import table

SUITES = ("limits", "step", "cells", "sequence", "scan", "growth", "train_step", "activations",
          "compile_time")


def arguments():
    parser = argparse.ArgumentParser(
        prog="run.sh", description="Measures xrnn beside the peers that are installed.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to FILE as well")
    parser.add_argument("--report", type=Path, metavar="DIR", default=Path("report/benchmarks"),
                        help="where tables and pictures go (default: %(default)s)")
    parser.add_argument("--suite", metavar="NAME[,NAME...]", default=",".join(SUITES),
                        help="what to measure; limits always come along (default: %(default)s)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds (default: 7)")
    parser.add_argument("--quick", action="store_true", help="2 short rounds: rough figures")
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=Path, action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.suites = args.suite.split(",")
    for name in args.suites:
        if name not in SUITES:
            parser.error(f"no suite is called {name!r}; there are {', '.join(SUITES)}")
    if args.rounds is not None and args.rounds < 1:
        parser.error(f"expected at least 1 round, got {args.rounds}")
    args.rounds = args.rounds or (2 if args.quick else 7)
    return args


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def version():
    """The commit that is measured, and whether what is built from differs from it."""
    def git(*words):
        return subprocess.run(["git", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, check=False)
    commit = git("rev-parse", "--short", "HEAD").stdout.strip()
    changed = commit and git("diff", "--quiet", "HEAD", "--", "include", "benchmarks").returncode
    return f", commit {commit}{' with changes' if changed else ''}" if commit else ""


def heading(args, caches, commit):
    sizes = ", ".join(f"L{level} {size >> 10} KiB" for level, size in sorted(caches.items()))
    return [f"{processor()}; {sizes or 'caches unknown'}. One thread, {args.rounds} rounds"
            f"{', quick: rough figures' if args.quick else ''}{commit}."]


def main():
    args = arguments()
    if args.check: # only whether the options are right, before anything is built
        return 0
    rows, caches, commit = [], {}, version()
    measured = [suite for suite in args.suites if suite != "compile_time"]
    if measured:
        suites = list(dict.fromkeys(["limits", *measured]))
        rows, caches = collect.run_rounds(args.programs, suites, args.rounds,
                                          0.002 if args.quick else 0.005)
        if "train_step" in suites:
            collect.add_peak_memory(rows, args.programs)
    for file in args.rows:
        rows += json.loads(file.read_text(encoding="utf-8"))
    roofline.annotate(rows, caches)

    args.report.mkdir(parents=True, exist_ok=True)
    text = table.markdown(rows, heading(args, caches, commit))
    as_json = json.dumps(rows, indent=1) + "\n"
    (args.report / "benchmarks.md").write_text(text, encoding="utf-8")
    (args.report / "benchmarks.json").write_text(as_json, encoding="utf-8")
    if args.json:
        args.json.write_text(as_json, encoding="utf-8")
    print(text)
    drawn = charts.draw(rows, args.report)
    if drawn is None:
        print("No pictures: gnuplot is not installed (Debian: gnuplot-nox).")
    print(f"In {args.report}: {', '.join(['benchmarks.md', 'benchmarks.json', *(drawn or [])])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
