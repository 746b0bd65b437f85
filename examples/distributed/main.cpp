// SPDX-License-Identifier: BSD-3-Clause
//
// The same training by one process and by several, and what they cost.
//
//     mpirun -np 2 distributed [--epochs N] [--units 256] [--kill STEP] [--checkpoint FILE] [--resume]
//
// Process 0 trains the model first by itself, then all of them train a copy together, with the same
// batches. It prints how far the weights of the two end apart, the time of a step and of its sum over
// all processes, and what these say of more processes.
#include "study.hpp"

int main(int argc, char** argv) {
    xrnn::mpi_session const session(&argc, &argv);
    try {
        auto const options = distributed::read_options(argc, argv);
        distributed::study(options);
        return 0;
    } catch (xrnn::error const& e) {
        std::fprintf(stderr, "distributed: %s\n", e.what());
        return 1;
    }
}
