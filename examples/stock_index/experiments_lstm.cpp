// SPDX-License-Identifier: BSD-3-Clause
#include "run_model.hpp"

namespace stock_index {

std::vector<experiment> lstm_experiments() {
    return experiments_of(lstm_models());
}

} // namespace stock_index
