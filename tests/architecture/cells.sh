#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A cell is its equations and nothing else: prints how long each is, and checks that layers and
# training know no cell.
#
#   cells.sh FOLDER [HEADER...]    (the include/xrnn folder; further headers with a cell to measure)
#
# Prints every break of the rule and returns 1 if there was any.
set -euo pipefail
export LC_ALL=C
further=("${@:2}")
for k in "${!further[@]}"; do further[k]=$(realpath "${further[k]}"); done
cd "$1"

# Where a cell becomes a layer with a name.
aliases='layers/recurrent.hpp layers/recurrent_variants.hpp layers/dense.hpp'
# A name that stands for any layer, where a program is wrong and nothing else shall fail.
allowed='layers/bidirectional.hpp:simple_rnn'

problems=0
problem() {
    echo "$1"
    problems=$((problems + 1))
}

# Of each struct that is a cell: its lines and those in the bodies of its functions `next`, without
# comments and empty lines.
lengths_of() { # header
    awk '
        { sub(/[ \t]*\/\/.*/, "") }
        /^[ \t]*$/ { next }
        /^struct [a-z0-9_]*_cell/ { cell = $2; lines = equations = 0 }
        cell != "" {
            ++lines
            text = $0
            opened = gsub(/{/, "{", text)
            closed = gsub(/}/, "}", text)
            if (text ~ /static auto next\(/)
                signature = 1
            if (signature && opened > 0) {
                signature = 0
                if (opened == closed)
                    ++equations
                else
                    depth = opened - closed
            } else if (depth > 0) {
                depth += opened - closed
                if (depth > 0)
                    ++equations
            }
            if ($0 ~ /^};/) {
                print cell, lines, equations
                cell = ""
            }
        }' "$1"
}

headers=$(find cells -name '*.hpp' | sort)
[ -n "$headers" ] || problem "no cell in $PWD/cells"
printf '%-24s %8s %8s %10s\n' '' header cell equations
for header in $headers ${further[@]+"${further[@]}"}; do
    found=$(lengths_of "$header")
    [ -n "$found" ] || problem "${header##*/}: no struct whose name ends in _cell"
    while read -r cell lines equations; do
        [ "$equations" -gt 0 ] || problem "${header##*/}: $cell has no equations"
        printf '%-24s %8d %8d %10d\n' "$cell" "$(wc -l <"$header")" "$lines" "$equations"
    done <<<"$found"
done

# The code of a header: no comments, no text in quotes.
code_of() {
    sed -E 's|//.*||; s|"([^"\\]\|\\.)*"|""|g' "$1"
}

names=$(for header in $headers; do basename "$header" .hpp; done | paste -sd'|')
for header in $(find layers training -name '*.hpp' 2>/dev/null | sort); do
    [[ " $aliases " == *" $header "* ]] && continue
    while IFS=: read -r line name; do
        [ -n "$name" ] || continue
        [[ " $allowed " == *" $header:$name "* ]] ||
            problem "$header:$line: $name: layers and training know no cell by its name"
    done < <(code_of "$header" | grep -noE "\b($names)(_cell)?\b" || true)
done

[ $problems -eq 0 ] || exit 1
echo 'layers and training know no cell'
