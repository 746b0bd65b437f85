# SPDX-License-Identifier: BSD-3-Clause
"""Writes random.hpp: numbers of numpy.random.RandomState (any numpy since 1.0). Run from this folder."""
import numpy as np

with open("random.hpp", "w") as out:
    out.write("// SPDX-License-Identifier: BSD-3-Clause\n"
              "//\n// Made by make_random.py from numpy.random.RandomState.\n"
              "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n#include <vector>\n\n"
              "namespace reference {\n\n"
              "struct random_case {\n    std::uint64_t seed;\n    std::vector<std::uint64_t> bits;\n"
              "    std::vector<double> uniform, normal;\n    std::vector<std::size_t> permutation;\n"
              "    std::uint32_t hash1000; // of permutation(1000)\n};\n\n"
              "/// Each list starts from a fresh state.\n"
              "inline std::vector<random_case> random_cases() {\n    return {\n")
    for seed in [0, 1, 22, 42, 2**31, 2**32 - 1]:
        state = lambda: np.random.RandomState(seed)
        values = lambda v: "{" + ", ".join(v) + "}"
        hash_ = 2166136261
        for index in state().permutation(1000):
            hash_ = (hash_ ^ int(index)) * 16777619 % 2**32
        bits = state().randint(0, 2**32, 4, dtype=np.uint32)
        out.write(f"        {{{seed}U,\n         {values(str(v) + 'U' for v in bits)},\n"
                  f"         {values(repr(float(v)) for v in state().random_sample(5))},\n"
                  f"         {values(repr(float(v)) for v in state().standard_normal(7))},\n"
                  f"         {values(map(str, state().permutation(17)))},\n"
                  f"         {hash_}U}},\n")
    out.write("    };\n}\n\n} // namespace reference\n")
