#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every program of the project goes through clang with warnings as errors, all templates made but no
# code: that is a sixth of the time. What clang makes of the code runs in the check `sanitizers`.
set -euo pipefail
. cmake/bootstrap.sh

build=build/ci/clang
cmake --preset clang -B "$build" -DXRNN_WERROR=ON
cmake --build "$build" --target xrnn_test_headers # precompiled, what the tests read first

export build
check() { # FOLDER COMMAND FILE
    (cd "$1" && bash -c "$2 -fsyntax-only") || {
        echo "$3 does not pass clang"
        return 1
    }
}
export -f check
python3 - "$build/compile_commands.json" <<'END' |
import json
import sys

entries = json.load(open(sys.argv[1], encoding="utf-8"))
assert len(entries) > 100, f"only {len(entries)} files to check"
for entry in entries:
    if "cmake_pch" in entry["file"]: # made above; again it would come out on the screen
        continue
    print(entry["directory"], entry["command"], entry["file"], sep="\0", end="\0")
END
    xargs -0 -n 3 -P "$(jobs)" bash -c 'check "$@"' check
