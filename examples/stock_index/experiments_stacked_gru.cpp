// SPDX-License-Identifier: BSD-3-Clause
#include "run_model.hpp"

namespace stock_index {

std::vector<experiment> stacked_gru_experiments() {
    return experiments_of(stacked_gru_models());
}

} // namespace stock_index
