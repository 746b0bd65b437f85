// SPDX-License-Identifier: BSD-3-Clause
//
// All of xrnn but its file formats (xrnn/io/*.hpp, which need nlohmann-json), batches from a second
// thread (xrnn/data/prefetch.hpp) and several processes (xrnn/mpi.hpp), in reading order.
#pragma once

#include <xrnn/fwd.hpp>
#include <xrnn/version.hpp>

// the words that a cell is written in, and the cells
#include <xrnn/activations.hpp>
#include <xrnn/cells/dense.hpp>
#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>
#include <xrnn/cells/simple_rnn.hpp>
#include <xrnn/gates.hpp>

// layers and models
#include <xrnn/layers/bidirectional.hpp>
#include <xrnn/layers/dense.hpp>
#include <xrnn/layers/dropout.hpp>
#include <xrnn/layers/input.hpp>
#include <xrnn/layers/layer_normalization.hpp>
#include <xrnn/layers/masking.hpp>
#include <xrnn/layers/recurrent.hpp>
#include <xrnn/layers/recurrent_variants.hpp>
#include <xrnn/layers/stacked.hpp>
#include <xrnn/models/packed.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/models/sequential.hpp>
#include <xrnn/models/states.hpp>
#include <xrnn/models/stream.hpp>
#include <xrnn/models/summary.hpp>
#include <xrnn/models/trace.hpp>
#include <xrnn/regularizers.hpp>

// training
#include <xrnn/training/callbacks.hpp>
#include <xrnn/training/gradient_check.hpp>
#include <xrnn/training/losses.hpp>
#include <xrnn/training/metrics.hpp>
#include <xrnn/training/optimizers.hpp>
#include <xrnn/training/schedules.hpp>
#include <xrnn/training/trace_gradients.hpp>
#include <xrnn/training/trainer.hpp>

// data
#include <xrnn/data/cross_validation.hpp>
#include <xrnn/data/csv.hpp>
#include <xrnn/data/frame.hpp>
#include <xrnn/data/merge.hpp>
#include <xrnn/data/scaling.hpp>
#include <xrnn/data/split.hpp>
#include <xrnn/data/timeseries.hpp>
#include <xrnn/data/timeseries_dataset.hpp>
#include <xrnn/data/write_csv.hpp>
