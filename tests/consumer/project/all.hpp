// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <xrnn/io/model_file.hpp>
#include <xrnn/xrnn.hpp>
