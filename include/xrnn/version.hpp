// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place that states the version; CMake reads it from here.
#define XRNN_VERSION_MAJOR 0
#define XRNN_VERSION_MINOR 1
#define XRNN_VERSION_PATCH 0
