# SPDX-License-Identifier: BSD-3-Clause
"""Tests of the report: python3 -m unittest discover -s benchmarks/report"""

import json
import os
import shutil
import stat
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import charts
import collect
import roofline
import table

CACHES = {1: 32 << 10, 2: 1 << 20, 3: 32 << 20}


def report(*benchmarks):
    return {"context": {"caches": [{"type": "Data", "level": 1, "size": 32768},
                                   {"type": "Instruction", "level": 1, "size": 1},
                                   {"type": "Unified", "level": 2, "size": 1048576}]},
            "benchmarks": list(benchmarks)}


def benchmark(name, cpu, real=None, **counters):
    return {"name": name, "run_name": name, "run_type": "iteration", "threads": 1, "iterations": 5,
            "real_time": real or cpu, "cpu_time": cpu, "time_unit": "ns", **counters}


def row(suite, case, system, minimum, **more):
    return {"suite": suite, "case": case, "system": system, "median_ns": 2 * minimum,
            "min_ns": minimum, "samples": 3, **more}


def limits():
    return [row("limits", "fma_peak", "limit", 1000, amount=100e3, unit="flop"),
            row("limits", "bf16_dot_peak", "limit", 1000, amount=200e3, unit="flop"),
            row("limits", "read/L1/24KiB", "limit", 10, amount=2000, unit="byte"),
            row("limits", "read/L2/128KiB", "limit", 10, amount=900, unit="byte"),
            row("limits", "read/L2/512KiB", "limit", 10, amount=1000, unit="byte"),
            row("limits", "read/DRAM/256MiB", "limit", 10, amount=250, unit="byte")]


class Collect(unittest.TestCase):
    def test_samples_become_median_and_minimum_per_item(self):
        rows = {}
        for cpu in (160, 480, 320):
            collect.merge(rows, report(benchmark("xrnn/step/lstm/in=1/H=8", cpu, items=16, flop=9)))
        (result,) = [collect.finished(entry) for entry in rows.values()]
        self.assertEqual(result, {"suite": "step", "case": "lstm/in=1/H=8", "system": "xrnn",
                                  "median_ns": 20, "min_ns": 10, "samples": 3, "flop": 9})

    def test_time_of_other_programs_does_not_count_but_threads_do(self):
        self.assertEqual(collect.sample_of(benchmark("a/b/c", 10, real=25)), 10)
        self.assertEqual(collect.sample_of(benchmark("a/b/c", 10, real=25, workers=2)), 25)

    def test_an_error_or_another_unit_stops_the_run(self):
        failed = benchmark("a/b/c", 10, error_occurred=True, error_message="no such layer")
        with self.assertRaisesRegex(RuntimeError, "a/b/c: no such layer"):
            collect.sample_of(failed)
        with self.assertRaisesRegex(RuntimeError, "expected time in ns, got ms"):
            collect.sample_of(benchmark("a/b/c", 10) | {"time_unit": "ms"})

    def test_a_limit_is_an_amount_of_work_and_its_time(self):
        rows = {}
        collect.merge(rows, report(benchmark("limit/limits/read/L1/24KiB", 10, items=2000)))
        (result,) = [collect.finished(entry) for entry in rows.values()]
        self.assertEqual((result["unit"], result["amount"], result["min_ns"], result["rate"]),
                         ("byte", 2000, 10, 200))

    def test_caches_without_that_of_instructions(self):
        self.assertEqual(collect.caches_of(report()), {1: 32768, 2: 1048576})

    def test_rounds_run_each_program_once_and_skip_what_has_nothing_to_run(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log"
            for name, suite in (("one", "step"), ("two", "step"), ("three", "other")):
                self.program(Path(folder) / f"benchmark.{name}", log, name, suite)
            rows, caches = collect.run_rounds(folder, ["step"], 3, 0.001)
            order = log.read_text().split()
        self.assertEqual(order, ["one", "two", "two", "one", "one", "two"])
        self.assertEqual([(entry["system"], entry["samples"]) for entry in rows],
                         [("one", 3), ("two", 3)])
        self.assertEqual(caches[2], 1048576)

    def test_no_programs_and_a_program_that_fails_are_errors(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(RuntimeError, "no benchmark"):
                collect.run_rounds(folder, ["step"], 1, 0.001)
        with self.assertRaisesRegex(RuntimeError, "ended with 3"):
            collect.peak_memory(["sh", "-c", "exit 3"])

    def test_peak_memory_is_that_of_the_case_and_a_filter_that_selects_nothing_is_an_error(self):
        rows = [{"system": "xrnn-2-threads", "suite": "train_step", "case": "lstm_4"}]
        for selects, expected in (("^xrnn-2-threads/train_step/lstm_4$", None),
                                  ("nothing", "does not select")):
            with self.subTest(expected), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "benchmark.one"
                path.write_text(f"""#!/bin/sh
case "$*" in
  *"--benchmark_filter=/train_step/ --benchmark_list_tests"* | \\
  *"--benchmark_filter={selects} --benchmark_list_tests"*) echo xrnn-2-threads/train_step/lstm_4 ;;
esac
""")
                path.chmod(0o755)
                if expected is None:
                    collect.add_peak_memory(rows, folder)
                    self.assertGreater(rows[0]["peak_kib"], 0)
                else:
                    with self.assertRaisesRegex(RuntimeError, expected):
                        collect.add_peak_memory(rows, folder)

    @staticmethod
    def program(path, log, name, suite):
        """A shell script that behaves like a Google Benchmark program with one case."""
        text = json.dumps(report(benchmark(f"{name}/{suite}/case", 10)))
        path.write_text(f"""#!/bin/sh
for a; do case $a in
  --benchmark_filter=*) [ "{suite}" = step ] || exit 0 ;;
  --benchmark_list_tests) echo {name}/{suite}/case; exit 0 ;;
  --benchmark_out=*) out=${{a#*=}} ;;
esac; done
echo {name} >> {log}
cat > "$out" <<'END'
{text}
END
""")
        os.chmod(path, path.stat().st_mode | stat.S_IXUSR)


class Roofline(unittest.TestCase):
    def annotated(self, *rows):
        everything = limits() + list(rows)
        roofline.annotate(everything, CACHES)
        return everything[len(limits()):]

    def test_level_of_the_weights(self):
        for size, level in ((32 << 10, "L1"), ((32 << 10) + 1, "L2"), (1 << 20, "L2"),
                            ((1 << 20) + 4096, "L3"), (64 << 20, "DRAM")):
            self.assertEqual(roofline.level_of(size, CACHES), level)

    def test_the_larger_of_the_two_bounds(self):
        flop, read = self.annotated(
            row("step", "a", "xrnn", 20, flop=1000, bytes=1000, weights=1000),
            row("step", "b", "xrnn", 20, flop=100, bytes=1000, weights=100_000))
        self.assertEqual((flop["roofline_ns"], flop["bound"], flop["of_roofline"]), (10, "FLOP", 0.5))
        self.assertEqual((read["roofline_ns"], read["bound"], read["of_roofline"]), (10, "L2", 0.5))

    def test_the_dot_product_of_bf16_has_a_peak_of_its_own_and_expanded_weights_that_of_floats(self):
        cost = {"flop": 2000, "bytes": 1, "weights": 1}
        dot, expanded = self.annotated(row("step", "a", "xrnn-bf16-dot", 20, **cost),
                                       row("step", "b", "xrnn-bf16", 20, **cost))
        self.assertEqual((dot["roofline_ns"], expanded["roofline_ns"]), (10, 20))

    def test_no_roofline_without_the_limit_it_needs(self):
        (own,) = self.annotated(row("step", "a", "xrnn", 20, flop=1, bytes=1, weights=2 << 20))
        self.assertNotIn("roofline_ns", own) # no read/L3 was measured

    def test_ratios_of_minima_to_every_other_system(self):
        own, peer = self.annotated(row("step", "a", "xrnn", 20), row("step", "a", "onednn", 50))
        self.assertEqual(own["ratios"], {"onednn": 2.5})
        self.assertNotIn("ratios", peer)


class Table(unittest.TestCase):
    def test_three_digits(self):
        for value, text in ((39.84, "39.8 ns"), (999.4, "999 ns"), (999.6, "1.00 µs"),
                            (35.2e6, "35.2 ms"), (7.371e9, "7.37 s"), (0.25, "0.250 ns")):
            self.assertEqual(table.time_text(value), text)

    def test_xrnn_first_then_its_forms_then_the_peers(self):
        rows = [row("step", "a", name, 1) for name in ("onednn", "xrnn-bf16", "libtorch", "xrnn")]
        self.assertEqual(table.systems_of(rows), ["xrnn", "xrnn-bf16", "libtorch", "onednn"])

    def test_a_case_that_a_system_lacks_is_empty_and_not_in_the_mean(self):
        rows = [row("step", "a", "xrnn", 10), row("step", "b", "xrnn", 10),
                row("step", "c", "xrnn", 10), row("step", "a", "onednn", 20),
                row("step", "b", "onednn", 80)]
        lines = table.suite_table(rows)
        self.assertEqual(lines[2], "| a | 10.0 ns (20.0 ns) | 20.0 ns (40.0 ns), **2.00×** |")
        self.assertEqual(lines[4], "| c | 10.0 ns (20.0 ns) |  |")
        self.assertEqual(lines[5], "| geometric mean |  | **4.00×** |")

    def test_rounded_weights_show_their_ratio_to_floats_and_their_error(self):
        rows = [row("step", case, "xrnn", 10) for case in "ab"]
        rows += [row("step", "a", "xrnn-bf16", 5, max_error=1.26e-3), row("step", "b", "onednn", 20)]
        rows += [row("step", case, "xrnn-bf16-dot", 20, max_error=2.5e-3) for case in "ab"]
        lines = table.suite_table(rows)
        self.assertEqual(lines[0], "| case | xrnn | xrnn-bf16 | its error | xrnn-bf16-dot | its error "
                                   "| onednn |")
        self.assertEqual(lines[2], "| a | 10.0 ns (20.0 ns) | 5.00 ns (10.0 ns), **0.50×** | 1.3e-03 "
                                   "| 20.0 ns (40.0 ns), **2.00×** | 2.5e-03 |  |")
        self.assertEqual(lines[3], "| b | 10.0 ns (20.0 ns) |  |  "
                                   "| 20.0 ns (40.0 ns), **2.00×** | 2.5e-03 "
                                   "| 20.0 ns (40.0 ns), **2.00×** |")
        self.assertEqual(lines[4], "| geometric mean |  |  |  | **2.00×** |  |  |")

    def test_cells_beside_the_lstm_of_their_size(self):
        rows = [row("cells", "lstm/in=1/H=16", "xrnn", 20), row("cells", "mgu/in=1/H=16", "xrnn", 10),
                row("cells", "mgu/in=1/H=64", "xrnn", 30), row("cells", "lstm/in=1/H=64", "xrnn", 40)]
        lines = table.cells_table(rows)
        self.assertEqual(lines[0], "| cell | in=1/H=16 | in=1/H=64 |")
        self.assertEqual(lines[2], "| lstm | 20.0 ns (40.0 ns) | 40.0 ns (80.0 ns) |")
        self.assertEqual(lines[3], "| mgu | 10.0 ns (20.0 ns), **0.50×** lstm "
                                   "| 30.0 ns (60.0 ns), **0.75×** lstm |")
        self.assertIn(lines[3], table.markdown(rows, []))

    def test_the_whole_report(self):
        rows = limits() + [row("step", "a", "xrnn", 20, flop=1000, bytes=1, weights=1),
                           row("compile_time", "stream", "xrnn", 2.4e9, peak_kib=2048,
                               program_bytes=18600)]
        roofline.annotate(rows, CACHES)
        text = table.markdown(rows, ["a machine"])
        self.assertIn("| a | 20.0 ns (40.0 ns) | 10.0 ns (FLOP) | 50% |", text)
        self.assertIn("| fma_peak | 100.0 GFLOP/s | 50.0 GFLOP/s |", text)
        self.assertIn("2.40 s (4.80 s), 2 MiB, 18.6 KB", text)


class Charts(unittest.TestCase):
    def test_numbers_in_a_case(self):
        self.assertEqual(charts.number("lstm/batch=32/H=64/T=100", "T"), 100)
        self.assertEqual(charts.number("lstm/batch=32/H=64/T=100", "batch"), 32)
        self.assertIsNone(charts.number("lstm/in=1/H=8", "T"))

    @unittest.skipIf(shutil.which("gnuplot") is None, "no gnuplot")
    def test_all_pictures(self):
        rows = limits()
        for cell in ("lstm", "gru"):
            for size in (8, 16):
                cost = {"flop": size, "bytes": size, "weights": size}
                rows += [row("step", f"{cell}/in=1/H={size}", "xrnn", size, **cost),
                         row("step", f"{cell}/in=1/H={size}", "onednn", 3 * size),
                         row("growth", f"{cell}/batch=1/H=64/T={size}", "xrnn", size, **cost),
                         row("growth", f"{cell}/batch={size}/H=64/T=100", "xrnn", size, **cost)]
        roofline.annotate(rows, CACHES)
        with tempfile.TemporaryDirectory() as folder:
            drawn = charts.draw(rows, Path(folder))
            self.assertEqual(drawn, ["ratios.svg", "step_cost.svg", "sequence_cost.svg"])
            for name in drawn:
                text = (Path(folder) / name).read_text()
                self.assertIn("</svg>", text)
            self.assertIn("roofline of xrnn", text)

    def test_without_gnuplot_nothing_is_drawn(self):
        with unittest.mock.patch("shutil.which", return_value=None):
            self.assertIsNone(charts.draw(limits(), Path("nowhere")))

    def test_rows_that_make_no_picture(self):
        self.assertIsNone(charts.ratios(limits(), "a.svg"))
        self.assertIsNone(charts.step_cost(limits(), "a.svg"))
        self.assertIsNone(charts.sequence_cost(limits(), "a.svg"))


if __name__ == "__main__":
    unittest.main()
