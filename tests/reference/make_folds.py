#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes folds.hpp: what scikit-learn's KFold and TimeSeriesSplit give.

    python3 make_folds.py
"""
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import KFold, TimeSeriesSplit


def numbers(values):
    return "{" + ", ".join(str(int(v)) for v in values) + "}"


def main():
    text = (
        "// SPDX-License-Identifier: BSD-3-Clause\n//\n"
        f"// Written by make_folds.py with scikit-learn {sklearn.__version__}; not to be edited.\n"
        "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n#include <vector>\n\n"
        "namespace folds_reference {\n\nusing rows = std::vector<std::size_t>;\n"
        "struct fold {\n    rows train, test;\n};\n"
        "struct k_fold_case {\n    std::size_t n, n_splits;\n    bool shuffle;\n"
        "    std::uint64_t random_state;\n    std::vector<fold> folds;\n};\n"
        "inline std::vector<k_fold_case> const k_fold{\n")
    for n, k, shuffle, seed in [(2, 2, False, 0), (7, 3, False, 0), (10, 5, False, 0), (11, 4, True, 0),
                                (23, 5, True, 22), (5, 5, True, 7)]:
        folds = KFold(k, shuffle=shuffle, random_state=seed if shuffle else None).split(np.zeros(n))
        text += f"{{{n}, {k}, {str(shuffle).lower()}, {seed}, {{"
        text += ", ".join(f"{{{numbers(a)}, {numbers(b)}}}" for a, b in folds) + "}},\n"
    text += ("};\nstruct time_series_case {\n    std::size_t n, n_splits, max_train_size, test_size, gap;\n"
             "    std::vector<fold> folds;\n};\n"
             "inline std::vector<time_series_case> const time_series{\n")
    for n, k, most, test, gap in [(6, 5, 0, 0, 0), (3, 2, 0, 0, 0), (17, 3, 0, 0, 0), (17, 3, 4, 0, 0),
                                  (20, 4, 0, 3, 2), (20, 4, 5, 2, 9), (12, 2, 0, 5, 1)]:
        folds = TimeSeriesSplit(k, max_train_size=most or None, test_size=test or None,
                                gap=gap).split(np.zeros(n))
        text += f"{{{n}, {k}, {most}, {test}, {gap}, {{"
        text += ", ".join(f"{{{numbers(a)}, {numbers(b)}}}" for a, b in folds) + "}},\n"
    text += "};\n\n} // namespace folds_reference\n"
    (Path(__file__).parent / "folds.hpp").write_text(text)


if __name__ == "__main__":
    main()
