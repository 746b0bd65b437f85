#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The curves of a training, drawn from its event files by draw_events.py.
#
#   tensorboard_curves.sh LOG_DIR PICTURE.svg TAG...    the tags that must be there
#
# Returns 77, skipped, where there is no protoc, python3 or gnuplot.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for program in protoc python3 gnuplot; do
    command -v $program >/dev/null || {
        echo "skipped: no $program"
        exit 77
    }
done
curves=$(python3 "$here/draw_events.py" "$1" "$2")
echo "$curves"
for tag in "${@:3}"; do
    grep -q "^train $tag " <<<"$curves" || {
        echo "no curve of $tag"
        exit 1
    }
    grep -q ">$tag<" "$2" || {
        echo "$tag is not in the picture"
        exit 1
    }
done
