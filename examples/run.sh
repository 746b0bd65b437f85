#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the stock index example and runs it on the bundled data: first main.cpp, which reads like
# the document, then the study, which writes a report. Installs what is missing (Debian). Works from
# any folder.
#
#   bash examples/run.sh [STUDY_OPTION...]    e.g. bash examples/run.sh --seeds 50
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. cmake/bootstrap.sh

install_packages "${build_packages[@]}" gnuplot-nox
cmake --preset release
cmake --build --preset release --parallel "$(jobs)" --target stock_index stock_index_study

mkdir -p report
programs=$PWD/build/release/examples/stock_index
(cd report && "$programs/stock_index") # leaves its page of pictures where it runs
"$programs/stock_index_study" --report report "$@"
echo
echo "One page of curves: $PWD/report/stock_index.html"
echo "The study's report: $PWD/report/report.html"
