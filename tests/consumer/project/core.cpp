// SPDX-License-Identifier: BSD-3-Clause
// Without xrnn::io: needs no JSON library.
#include <xrnn/data/scaling.hpp>

int main() {
    xt::xtensor<double, 2> const values{{1.0}, {3.0}};
    return xrnn::data::min_max_scaler{}.fit_transform(values)(1, 0) == 1.0 ? 0 : 1;
}
