# SPDX-License-Identifier: BSD-3-Clause
"""Runs the benchmark programs, round after round, and makes rows of what they measured.

A row: suite, case, system, median_ns, min_ns (per item: a step, a step and row, a training step,
64 activations), samples, and what the program told of the case (flop, bytes, weights ...).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# One thread for every system, whatever it is built on.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# What Google Benchmark itself writes about a benchmark; all other entries are counters of ours.
OWN_KEYS = {"name", "family_index", "per_family_instance_index", "run_name", "run_type",
            "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
            "time_unit", "label", "error_occurred", "error_message"}


def programs(folder):
    """The benchmark programs in a folder."""
    return sorted(path for path in Path(folder).glob("benchmark.*")
                  if path.is_file() and os.access(path, os.X_OK))


def filter_for(suites):
    """A pattern for Google Benchmark that keeps the names of these suites."""
    return "^[^/]+/(" + "|".join(suites) + ")/"


def run_program(program, pattern, seconds):
    """The report of one run: context and benchmarks; None if the program has nothing to run."""
    listed = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_list_tests"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            env=os.environ | ENVIRONMENT, check=False).stdout
    if not listed.strip():
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "out.json"
        subprocess.run([program, f"--benchmark_filter={pattern}", f"--benchmark_min_time={seconds}",
                        f"--benchmark_out={file}", "--benchmark_out_format=json"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=os.environ | ENVIRONMENT, check=True)
        return json.loads(file.read_text())


def sample_of(benchmark):
    """Nanoseconds an item. Of the thread's own processor time, so that other programs on the machine
    do not count; a benchmark that uses several threads (counter `workers`) has real time."""
    if benchmark.get("error_occurred"):
        raise RuntimeError(f"{benchmark['name']}: {benchmark['error_message']}")
    if benchmark["time_unit"] != "ns":
        raise RuntimeError(f"{benchmark['name']}: expected time in ns, got {benchmark['time_unit']}")
    clock = "real_time" if benchmark.get("workers", 1) > 1 else "cpu_time"
    return benchmark[clock] / benchmark.get("items", 1)


def merge(rows, report):
    """Adds one run's figures to rows: {(system, suite, case): row with samples}."""
    for benchmark in report["benchmarks"]:
        system, suite, case = benchmark["name"].split("/", 2)
        row = rows.setdefault((system, suite, case), {"suite": suite, "case": case,
                                                      "system": system, "samples": []})
        row["samples"].append(sample_of(benchmark))
        row.update({key: value for key, value in benchmark.items() if key not in OWN_KEYS})


def finished(row):
    """A row of the report from one with samples. A limit's row says how much work its time is for:
    amount (flop or byte) and the best rate, in 1e9 a second."""
    result = {key: row[key] for key in ("suite", "case", "system")}
    result["median_ns"] = statistics.median(row["samples"])
    result["min_ns"] = min(row["samples"])
    result["samples"] = len(row["samples"])
    if row["suite"] == "limits":
        amount = row["items"]
        result |= {"median_ns": result["median_ns"] * amount, "min_ns": result["min_ns"] * amount,
                   "amount": amount, "unit": "byte" if row["case"].startswith("read/") else "flop",
                   "rate": 1 / result["min_ns"]}
    known = result.keys() | {"items", "samples"}
    return result | {key: value for key, value in row.items() if key not in known}


def caches_of(report):
    """Bytes of the data caches by level, from a report's context."""
    return {cache["level"]: cache["size"] for cache in report["context"].get("caches", [])
            if cache["type"] != "Instruction"}


def run_rounds(folder, suites, rounds, seconds):
    """Each round runs each program once, over all cases; every other round in reverse order, so that
    no program always follows the same one. Returns rows and the machine's caches."""
    pattern, rows, caches = filter_for(suites), {}, {}
    everything = programs(folder)
    if not everything:
        raise RuntimeError(f"no benchmark.* programs in {folder}: build them first")
    for number in range(rounds):
        for program in everything if number % 2 == 0 else reversed(everything):
            print(f"round {number + 1} of {rounds}: {program.name}", file=sys.stderr, flush=True)
            report = run_program(program, pattern, seconds)
            if report is not None:
                merge(rows, report)
                caches = caches_of(report) or caches
    return [finished(row) for row in rows.values()], caches


def names_of(program, pattern):
    """The benchmarks of a program that a filter selects."""
    return subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_list_tests"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          env=os.environ | ENVIRONMENT, check=False).stdout.split()


def add_peak_memory(rows, folder):
    """Puts peak_kib into the rows of training steps: the peak memory of a process that runs this case
    alone."""
    by_system = {name: program for program in programs(folder)
                 for name in names_of(program, "/train_step/")}
    for row in rows:
        name = f"{row['system']}/{row['suite']}/{row['case']}"
        if name not in by_system:
            continue
        # Not re.escape's form: a program that cannot read its filter runs nothing and reports success.
        pattern = f"^{name}$"
        if names_of(by_system[name], pattern) != [name]:
            raise RuntimeError(f"{by_system[name]}: the filter {pattern} does not select {name}")
        row["peak_kib"] = peak_memory([by_system[name], "--benchmark_min_time=0.01",
                                       f"--benchmark_filter={pattern}"])


def peak_memory(command):
    """Peak resident memory of a command and what it starts, in KiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=os.environ | ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return usage.ru_maxrss
