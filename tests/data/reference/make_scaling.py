# SPDX-License-Identifier: BSD-3-Clause
"""Writes scaling.hpp: what scikit-learn's scalers return. Run from this folder."""
import warnings

import numpy as np
import sklearn
from sklearn.preprocessing import MinMaxScaler, StandardScaler

warnings.simplefilter("ignore")  # a column of NaN alone
rng = np.random.RandomState(5)
rows = 19
x = np.column_stack([
    rng.standard_normal(rows),
    rng.uniform(1e9, 1e12, rows),
    np.full(rows, 0.1),                      # constant
    np.full(rows, 1e15) + np.arange(rows) * 1e-3,  # constant but for rounding
    np.where(np.arange(rows) % 5 == 2, np.nan, rng.standard_normal(rows) * 1e-6),
    np.full(rows, np.nan),
    np.where(np.arange(rows) == 7, 3.25, np.nan),  # one value
    1e-15 * rng.uniform(size=rows),          # a range below ten epsilon
    -rng.randint(0, 9, rows).astype(float),
    np.linspace(20210523, 20220601, rows),
])
other = x[::-1] * 1.5 + 0.25  # data the scaler has not seen


def text(values):
    return ", ".join("nan" if v != v else repr(float(v)) for v in np.ravel(values))


def array(out, name, values):
    out.write(f"inline std::vector<double> {name}() {{\n    return {{{text(values)}}};\n}}\n\n")


with open("scaling.hpp", "w") as out:
    out.write(f"// SPDX-License-Identifier: BSD-3-Clause\n//\n"
              f"// Made by make_scaling.py with scikit-learn {sklearn.__version__}: arrays of "
              f"{rows} rows, {x.shape[1]} columns, row-major.\n"
              "#pragma once\n\n#include <cstddef>\n#include <limits>\n#include <vector>\n\n"
              "namespace reference {\n\n"
              "inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();\n"
              f"inline constexpr std::size_t rows = {rows}, columns = {x.shape[1]};\n\n")
    array(out, "x", x)
    array(out, "other", other)
    for name, scaler in [("min_max", MinMaxScaler()), ("min_max_range", MinMaxScaler((-2.5, 3))),
                         ("standard", StandardScaler())]:
        array(out, name + "_fitted", scaler.fit_transform(x))
        array(out, name + "_other", scaler.transform(other))
        array(out, name + "_inverse", scaler.inverse_transform(scaler.transform(x)))
        array(out, name + "_scale", scaler.scale_)
    array(out, "standard_mean", scaler.mean_)
    array(out, "standard_variance", scaler.var_)
    out.write("} // namespace reference\n")
