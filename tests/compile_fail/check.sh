#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Compiles one bad program and judges the compiler's answer.
#
#   check.sh FILE.cpp COMPILER [OPTION...]
#
# FILE says what it expects:
#   // expect: REGEX          it must not compile, and the first line that says "error" must match
#                             REGEX (grep -E); several such comments: each of them
#   // expect-line: REGEX     any line of the diagnostics must match
#   // expect-success         it must compile: the control that shows the rest to be right
#   // most-lines: N          instead of 15 lines of diagnostics, where the compiler has to tell the
#                             way to a line within a function template of the user's
# A failure must not take more.
set -u
export LC_ALL=C.UTF-8
file=$1
shift
most_lines=$(sed -n 's|^ *// most-lines: *||p' "$file")
most_lines=${most_lines:-15}

fail() {
    echo "FAIL: $1"
    echo "--- $file, compiled with: $command"
    echo "$output"
    exit 1
}

command="$* -fsyntax-only"
output=$("$@" -fsyntax-only "$file" 2>&1)
status=$?

mapfile -t first < <(sed -n 's|^ *// expect: *||p' "$file")
mapfile -t any < <(sed -n 's|^ *// expect-line: *||p' "$file")

if grep -q '^ *// expect-success' "$file"; then
    [ $status -eq 0 ] || fail "it does not compile"
    [ -z "$output" ] || fail "it compiles with warnings"
    exit 0
fi
[ ${#first[@]} -gt 0 ] || fail "no expectation: the file has no '// expect: REGEX'"
[ $status -ne 0 ] || fail "it compiles, but was expected not to"

error=$(grep -m 1 ': error: ' <<<"$output") # not a type's name
for regex in "${first[@]}"; do
    grep -qE -e "$regex" <<<"$error" || fail "the first error does not match '$regex': $error"
done
for regex in ${any[@]+"${any[@]}"}; do
    grep -qE -e "$regex" <<<"$output" || fail "no line of the diagnostics matches '$regex'"
done
lines=$(wc -l <<<"$output")
[ "$lines" -le "$most_lines" ] ||
    fail "$lines lines of diagnostics, but at most $most_lines are allowed"
echo "$error"
