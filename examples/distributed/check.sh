#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs the example as a test does: two and three processes end where one does; a process that is killed
# ends the training with a checkpoint and a message, and the training that goes on from it ends where
# it would have.
#
#   check.sh PROGRAM
set -euo pipefail
program=$1
if ! command -v mpirun >/dev/null; then
    echo "skipped: no mpirun"
    exit 77
fi
# A container's user is root and has fewer cores than processes.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# The largest difference from the weights of one process, as the program prints it, is at most 1e-12.
near() {
    awk '/^weights: at most/ { found = 1; near = $4 <= 1e-12 } END { exit !(found && near) }'
}

for processes in 1 2 3; do
    mpirun -np "$processes" "$program" --epochs 2 --rows 130 | tee out
    near <out
done
# the check can fail
if echo "weights: at most 1e-3 from those of one process" | near; then
    echo "the check sees no difference"
    exit 1
fi

if mpirun -np 2 "$program" --rows 128 --kill 5 >out 2>&1; then
    echo "a run that has lost a process succeeded"
    exit 1
fi
grep "distributed: MPI: .*another process was lost.*; saved epoch 3, step 5 to 'lost_process.safetensors'" out
mpirun -np 2 "$program" --rows 128 --resume | tee out
near <out
