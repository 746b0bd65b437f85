// SPDX-License-Identifier: BSD-3-Clause
#include "all.hpp"

int other();
int other() {
    xt::xtensor<double, 2> const values{{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}};
    return static_cast<int>(xrnn::data::min_max_scaler{}.fit_transform(values).shape(0));
}
