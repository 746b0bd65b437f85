# SPDX-License-Identifier: BSD-3-Clause
"""Writes csv.hpp: random CSV texts and the fields that Python's csv module finds in them. Run from
this folder."""
import csv
import io
import json

import random

rng = random.Random(3)
pieces = ["a", "7", ".", " ", ",", ";", "\n", "\r\n", '"', "é", "نماد", "😀", "-1e5", "x y"]


def literal(text):
    return json.dumps(text, ensure_ascii=False)


cases = []
while len(cases) < 60:
    width, height = rng.randint(1, 4), rng.randint(0, 4)
    header = [f"c{i}" + rng.choice(pieces) for i in range(width)]
    body = [["t" + "".join(rng.choices(pieces, k=rng.randint(0, 5))) for _ in range(width)]
            for _ in range(height)]
    out = io.StringIO()
    csv.writer(out, quoting=rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
               lineterminator=rng.choice(["\n", "\r\n"])).writerows([header, *body])
    text = out.getvalue()
    if rng.random() < 0.5:
        text = text.rstrip("\r\n")  # no line break behind the last row
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert found == [header, *body] or any(f[-1].endswith("\n") for f in found)
    cases.append((text, found))

with open("csv.hpp", "w") as out:
    out.write("// SPDX-License-Identifier: BSD-3-Clause\n//\n"
              "// Made by make_csv.py with Python's csv module.\n#pragma once\n\n#include <string>\n"
              "#include <vector>\n\nnamespace reference {\n\nstruct csv_case {\n"
              "    std::string text;\n    std::vector<std::vector<std::string>> records;\n};\n\n"
              "inline std::vector<csv_case> csv_cases() {\n    std::vector<csv_case> cases;\n")
    for text, found in cases:
        records = ", ".join("{" + ", ".join("std::string(" + literal(f) + ")" for f in r) + "}"
                            for r in found)
        out.write(f"    cases.push_back({{{literal(text)}, {{{records}}}}});\n")
    out.write("    return cases;\n}\n\n} // namespace reference\n")
