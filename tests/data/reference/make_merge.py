# SPDX-License-Identifier: BSD-3-Clause
"""Writes merge.hpp: what pandas.merge returns for pairs of tables. Run from this folder."""
import numpy as np
import pandas as pd

nan = float("nan")
rng = np.random.RandomState(11)
random_left = pd.DataFrame({"k": rng.randint(0, 12, 25).astype(float), "v": np.arange(25.0)})
random_right = pd.DataFrame({"w": np.arange(30.0), "k": rng.randint(4, 16, 30).astype(float)})
pairs = {
    "dates, gaps on both sides": (
        pd.DataFrame({"date": [1., 2, 3, 5], "open": [10., 20, 30, 50]}),
        pd.DataFrame({"date": [2., 3, 4, 6], "close": [21., 31, 41, 61]})),
    "unsorted": (
        pd.DataFrame({"a": [1., 2, 3, 4], "date": [9., 2, 7, 5]}),
        pd.DataFrame({"date": [5., 9, 1, 7], "b": [1., 2, 3, 4]})),
    "doubled keys, clashing names": (
        pd.DataFrame({"k": [1., 2, 1, 3, 2], "v": [1., 2, 3, 4, 5]}),
        pd.DataFrame({"k": [2., 1, 4, 1, 2], "v": [6., 7, 8, 9, 10]})),
    "missing keys and cells": (
        pd.DataFrame({"k": [nan, 2, 1, nan], "v": [1., nan, 3, 4]}),
        pd.DataFrame({"k": [1., nan, 3, 2], "w": [nan, 7, 8, 9]})),
    "negative zero and infinity": (
        pd.DataFrame({"k": [-0.0, float("-inf"), float("inf")], "v": [1., 2, 3]}),
        pd.DataFrame({"k": [float("inf"), 0.0, 5], "w": [7., 8, 9]})),
    "text keys": (
        pd.DataFrame({"k": ["b", "", "a", "Z", "é"], "v": [1., 2, 3, 4, 5]}),
        pd.DataFrame({"t": ["x", "y", "z", "u"], "k": ["a", "é", "", "c"]})),
    "empty left": (
        pd.DataFrame({"k": np.array([], float), "v": np.array([], float)}),
        pd.DataFrame({"k": [2., 1], "w": [3., 4]})),
    "empty right": (
        pd.DataFrame({"k": [2., 1], "w": [3., 4]}),
        pd.DataFrame({"k": np.array([], float), "v": np.array([], float)})),
    "many to many": (random_left, random_right),
}


def merge(left, right, on, how):
    """pandas documents sorted keys for outer joins and the left frame's order for inner ones, and
    does both since 2.2. Before, outer needed sort=True, and inner grouped rows of equal keys; a left
    join without its lonely rows gives inner in every version. Before 2.0, an empty left frame moved
    the key behind its other columns."""
    if how == "inner":
        joined = pd.merge(left, right, on=on, how="left", indicator="_from")
        joined = joined[joined["_from"] == "both"].drop(columns="_from")
    else:
        joined = pd.merge(left, right, on=on, how=how, sort=how == "outer")
    if left.empty:
        joined = joined[[*left.columns, *(name for name in right.columns if name != on)]]
    return joined


def number(value):
    value = float(value)
    if value != value:
        return "nan"
    return {float("inf"): "inf", float("-inf"): "-inf"}.get(value, repr(value))


def frame(table):
    columns = []
    for name in table.columns:
        if table[name].dtype == object:
            cells = ", ".join('"' + ("" if v != v else v) + '"' for v in table[name])
            columns.append(f'{{"{name}", texts{{{cells}}}}}')
        else:
            columns.append(f'{{"{name}", numbers{{{", ".join(map(number, table[name]))}}}}}')
    return "frame{" + ", ".join(columns) + "}"


with open("merge.hpp", "w") as out:
    out.write(f"// SPDX-License-Identifier: BSD-3-Clause\n//\n"
              f"// Made by make_merge.py with pandas {pd.__version__}.\n#pragma once\n\n"
              "#include <limits>\n#include <string>\n#include <vector>\n\n"
              '#include <xrnn/data/merge.hpp>\n\nnamespace reference {\n\n'
              "inline constexpr double nan = std::numeric_limits<double>::quiet_NaN(),\n                        inf = std::numeric_limits<double>::infinity();\n\n"
              "struct merge_case {\n    std::string name, on;\n    xrnn::data::frame left, right, "
              "inner, left_join, right_join, outer;\n};\n\n"
              "inline std::vector<merge_case> merge_cases() {\n"
              "    using xrnn::data::frame, xrnn::data::numbers, xrnn::data::texts;\n"
              "    std::vector<merge_case> cases;\n")
    for name, (left, right) in pairs.items():
        on = "date" if "date" in left else "k"
        results = [merge(left, right, on, how) for how in ["inner", "left", "right", "outer"]]
        parts = ",\n                     ".join(map(frame, [left, right, *results]))
        out.write(f'    cases.push_back({{"{name}", "{on}",\n                     {parts}}});\n')
    out.write("    return cases;\n}\n\n} // namespace reference\n")
