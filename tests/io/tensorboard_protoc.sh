#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What event_writer writes is read by another program: check_events.py with protoc. The same check must
# refuse a file in which one bit changed, and one with another value than was written.
#
#   tensorboard_protoc.sh WRITER    (the program of tensorboard_writer.cpp)
#
# Returns 77, skipped, where there is no protoc or python3.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for program in protoc python3; do
    command -v $program >/dev/null || {
        echo "skipped: no $program"
        exit 77
    }
done
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"$1" "$folder/logs" >"$folder/expected"
file=$(ls "$folder"/logs/events.out.tfevents.*)
check() { python3 "$here/check_events.py" "$@"; }
check "$file" "$folder/expected"

refused() { # what, file, expected, words of the reason
    if check "$2" "$3" >"$folder/output" 2>&1; then
        echo "the check does not see $1"
        exit 1
    fi
    grep -q "$4" "$folder/output" || {
        echo "the check refuses $1 for another reason:"
        cat "$folder/output"
        exit 1
    }
}
cp "$file" "$folder/changed"
printf '\x80' | dd of="$folder/changed" bs=1 seek=60 conv=notrunc status=none
refused "a changed byte" "$folder/changed" "$folder/expected" checksum
sed 's/ 127 / 126 /' "$folder/expected" >"$folder/other"
refused "another step" "$file" "$folder/other" "protoc found"
