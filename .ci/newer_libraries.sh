#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds and tests against the xtensor and xsimd of another Debian release. Their packages hold
# headers only; they are unpacked into a folder, nothing is installed. Without network: skipped.
#
#   newer_libraries.sh RELEASE [CMAKE_OPTION...]
set -euo pipefail
release=$1
folder=$PWD/build/ci/libraries-$release

skip() {
    echo "skipped: $1"
    exit 77
}

# apt with a configuration, lists and cache of its own: the system's stay as they are.
own_apt() {
    "$1" -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$folder/lists" \
        -o Dir::Cache="$folder/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root \
        -qq "${@:2}"
}

command -v apt-get >/dev/null || skip "no apt-get"
if [ ! -f "$folder/ready" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"/{lists,cache/archives}/partial "$folder/packages"
    # either of the two files may be missing
    mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1 || true)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
        "${mirror:-http://deb.debian.org/debian} $release main" >"$folder/sources.list"
    own_apt apt-get update || skip "cannot reach the packages of $release"
    (cd "$folder/packages" && own_apt apt-get download libxtensor-dev libxsimd-dev xtl-dev) ||
        skip "cannot download the packages of $release"
    for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    touch "$folder/ready"
fi
(cd "$folder/packages" && printf '%s\n' ./*.deb)

bash .ci/build.sh "$release" release -DCMAKE_PREFIX_PATH="$folder/root/usr" \
    -DCMAKE_CXX_FLAGS_RELEASE=-O1 "${@:2}"

# The build must have used the unpacked headers and not the system's.
grep -qF -e "-isystem $folder/root/usr/include" "build/ci/$release/compile_commands.json"
