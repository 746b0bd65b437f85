// SPDX-License-Identifier: BSD-3-Clause
#include "run_model.hpp"

namespace stock_index {

std::vector<experiment> gru_experiments() {
    return experiments_of(gru_models());
}

} // namespace stock_index
