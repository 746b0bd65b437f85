// SPDX-License-Identifier: BSD-3-Clause
#include "experiment.hpp"

#include <iterator>

namespace stock_index {

fit_data take_parts(dataset const& from, data::row_indices const& fitted) {
    return {data::take(from.x, fitted),          data::take(from.x, from.split.test),
            data::take(from.x, from.split.val),  data::take(from.y, fitted),
            data::take(from.y, from.split.test), data::take(from.y, from.split.val)};
}

double share_of_ones(xt::xtensor<float, 1> const& labels) {
    double ones = 0;
    for (float const label : labels) {
        ones += label > 0.5F ? 1 : 0;
    }
    return ones / static_cast<double>(labels.size());
}

std::vector<experiment> all_experiments() {
    std::vector<experiment> all;
    for (auto* family :
         {lstm_experiments, gru_experiments, stacked_lstm_experiments, stacked_gru_experiments}) {
        auto part = family();
        std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
}

} // namespace stock_index
