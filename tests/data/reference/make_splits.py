# SPDX-License-Identifier: BSD-3-Clause
"""Writes splits.hpp: what scikit-learn's train_test_split returns. Run from this folder."""
import sklearn
from sklearn.model_selection import train_test_split


def fnv(indices):
    """FNV-1a over whole indices, so that order counts."""
    value = 2166136261
    for index in indices:
        value = (value ^ index) * 16777619 % 2**32
    return value


def size(value):
    return "{}" if value is None else repr(value)


sizes = [(0.3, None), (0.33, None), (None, None), (1, None), (None, 0.6), (None, 2), (0.25, 0.5),
         (2, 3), (0.1, 7), (3, 0.5), (0.999, None), (0.5, 0.5), (None, 0.99)]
counts = [2, 3, 5, 10, 23, 69, 100, 227, 228, 1000, 65537]
rows, errors = [], []
for n in counts:
    for test, train in sizes:
        for seed in [0, 22, 4294967295]:
            for shuffle in [True, False] if seed == 22 else [True]:
                try:
                    parts = train_test_split(range(n), test_size=test, train_size=train,
                                             random_state=seed if shuffle else None,
                                             shuffle=shuffle)
                    rows.append((n, test, train, seed, shuffle, *parts))
                except ValueError:
                    errors.append((n, test, train, seed, shuffle))
for n, test, train in [(0, 0.5, None), (1, 0.5, None), (1, None, None), (10, 0.0, None), (10, 1.0, None),
                       (10, -0.1, None), (10, 1.5, None), (10, 0, None), (10, 10, None),
                       (10, -1, None), (10, 11, None), (10, None, 0.05), (10, None, 1.0),
                       (10, None, 10), (10, 0.6, 0.6), (10, 6, 6), (10, 0.5, 6),
                       (10, float("nan"), None)]:
    try:
        parts = train_test_split(range(n), test_size=test, train_size=train, random_state=0)
        raise SystemExit(f"no error: {n} {test} {train} {parts}")
    except ValueError:
        errors.append((n, test if test == test else None, train, 0, True)) if test == test else None

with open("splits.hpp", "w") as out:
    out.write(f"// SPDX-License-Identifier: BSD-3-Clause\n//\n"
              f"// Made by make_splits.py with scikit-learn {sklearn.__version__}.\n#pragma once\n\n"
              "#include <cstddef>\n#include <cstdint>\n#include <vector>\n\n"
              '#include <xrnn/data/split.hpp>\n\nnamespace reference {\n\n'
              "/// A hash is FNV-1a (32 bits) over the indices in their order.\n"
              "struct split_case {\n    std::size_t n;\n    xrnn::data::part_size test, train;\n"
              "    std::uint64_t seed;\n    bool shuffle;\n    std::size_t n_train, n_test;\n"
              "    std::uint32_t train_hash, test_hash;\n};\n\n"
              "inline std::vector<split_case> split_cases() {\n    return {\n")
    for n, test, train, seed, shuffle, a, b in rows:
        out.write(f"        {{{n}, {size(test)}, {size(train)}, {seed}U, {str(shuffle).lower()}, "
                  f"{len(a)}, {len(b)}, {fnv(a)}U, {fnv(b)}U}},\n")
    out.write("    };\n}\n\n/// Arguments that scikit-learn refuses.\n"
              "inline std::vector<split_case> split_errors() {\n    return {\n")
    for n, test, train, seed, shuffle in errors:
        out.write(f"        {{{n}, {size(test)}, {size(train)}, {seed}U, {str(shuffle).lower()}, "
                  "0, 0, 0, 0},\n")
    out.write("    };\n}\n\n/// train_test_split(range(23), test_size=0.3, random_state=22).\n")
    a, b = train_test_split(range(23), test_size=0.3, random_state=22)
    out.write(f"inline std::vector<std::size_t> train23() {{ return {{{', '.join(map(str, a))}}}; }}\n")
    out.write(f"inline std::vector<std::size_t> test23() {{ return {{{', '.join(map(str, b))}}}; }}\n")
    out.write("\n} // namespace reference\n")
print(len(rows), "splits", len(errors), "errors")
