#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Checks what the headers include. The library is built in floors; an include points downward, or
# sideways within one folder.
#
#   includes.sh FOLDER    (the include/xrnn folder)
#
# Prints every break of a rule and returns 1 if there was any.
set -euo pipefail
export LC_ALL=C
cd "$1"

# The floors from the ground up, in the words of docs/design: top-level headers by name, folders with
# a slash. Headers on one line share a floor.
floors='version.hpp config.hpp errors.hpp fwd.hpp
concepts.hpp layout.hpp threads.hpp
simd/
random.hpp
tensor/
activations.hpp initializers.hpp regularizers.hpp gates.hpp
cells/
layers/
models/
training/
io/
data/
mpi.hpp
xrnn.hpp'

declare -A floor_of=() includes=()
number=0
while read -r line; do
    for item in $line; do floor_of[$item]=$number; done
    number=$((number + 1))
done <<<"$floors"

# The one or two headers that may include each outside library.
declare -A seam=([xsimd]='^simd/batch\.hpp$' [xtensor]='^tensor/tensor\.hpp$' [nlohmann]='^io/' [mpi]='^mpi\.hpp$')

problems=0
problem() {
    echo "$1"
    problems=$((problems + 1))
}

place_of() { # the key of floor_of for a header: its first folder, or its own name
    case $1 in
    */*) echo "${1%%/*}/" ;;
    *) echo "$1" ;;
    esac
}

check_own_include() { # from to
    local from to from_floor to_floor
    [ -f "$2" ] || problem "$1 includes xrnn/$2, which does not exist"
    from=$(place_of "$1") to=$(place_of "$2")
    from_floor=${floor_of[$from]:-} to_floor=${floor_of[$to]:-}
    if [ -n "$from_floor" ] && [ -n "$to_floor" ] && [ "$to_floor" -gt "$from_floor" ]; then
        problem "$1 includes xrnn/$2, which lies on a higher floor"
    fi
}

check_outside_include() { # from name
    local library=${2%%/*} allowed
    library=${library%.hpp}
    allowed=${seam[$library]:-}
    if [ -n "$allowed" ] && ! [[ $1 =~ $allowed ]]; then
        problem "$1 includes <$2>, which only $allowed may"
    fi
}

closure_of() { # all headers that a header reaches, itself included
    local queue=("$1") header next
    declare -A seen=([$1]=1)
    while [ ${#queue[@]} -gt 0 ]; do
        header=${queue[0]}
        queue=("${queue[@]:1}")
        echo "$header"
        for next in ${includes[$header]:-}; do
            [ -n "${seen[$next]:-}" ] || queue+=("$next")
            seen[$next]=1
        done
    done
}

headers=$(find . -name '*.hpp' -printf '%P\n' | sort)
[ -n "$headers" ] || problem "no header in $PWD"
for header in $headers; do
    [ -n "${floor_of[$(place_of "$header")]:-}" ] ||
        problem "$header: its folder has no floor; give it one in ${BASH_SOURCE[0]##*/}"
    head -n 1 "$header" | grep -q '^// SPDX-License-Identifier: BSD-3-Clause$' ||
        problem "$header does not begin with its SPDX line"
    grep -q '^#pragma once$' "$header" || problem "$header lacks #pragma once"
    includes[$header]=
    while read -r name; do
        case $name in
        '') ;;
        xrnn/*)
            includes[$header]+=" ${name#xrnn/}"
            check_own_include "$header" "${name#xrnn/}"
            ;;
        ./* | ../*) problem "$header includes $name: write the path from xrnn/ on" ;;
        *) check_outside_include "$header" "$name" ;;
        esac
    done < <(sed -nE 's/^ *# *include *[<"]([^">]+)[">].*/\1/p' "$header")
done

# Headers that include each other in a ring compile in one order only by luck.
rings=$(for header in $headers; do
    for next in ${includes[$header]}; do echo "$header $next"; done
done | { tsort 2>&1 >/dev/null || true; } | sed -n 's/^tsort: //p' | tr '\n' ' ')
[ -z "$rings" ] || problem "headers include each other in a ring: $rings"

# A program that only runs a model step by step must not pay for compiling xtensor.
if [ -f models/stream.hpp ]; then
    for header in $(closure_of models/stream.hpp); do
        case $header in
        tensor/* | data/* | training/* | io/*)
            problem "models/stream.hpp reaches $header: it must do without xtensor"
            ;;
        esac
    done
fi

[ $problems -eq 0 ] || exit 1
echo "$(wc -w <<<"$headers") headers in order"
