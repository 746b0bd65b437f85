#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every C++ file is as clang-format leaves it; generated reference values may be as they come.
# (Compares the text: --dry-run of version 14 reports replacements that change nothing.)
set -uo pipefail
status=0
while IFS= read -r -d '' file; do
    clang-format "$file" | diff -u --label "$file" --label "$file, formatted" "$file" - || status=1
done < <(find include tests examples benchmarks -name '*.[ch]pp' -not -path '*/reference/*' -print0)
exit $status
