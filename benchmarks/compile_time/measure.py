# SPDX-License-Identifier: BSD-3-Clause
"""Compiles minimal programs, whole (compiler and linker), and writes rows of suite compile_time:
median_ns, min_ns, peak_kib (of the biggest process) and program_bytes (stripped)."""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
INCLUDE = FOLDER.parent.parent / "include"
FLAGS = ["-std=c++20", "-O3", "-march=native", "-DNDEBUG"]
TORCH = ["-std=c++17", "-isystem", "/usr/include/torch/csrc/api/include"]

# case, system, source, options before it, libraries after it
PROGRAMS = (("stream", "xrnn", "stream.cpp", [f"-I{INCLUDE}"], []),
            ("train", "xrnn", "train.cpp", [f"-I{INCLUDE}"], []),
            ("stream", "onednn", "onednn.cpp", [], ["-ldnnl"]),
            ("stream", "libtorch", "libtorch.cpp", TORCH, ["-ltorch_cpu", "-lc10"]))


def compile_once(command):
    """(nanoseconds, peak KiB) of a command; an error if it fails."""
    begin = time.perf_counter_ns()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError("failed: " + shlex.join(command))
    return time.perf_counter_ns() - begin, usage.ru_maxrss


def installed(compiler, source, options, libraries):
    """Whether a program of nothing but the peer's header and libraries can be made."""
    condition = {"libtorch.cpp": "__has_include(<torch/torch.h>)",
                 "onednn.cpp": "__has_include(<oneapi/dnnl/dnnl_version.h>)"}.get(source)
    if condition is None:
        return True
    text = f"#if !{condition}\n#error missing\n#endif\nint main() {{}}\n"
    if source == "onednn.cpp": # version 3 has another interface
        text += "#include <oneapi/dnnl/dnnl_version.h>\nstatic_assert(DNNL_VERSION_MAJOR == 2);\n"
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([*compiler, *options, "-x", "c++", "-", "-o", f"{folder}/a",
                               *libraries], input=text, text=True, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0


def measure(compiler, rounds):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        present = [program for program in PROGRAMS if installed(compiler, *program[2:])]
        figures = {program[2]: [] for program in present}
        for _ in range(rounds):
            for _, _, source, options, libraries in present:
                figures[source].append(compile_once(
                    [*compiler, *FLAGS, *options, str(FOLDER / source), "-o",
                     f"{folder}/{source}.out", *libraries]))
        for case, system, source, _, _ in present:
            subprocess.run(["strip", "-s", f"{folder}/{source}.out"], check=True)
            times = [time for time, _ in figures[source]]
            rows.append({"suite": "compile_time", "case": case, "system": system,
                         "median_ns": statistics.median(times), "min_ns": min(times),
                         "samples": rounds, "peak_kib": max(peak for _, peak in figures[source]),
                         "program_bytes": os.path.getsize(f"{folder}/{source}.out")})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the rows go")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    rows = measure(shlex.split(os.environ.get("CXX", "c++")), args.rounds)
    for row in rows:
        print(f"{row['case']:7} {row['system']:9} {row['min_ns'] / 1e9:6.2f} s "
              f"({row['median_ns'] / 1e9:.2f} s) {row['peak_kib'] / 1024:6.0f} MiB "
              f"{row['program_bytes']:8} bytes")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
