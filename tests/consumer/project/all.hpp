// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <xrnn/data/scaling.hpp>
#include <xrnn/io/safetensors.hpp>
